"""Functions in units in the last place, over inputs chosen to hurt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from reference_mlp._arrays import FLOAT_DTYPES, Array
from reference_mlp.layers import Activation
from reference_mlp.losses import Loss
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.stability import Measurement, measure
from reference_mlp.testing.stability.parts import (
    activation_functions,
    loss_functions,
    quick_arguments,
)


@check("ULP")
def softmax_ulps(at: Setting, softmax: Callable[[Array], Array]) -> Iterator[Evidence]:
    """Softmax to the last digits that its condition number allows, at every gap of the logits."""
    yield from _judge([("softmax", softmax)])


@check("ULA")
def activation_ulps(
    at: Setting, activations: Mapping[str, Callable[[], Activation]]
) -> Iterator[Evidence]:
    """Sigmoid and tanh to the last digits, over every binade."""
    yield from _judge(activation_functions(activations))


@check("ULL")
def loss_ulps(at: Setting, losses: Mapping[str, Loss]) -> Iterator[Evidence]:
    """Losses and gradients of a row, to the last digits that their condition numbers allow."""
    yield from _judge(loss_functions(losses))


def _judge(functions: Iterable[tuple[str, Callable[..., Any]]]) -> Iterator[Evidence]:
    for name, function in functions:
        for dtype in FLOAT_DTYPES:
            arguments = quick_arguments(name, dtype)
            yield _evidence(measure(function, name, dtype=dtype, arguments=arguments))


def _evidence(found: Measurement) -> Evidence:
    at, subject = found.worst, found.subject
    z = found.arguments[0][at[0]]
    shown = f"{z!r}" if np.ndim(z) == 0 else f"({', '.join(f'{v:.6g}' for v in z)})"
    where = f"{subject.name} of {found.dtype} at z = {shown}"
    text = (
        f"{float(found.got[at]):.9g}, expected {float(found.exact[at]):.9g}: off by "
        f"{found.ulps[at]:.3g} ULP, condition number {found.condition[at]:.3g}; {where}"
    )
    return Evidence(float(found.excess[at]), subject.tolerance, where, text)
