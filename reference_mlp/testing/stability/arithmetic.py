"""The arithmetic that oracles are written in: longdouble where it is wide enough, or mpmath.

A formula is written once, in the words of an `Arithmetic`, and is evaluated in either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array

GUARD_BITS = 10
"""How many more bits than the result an oracle carries: its own error is then about 2^-9 ULP."""


@dataclass(frozen=True)
class Arithmetic:
    """Numbers of some precision in arrays, and the functions that formulas are made of.

    `difference` returns a - b and what its rounding lost.
    """

    name: str
    of: Callable[[Array], Array]
    exp: Callable[[Array], Array]
    expm1: Callable[[Array], Array]
    log: Callable[[Array], Array]
    log1p: Callable[[Array], Array]
    tanh: Callable[[Array], Array]
    difference: Callable[[Array, Array], tuple[Array, Array]]


def arithmetic_for(dtype: DTypeLike) -> Arithmetic:
    """Return the fastest arithmetic that is wide enough for results of `dtype`.

    >>> arithmetic_for(np.float32).name
    'float64'
    """
    bits = np.finfo(dtype).nmant + GUARD_BITS
    for wide in (np.float64, np.longdouble):
        if np.finfo(wide).nmant >= bits:
            return in_numpy(wide)
    return in_mpmath()


@cache
def in_numpy(wide: type[np.floating[Any]]) -> Arithmetic:
    """Return the arithmetic of a NumPy dtype."""
    return Arithmetic(
        name=np.dtype(wide).name,
        of=lambda x: np.asarray(x).astype(wide),
        exp=np.exp,
        expm1=np.expm1,
        log=np.log,
        log1p=np.log1p,
        tanh=np.tanh,
        difference=two_difference,
    )


@cache
def in_mpmath(bits: int = 160) -> Arithmetic:
    """Return the arithmetic of mpmath with `bits` bits, in arrays of objects; slow and sure."""
    # Here, not above: it takes longer to import than the rest, and few platforms need it.
    import mpmath  # type: ignore[import-untyped]  # publishes no types

    mp = mpmath.mp.clone()
    mp.prec = bits

    def entrywise(function: Callable[[Any], Any]) -> Callable[[Array], Array]:
        vectorised: Callable[[Array], Array] = np.frompyfunc(function, 1, 1)
        return vectorised

    return Arithmetic(
        name=f"mpmath, {bits} bits",
        of=entrywise(lambda x: mp.mpf(float(x))),
        exp=entrywise(mp.exp),
        expm1=entrywise(mp.expm1),
        log=entrywise(mp.log),
        log1p=entrywise(mp.log1p),
        tanh=entrywise(mp.tanh),
        difference=lambda a, b: (a - b, a * 0),
    )


def two_difference(a: Array, b: Array) -> tuple[Array, Array]:
    """Return a - b as rounded, and exactly what the rounding lost (Knuth's two-sum).

    Raises no floating-point warning; where the difference overflows, nothing counts as lost.

    >>> two_difference(np.array([1.0]), np.array([1e-20]))
    (array([1.]), array([-1.e-20]))
    """
    with np.errstate(over="ignore", invalid="ignore"):
        d = a - b
        b_part = d - a
        lost = (a - (d - b_part)) - (b + b_part)
    return d, np.where(np.isfinite(lost), lost, 0)


def split(exact: Array) -> tuple[Array, Array | float]:
    """Return a result as floats and what these lack, for `ulp_error`."""
    if exact.dtype != object:
        return exact, 0.0
    high = exact.astype(np.float64)
    finite = np.isfinite(high)
    rest = np.where(finite, exact, 0) - np.where(finite, high, 0)
    return high, rest.astype(np.float64)
