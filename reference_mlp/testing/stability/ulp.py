"""Units in the last place: how far a float is from the number that it stands for.

One ULP at a number x is the gap between the floats of a precision around x, that is
2^(e - p + 1) for 2^e <= |x| < 2^(e + 1) and p bits of significand, and the smallest subnormal
where x is below the normal numbers (the definition of Goldberg 1991, "What every computer
scientist should know about floating-point arithmetic", section 1.2, extended to subnormals as by
Muller et al., "Handbook of Floating-Point Arithmetic", section 2.6). A result that is rounded
correctly is at most half an ULP off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array

_INTEGER = {2: np.int16, 4: np.int32, 8: np.int64}


def ulp(x: Array, dtype: DTypeLike) -> Array:
    """Return the size of one unit in the last place of `dtype` at each entry of `x`.

    `x` has any shape and a dtype at least as wide as `dtype` (float16, 32 or 64); the result has
    its shape and dtype. Beyond the largest number it is that of the largest; at NaN it is NaN.

    >>> ulp(np.array([0.0, 1.0, 1.99, 2.0]), np.float16)
    array([5.96046448e-08, 9.76562500e-04, 9.76562500e-04, 1.95312500e-03])
    """
    info = np.finfo(dtype)
    x = np.asarray(x)
    size = np.minimum(np.abs(x), x.dtype.type(info.max))
    # frexp gives |x| = m 2^e with 1/2 <= m < 1, so the binade starts at 2^(e - 1).
    exponent = np.where(size == 0, info.minexp, np.maximum(np.frexp(size)[1] - 1, info.minexp))
    unit: Array = np.ldexp(x.dtype.type(1), exponent - info.nmant)
    return np.where(np.isnan(x), x, unit)


def ulp_error(got: Array, exact: Array, rest: Array | float = 0.0) -> Array:
    """Return how many units in the last place of its dtype `got` is off, as a float64 array.

    `got` has any shape and is float16, 32 or 64; `exact` has its shape and a dtype at least as
    wide, and `rest` is what `exact` itself lacks. An infinity is right where the exact number
    rounds to it, and counts as the first power of two that is too large where it doesn't; zero
    is a number like others. NaN is right where NaN is exact; otherwise the error is infinite, as
    is that of a result of the wrong sign of infinity.

    >>> ulp_error(np.float32([1.0000001, np.inf]), np.array([1.0, 3.5e38]))
    array([1., 0.])
    """
    info = np.finfo(got.dtype)
    exact = np.asarray(exact)
    wide = np.result_type(exact.dtype, got.dtype)
    largest = wide.type(info.max)
    half = np.ldexp(wide.type(1), info.maxexp - info.nmant - 2)
    with np.errstate(invalid="ignore", over="ignore"):
        # A longdouble that float64 has no room for is infinite as far as float64 goes.
        target = np.where(np.abs(exact) - largest >= half, np.copysign(np.inf, exact), exact)
        beyond = np.ldexp(wide.type(1), info.maxexp)
        value = np.where(np.isinf(got), np.copysign(beyond, got), got.astype(wide))
        off = np.abs((value - exact.astype(wide)) - rest)
        error = off / ulp(exact.astype(wide), got.dtype)
        error = np.where(np.isinf(target) & (got == target), 0, error)
        both_nan = np.isnan(got) & np.isnan(exact)
        error = np.where(both_nan, 0, np.where(np.isnan(got) | np.isnan(exact), np.inf, error))
        return np.asarray(error, np.float64)


def ordinal(x: Array) -> Array:
    """Return the place of each float in the order of all floats of its dtype, 0 for both zeros.

    `x` has any shape and is float16, 32 or 64; the result is int64. Adjacent floats have adjacent
    ordinals, infinity follows the largest number. NaN has no place: raises ValueError.

    >>> ordinal(np.array([0.0, 5e-324, -5e-324])).tolist()
    [0, 1, -1]
    """
    x = np.asarray(x)
    if np.isnan(x).any():
        msg = "NaN has no place among the floats"
        raise ValueError(msg)
    integer = _INTEGER[x.dtype.itemsize]
    # The bits of a positive float count upwards with it; the sign is the top bit by itself.
    size = np.abs(x).view(integer).astype(np.int64)
    return np.where(np.signbit(x), -size, size)


def from_ordinal(place: Array, dtype: DTypeLike) -> Array:
    """Return the floats of `dtype` at the places that `ordinal` gives them.

    >>> from_ordinal(np.array([1, -1]), np.float64).tolist()
    [5e-324, -5e-324]
    """
    dtype = np.dtype(dtype)
    place = np.asarray(place, np.int64)
    size = np.abs(place).astype(_INTEGER[dtype.itemsize]).view(dtype)
    return np.where(place < 0, -size, size)


def distance(a: Array, b: Array) -> Array:
    """Return how many floats lie from `a` to `b`, arrays of one dtype and shape: 0 where equal.

    Raises ValueError for NaN and TypeError for two dtypes.

    >>> distance(np.float32([1.0]), np.nextafter(np.float32([1.0]), 2)).tolist()
    [1]
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != b.dtype:
        msg = f"distance of {a.dtype} and {b.dtype}, expected one dtype"
        raise TypeError(msg)
    # Unsigned: the two ends of float64 are further apart than int64 counts.
    i, j = ordinal(a), ordinal(b)
    with np.errstate(over="ignore"):  # modulo 2^64, the difference is right
        return np.maximum(i, j).astype(np.uint64) - np.minimum(i, j).astype(np.uint64)
