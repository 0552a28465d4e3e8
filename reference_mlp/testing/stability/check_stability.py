"""`check_stability`: whether a function is as accurate as its condition number lets it be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.stability.measure import measure
from reference_mlp.testing.stability.report import Precision, StabilityReport
from reference_mlp.testing.stability.specials import breaches
from reference_mlp.testing.stability.subjects import SUBJECTS
from reference_mlp.testing.stability.threshold import first_failure


def check_stability(
    function: Callable[..., Any],
    *,
    like: str,
    dtypes: tuple[DTypeLike, ...] = (np.float32, np.float64),
) -> StabilityReport:
    """Return how far `function` is off, in ULPs, over inputs chosen to hurt.

    `like` names what it should be, such as "softmax" or "cross_entropy_gradient"; all names are
    in `SUBJECTS`. Elementwise functions are called with z (n,), those of rows with z (N, K), and
    losses with z and targets: integer labels (N,), or numbers (N, K). They return the shape of z,
    (N, 1) for "logsumexp", and of a loss the value of each row, (N,), or its gradient.

    Flagged is an error that the condition number doesn't excuse, a floating-point warning for a
    finite input, and a NaN that does not stay NaN. The function may not change its arguments'
    dtype. Raises ValueError for an unknown name or a result of another shape, and TypeError for a
    result of another dtype.

    >>> def my_softmax(z):
    ...     e = np.exp(z)
    ...     return e / e.sum(axis=1, keepdims=True)
    >>> report = check_stability(my_softmax, like="softmax", dtypes=(np.float64,))
    >>> report.stable
    False
    >>> report.findings[-1]
    'float64: a finite input raises the warning: overflow encountered in exp'
    """
    if like not in SUBJECTS:
        msg = f"like is {like!r}, expected one of {', '.join(SUBJECTS)}"
        raise ValueError(msg)
    return StabilityReport(like, tuple(precision_of(function, like, dtype) for dtype in dtypes))


def precision_of(
    function: Callable[..., Any],
    like: str,
    dtype: DTypeLike,
    arguments: tuple[Array, ...] | None = None,
) -> Precision:
    """Return how `function` does in one dtype, over `arguments` or else those of the subject."""
    measurement = measure(function, like, dtype=dtype, arguments=arguments)
    failure = None
    if not measurement.stable or measurement.raised:
        failure = first_failure(function, like, dtype=dtype)
    return Precision(
        measurement=measurement,
        failure=failure,
        breaches=tuple(breaches(function, like, dtype=dtype, nan_only=True)),
    )
