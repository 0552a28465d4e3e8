"""What can be measured: for each function its oracle, condition number and inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.stability import conditioning, inputs, oracles
from reference_mlp.testing.stability.arithmetic import arithmetic_for, split
from reference_mlp.testing.stability.ulp import ulp

Kind = Literal["elementwise", "rows", "loss", "loss gradient"]


@dataclass(frozen=True)
class Subject:
    """A function that has an oracle.

    `kind` says what it takes: "elementwise" numbers (n,), "rows" (N, K), and a "loss" or "loss
    gradient" rows of logits with targets.

    A stable implementation may be off by `tolerance` ULPs per unit of 1 + the condition number. A
    result smaller than `floor` is judged as if it were that large: nobody asks for the last digits
    of a loss of 1e-30, or of a gradient beside others of order 1.
    """

    name: str
    kind: Kind
    oracle: oracles.Oracle
    condition: conditioning.Condition
    targets: Callable[[Array], Array] | None = None
    tolerance: float = 4.0
    floor: float = 0.0

    def arguments(self, dtype: DTypeLike) -> tuple[Array, ...]:
        """Return the inputs chosen to hurt: z, and targets where it takes them."""
        z = inputs.numbers(dtype) if self.kind == "elementwise" else inputs.rows(dtype)
        return (z,) if self.targets is None else (z, self.targets(z))

    def exact(self, dtype: DTypeLike, z: Array, *targets: Array) -> tuple[Array, Array | float]:
        """Return the results for finite `z` in a wider dtype, and what that dtype has no room for.

        `dtype` is that of the results to be judged.
        """
        m = arithmetic_for(dtype)
        with np.errstate(all="ignore"):
            return split(np.asarray(self.oracle(m, m.of(z), *targets)))

    def unit(self, dtype: DTypeLike, exact: Array) -> Array:
        """Return the ULP by which results are judged, in float64 or wider.

        Never below the smallest normal number: an implementation may flush to zero.
        """
        info = np.finfo(dtype)
        floor = max(self.floor, float(info.tiny) / float(info.eps))
        return ulp(np.maximum(np.abs(exact), floor), dtype)

    def condition_number(self, dtype: DTypeLike, z: Array, *targets: Array) -> Array:
        """Return the condition number of each result, as float64."""
        m = arithmetic_for(dtype)
        with np.errstate(all="ignore"):
            found = np.asarray(self.condition(m, m.of(z), *targets)).astype(np.float64)
        return np.asarray(np.nan_to_num(found, nan=0.0, posinf=np.inf))


def _subject(
    name: str,
    kind: Kind,
    targets: Callable[[Array], Array] | None = None,
    tolerance: float = 4.0,
    floor: float = 0.0,
) -> tuple[str, Subject]:
    oracle, condition = getattr(oracles, name), getattr(conditioning, name)
    return name, Subject(name, kind, oracle, condition, targets, tolerance, floor)


# Rows of ten: a sum of ten terms rounds nine times, hence twice the tolerance.
SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    dict(
        [
            _subject("sigmoid", "elementwise"),
            _subject("sigmoid_derivative", "elementwise", floor=1),
            _subject("softplus", "elementwise"),
            _subject("log_sigmoid", "elementwise"),
            _subject("log_sigmoid_derivative", "elementwise", floor=1),
            _subject("tanh", "elementwise"),
            _subject("tanh_derivative", "elementwise", floor=1),
            _subject("softmax", "rows", None, 8),
            _subject("log_softmax", "rows", None, 8, 1),
            _subject("logsumexp", "rows", None, 8, 1),
            _subject("cross_entropy", "loss", inputs.labels, 8, 1),
            _subject("cross_entropy_gradient", "loss gradient", inputs.labels, 8, 1),
            _subject("binary_cross_entropy", "loss", inputs.binary_targets, 8, 1),
            _subject("binary_cross_entropy_gradient", "loss gradient", inputs.binary_targets, 8, 1),
            _subject("squared_error", "loss", inputs.real_targets, 8, 1),
            _subject("squared_error_gradient", "loss gradient", inputs.real_targets, 8, 1),
        ]
    )
)
"""Every function that can be measured, by the name that `like=` takes."""
