"""Where a function first goes wrong along a path, found by bisection to one ULP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.stability.inputs import THRESHOLDS
from reference_mlp.testing.stability.measure import Measurement, call, judge, measure
from reference_mlp.testing.stability.subjects import SUBJECTS, Subject
from reference_mlp.testing.stability.ulp import from_ordinal, ordinal


@dataclass(frozen=True)
class Path:
    """A way from a harmless input to a harmful one, along a number t >= 0."""

    text: str
    arguments: Callable[[Array], tuple[Array, ...]]


@dataclass(frozen=True)
class Failure:
    """The smallest t at which a function goes wrong: at the float below it, it is still right.

    `measurement` is that of the single input at `t`; `why` says in what way it is wrong.
    """

    subject: str
    path: str
    dtype: str
    t: float
    why: str
    measurement: Measurement

    def __str__(self) -> str:
        """Return one sentence: where, and what came out."""
        return (
            f"{self.subject} of {self.dtype}, {self.path}: wrong from t = {self.t!r} on, {self.why}"
        )


def _row(*columns: Array | float) -> Array:
    t = next(c for c in columns if isinstance(c, np.ndarray))
    # + 0.0 turns -0.0, which prints badly, into 0.0
    return np.array([np.broadcast_to(c, t.shape) for c in columns], t.dtype).T.reshape(1, -1) + 0


def _label(y: int) -> Array:
    return np.array([y])


PATHS: Mapping[str, tuple[Path, ...]] = MappingProxyType(
    {
        "elementwise": (
            Path("z = t", lambda t: (t,)),
            Path("z = -t", lambda t: (-t,)),
        ),
        "rows": (
            Path("z = (0, t, 0)", lambda t: (_row(0.0, t, 0.0),)),
            Path("z = (0, -t, 0)", lambda t: (_row(0.0, -t, 0.0),)),
            Path("z = (-t, -t, -t)", lambda t: (_row(-t, -t, -t),)),
            Path(
                "two rows, z = (0, 0, 0) and (t, t, t)",
                lambda t: (np.concatenate([np.zeros((1, 3), t.dtype), _row(t, t, t)]),),
            ),
        ),
        "loss": (
            Path("z = (0, t, 0), y = 0", lambda t: (_row(0.0, t, 0.0), _label(0))),
            Path("z = (0, t, 0), y = 1", lambda t: (_row(0.0, t, 0.0), _label(1))),
        ),
        "binary": (
            Path("z = t, y = 0", lambda t: (_row(t), np.zeros((1, 1), t.dtype))),
            Path("z = t, y = 1", lambda t: (_row(t), np.ones((1, 1), t.dtype))),
            Path("z = -t, y = 1", lambda t: (_row(-t), np.ones((1, 1), t.dtype))),
        ),
        "real": (Path("z = t, y = 0", lambda t: (_row(t), np.zeros((1, 1), t.dtype))),),
    }
)
"""The paths along which each kind of function is followed."""


def paths_of(subject: Subject) -> tuple[Path, ...]:
    """Return the paths for a function: by its kind, and of a loss by its targets."""
    if subject.name.startswith("binary"):
        return PATHS["binary"]
    if subject.name.startswith("squared"):
        return PATHS["real"]
    return PATHS[subject.kind.removesuffix(" gradient")]


def first_failure(
    function: Callable[..., Any],
    like: str | Subject,
    *,
    dtype: DTypeLike = np.float64,
    path: Path | None = None,
    warnings_count: bool = True,
) -> Failure | None:
    """Return where `function` first goes wrong as an implementation of `like`, or None.

    Wrong is off by more than the tolerance (see `Subject`), or, if `warnings_count`, a
    floating-point warning for a finite input. t rises along `path`, or along each of the paths of
    the function's kind in turn, on a grid of numbers of `dtype`, and the interval from the last
    right to the first wrong number is halved until they are neighbours: so t is exact where wrong
    inputs follow upon right ones once, and where they alternate it is one such place.

    >>> def naive(z):
    ...     e = np.exp(z)
    ...     return e / e.sum(axis=1, keepdims=True)
    >>> print(first_failure(naive, "softmax", dtype=np.float32, path=PATHS["rows"][0]))
    softmax of float32, z = (0, t, 0): wrong from t = 88.72283935546875 on, nan instead of 1
    """
    subject = like if isinstance(like, Subject) else SUBJECTS[like]
    found = [
        failure
        for way in ((path,) if path is not None else paths_of(subject))
        if (failure := _along(function, subject, np.dtype(dtype), way, warnings_count))
    ]
    return min(found, key=lambda failure: failure.t, default=None)


def _along(
    function: Callable[..., Any], subject: Subject, dtype: np.dtype[Any], path: Path, warned: bool
) -> Failure | None:
    def at(place: int) -> tuple[Array, Measurement, str | None]:
        t = from_ordinal(np.array([place]), dtype)
        found = measure(function, subject, dtype=dtype, arguments=path.arguments(t))
        return t, found, _why(found, warned)

    grid = _grid(dtype)
    bad = _bad_along(function, subject, dtype, path, warned, grid)
    if not bad.any():
        return None
    first = int(bad.argmax())
    wrong = int(ordinal(grid[first]))
    right = int(ordinal(grid[first - 1])) if first else None
    while right is not None and wrong - right > 1:
        middle = (right + wrong) // 2
        right, wrong = (right, middle) if at(middle)[2] else (middle, wrong)
    t, found, why = at(wrong)
    return Failure(subject.name, path.text, dtype.name, float(t[0]), str(why), found)


def _bad_along(
    function: Callable[..., Any],
    subject: Subject,
    dtype: np.dtype[Any],
    path: Path,
    warned: bool,
    grid: Array,
) -> Array:
    """Say of each t of `grid` whether the function is wrong there."""
    found, raised = _measured_along(function, subject, path, grid)
    bad = (found.excess.reshape(len(grid), -1) > subject.tolerance).any(axis=1)
    if warned:
        bad = bad | ((grid <= np.finfo(dtype).max / 4) & raised)
    return np.asarray(bad)


def _measured_along(
    function: Callable[..., Any], subject: Subject, path: Path, t: Array
) -> tuple[Measurement, Array]:
    """Return all results, and at which t there was a warning: one call a t, one judgement."""
    each = [path.arguments(t[i : i + 1]) for i in range(len(t))]
    results = [call(function, arguments) for arguments in each]
    together = tuple(np.concatenate(column) for column in zip(*each, strict=True))
    found = judge(subject, t.dtype, together, np.concatenate([got for got, _ in results]))
    return found, np.array([raised is not None for _, raised in results])


def errors_along(function: Callable[..., Any], like: str, path: Path, t: Array) -> Array:
    """Return the largest error in ULPs at each t of `path`, as an array of the shape of `t`.

    `t` has shape (n,), and its dtype is that of the arguments.

    >>> from reference_mlp import softmax
    >>> errors_along(softmax, "softmax", PATHS["rows"][0], np.float32([0, 1000])) <= 0.5
    array([ True,  True])
    """
    found, _ = _measured_along(function, SUBJECTS[like], path, t)
    return np.asarray(found.ulps.reshape(len(t), -1).max(axis=1))


def _why(found: Measurement, warned: bool) -> str | None:
    """Say in what way a measurement is wrong, or return None if it isn't."""
    if not found.stable:
        got, exact = float(found.got[found.worst]), float(found.exact[found.worst])
        off = found.ulps[found.worst]
        return f"{got:.6g} instead of {exact:.6g}" + (
            f" ({off:.3g} ULP)" if np.isfinite(off) else ""
        )
    return found.raised if warned else None


def _grid(dtype: np.dtype[Any]) -> Array:
    """Return numbers from 1e-4 to the largest: 40 a decade where it matters, and thresholds."""
    top = float(np.finfo(dtype).max)
    fine = 10 ** np.arange(-4, 4, 1 / 40)
    coarse = 10.0 ** np.arange(4, np.log10(top), 8)
    beyond = np.array(THRESHOLDS) * (1 + 1e-3)
    t = np.unique(np.concatenate([[0.0], fine, coarse, beyond, [top / 2, top]]))
    return np.unique(t[t <= top].astype(dtype))
