"""What NaN and infinities give: NaN for NaN, and for an infinity the limit where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp.testing.stability.measure import call
from reference_mlp.testing.stability.subjects import SUBJECTS, Subject

NAN, INF = float("nan"), float("inf")

_ELEMENTWISE: Mapping[str, tuple[float, float]] = {
    "sigmoid": (0, 1),
    "sigmoid_derivative": (0, 0),
    "softplus": (0, INF),
    "log_sigmoid": (-INF, 0),
    "log_sigmoid_derivative": (1, 0),
    "tanh": (-1, 1),
    "tanh_derivative": (0, 0),
}
"""The limits of each function towards minus infinity and infinity."""

_ROWS: Mapping[str, list[tuple[list[float], list[float]]]] = {
    "softmax": [
        ([NAN, 0, 1], [NAN, NAN, NAN]),
        ([0, 0, -INF], [0.5, 0.5, 0]),  # a class that is masked out
        ([0, INF, 1], [0, 1, 0]),
        ([INF, INF, 0], [NAN, NAN, NAN]),  # the limit depends on the way there
        ([-INF, -INF, -INF], [NAN, NAN, NAN]),
    ],
    "log_softmax": [
        ([NAN, 0, 1], [NAN, NAN, NAN]),
        ([0, -INF, -INF], [0, -INF, -INF]),
        ([0, INF, 1], [-INF, 0, -INF]),
        ([INF, INF, 0], [NAN, NAN, NAN]),
        ([-INF, -INF, -INF], [NAN, NAN, NAN]),
    ],
    "logsumexp": [
        ([NAN, 0, 1], [NAN]),
        ([INF, NAN, 1], [NAN]),
        ([0, -INF, -INF], [0]),
        ([0, INF, 1], [INF]),
        ([INF, INF, 0], [INF]),
        ([-INF, -INF, -INF], [-INF]),
    ],
}


def breaches(
    function: Callable[..., Any],
    like: str | Subject,
    *,
    dtype: DTypeLike = np.float64,
    nan_only: bool = False,
) -> Iterator[str]:
    """Yield a sentence for each NaN or infinity at which `function` has another result.

    Losses are only asked for NaN at NaN. With `nan_only` all functions are.

    >>> list(breaches(lambda z: np.fmax(z, 0), "softplus"))
    ['at nan: 0.0, expected nan']
    """
    subject = like if isinstance(like, Subject) else SUBJECTS[like]
    for z, expected in _cases(subject):
        if nan_only and not np.isnan(z).any():
            continue
        row = np.array([z], dtype) if subject.kind != "elementwise" else np.array(z, dtype)
        arguments = (row,) if subject.targets is None else (row, subject.targets(row))
        got, _ = call(function, arguments)
        if not np.array_equal(np.ravel(got), np.array(expected, dtype), equal_nan=True):
            shown = [", ".join(f"{v}" for v in np.ravel(part)) for part in (z, got, expected)]
            yield f"at {shown[0]}: {shown[1]}, expected {shown[2]}"


def _cases(subject: Subject) -> Iterator[tuple[list[float], list[float]]]:
    if subject.kind == "elementwise":
        low, high = _ELEMENTWISE[subject.name]
        yield [NAN], [NAN]
        yield [-INF], [low]
        yield [INF], [high]
    elif subject.kind == "rows":
        yield from _ROWS[subject.name]
    elif subject.kind == "loss":
        yield [NAN, 0, 1], [NAN]
