"""The error of an implementation at every input, in units in the last place."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.stability.subjects import SUBJECTS, Subject
from reference_mlp.testing.stability.ulp import ulp, ulp_error


@dataclass(frozen=True)
class Measurement:
    """What was put in, what came out, and how many ULPs each result is off.

    `got`, `exact`, `ulps` and `condition` have one shape, that of the results; `arguments` are z,
    and the targets of a loss. `raised` is the floating-point warning of the whole call, or None;
    numbers beyond a quarter of the largest may warn.
    """

    subject: Subject
    dtype: np.dtype[Any]
    arguments: tuple[Array, ...]
    got: Array
    exact: Array
    ulps: Array
    condition: Array
    raised: str | None

    @cached_property
    def excess(self) -> Array:
        """The error as it is judged: ULPs per unit of 1 + condition number, and from the floor up.

        It is what is left that could be computed better.
        """
        units = ulp(self.exact, self.dtype) / self.subject.unit(self.dtype, self.exact)
        with np.errstate(invalid="ignore"):
            judged = self.ulps * units / (1 + self.condition)
        # A wrong NaN stays wrong however badly conditioned its place is.
        return np.where(np.isinf(self.ulps), np.inf, judged).astype(np.float64)

    @property
    def stable(self) -> bool:
        """Whether no result is off by more than the tolerance."""
        return bool((self.excess <= self.subject.tolerance).all())

    @property
    def maximum(self) -> float:
        """The largest error in ULPs; infinite for a NaN or an infinity that is wrong."""
        return float(self.ulps.max())

    @property
    def mean(self) -> float:
        """The mean error in ULPs."""
        with np.errstate(over="ignore"):
            return float(self.ulps.mean())

    @property
    def worst(self) -> tuple[int, ...]:
        """Where the error is largest for its condition number: an index of `ulps`."""
        return tuple(int(i) for i in np.unravel_index(int(self.excess.argmax()), self.ulps.shape))

    @property
    def first_failing(self) -> tuple[int, ...] | None:
        """Of the results that are off by too much, where the one of the smallest input is."""
        failing = self.excess > self.subject.tolerance
        if not failing.any():
            return None
        size = np.abs(self.arguments[0].astype(np.float64))
        if size.ndim == 2:
            size = np.broadcast_to(size.max(axis=1, keepdims=True), (len(size), failing[0].size))
        order = np.where(failing, size.reshape(failing.shape), np.inf)
        return tuple(int(i) for i in np.unravel_index(int(order.argmin()), failing.shape))

    def replay(self, at: tuple[int, ...]) -> tuple[Array, ...]:
        """Return the arguments of the result at `at`: a number as (1,), a row as (1, K)."""
        return tuple(a[at[0] : at[0] + 1] for a in self.arguments)


def measure(
    function: Callable[..., Any],
    like: str | Subject,
    *,
    dtype: DTypeLike = np.float64,
    arguments: tuple[Array, ...] | None = None,
) -> Measurement:
    """Return the errors of `function` as an implementation of `like`, one of `SUBJECTS`.

    `function` takes z (n,) if it is elementwise, or z (N, K) with targets if a loss, and returns
    what the oracle does. Without `arguments` the inputs are those of the subject. The function
    may warn but not raise; a result of another shape or of a dtype that isn't `dtype` raises
    ValueError or TypeError, an unknown name KeyError.

    >>> from reference_mlp import softplus
    >>> measure(softplus, "softplus", dtype=np.float16).maximum <= 0.5
    True
    """
    subject = like if isinstance(like, Subject) else SUBJECTS[like]
    arguments = subject.arguments(dtype) if arguments is None else arguments
    got, raised = call(function, arguments)
    if raised:
        # A difference of the two largest numbers may overflow, and say so.
        modest = _modest(arguments)
        raised = call(function, modest)[1] if len(modest[0]) else None
    return judge(subject, np.dtype(dtype), arguments, got, raised)


def judge(
    subject: Subject,
    dtype: np.dtype[Any],
    arguments: tuple[Array, ...],
    got: Array,
    raised: str | None = None,
) -> Measurement:
    """Return the errors of results that are there already; raises as `measure` does."""
    exact, rest = subject.exact(dtype, *arguments)
    if got.shape != exact.shape:
        msg = f"{subject.name} returned shape {got.shape}, expected {exact.shape}"
        raise ValueError(msg)
    if got.dtype != dtype:
        msg = f"{subject.name} returned {got.dtype} for {dtype}, expected {dtype}"
        raise TypeError(msg)
    return Measurement(
        subject=subject,
        dtype=dtype,
        arguments=arguments,
        got=got,
        exact=exact,
        ulps=ulp_error(got, exact, rest),
        condition=subject.condition_number(dtype, *arguments),
        raised=raised,
    )


def _modest(arguments: tuple[Array, ...]) -> tuple[Array, ...]:
    """Return the arguments of which a difference doesn't overflow."""
    z = arguments[0]
    size = np.abs(z) if z.ndim == 1 else np.abs(z).max(axis=1)
    return tuple(a[size <= np.finfo(z.dtype).max / 4] for a in arguments)


def call(function: Callable[..., Any], arguments: tuple[Array, ...]) -> tuple[Array, str | None]:
    """Return the results of `function` of copies, and the floating-point warning that it raised."""
    copies = tuple(np.array(a) for a in arguments)
    with (
        np.errstate(over="warn", divide="warn", invalid="warn", under="ignore"),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        got = np.asarray(function(*copies))
    raised = [str(w.message) for w in caught if issubclass(w.category, RuntimeWarning)]
    return got, raised[0] if raised else None
