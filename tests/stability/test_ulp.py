"""Units in the last place, at the places where counting them goes wrong."""

from fractions import Fraction

import numpy as np
import pytest

from reference_mlp.testing.stability import distance, ulp, ulp_error
from reference_mlp.testing.stability.inputs import edges, every
from reference_mlp.testing.stability.ulp import from_ordinal, ordinal

DTYPES = [np.float16, np.float32, np.float64]


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_ulp_is_the_gap_to_the_next_larger_number(dtype):
    x = np.abs(edges(dtype))
    x = x[x < np.finfo(dtype).max]
    gap = np.nextafter(x, dtype(np.inf)).astype(np.longdouble) - x
    np.testing.assert_array_equal(ulp(x.astype(np.longdouble), dtype), gap)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_neighbour_is_one_ulp_off(dtype):
    x = edges(dtype)
    x = x[np.abs(x) < np.finfo(dtype).max]
    away = np.nextafter(x, np.copysign(dtype(np.inf), x))
    np.testing.assert_array_equal(ulp_error(away, x.astype(np.longdouble)), 1)
    np.testing.assert_array_equal(ulp_error(x, x.astype(np.longdouble)), 0)


def test_error_against_exact_fractions():
    rng = np.random.default_rng(0)
    exact = rng.normal(size=200) * 10.0 ** rng.integers(-5, 5, 200)
    got = exact.astype(np.float32)
    for g, e, off in zip(got, exact, ulp_error(got, exact), strict=True):
        unit = Fraction(float(np.spacing(np.float32(abs(e)))))
        # Where the two lie in one binade the gap is the same on either side.
        if unit == Fraction(float(np.spacing(np.abs(g)))):
            assert off == float(abs(Fraction(float(g)) - Fraction(float(e))) / unit)
    assert ulp_error(got, exact).max() <= 0.5


def test_what_the_oracle_lacks_counts():
    assert ulp_error(np.array([1.0]), np.array([1.0]), np.array([2.0**-53])) == [0.5]


@pytest.mark.parametrize("dtype", DTYPES)
def test_infinity_is_right_where_the_exact_number_rounds_to_it(dtype):
    info = np.finfo(dtype)
    largest, half = np.longdouble(info.max), np.longdouble(2.0) ** (info.maxexp - info.nmant - 2)
    inf = np.array([np.inf], dtype)
    assert ulp_error(inf, np.array([largest + half])) == 0
    assert ulp_error(inf, np.array([largest + half * 0.99])) == pytest.approx(0.505, rel=1e-3)
    assert ulp_error(inf, np.array([largest])) == 1
    assert ulp_error(-inf, np.array([largest * 2])) > 1e3
    assert ulp_error(np.array([info.max]), np.array([largest + half])) == 0.5


def test_nan_is_right_only_for_nan():
    nan, one = np.array([np.nan]), np.array([1.0])
    assert ulp_error(nan, nan) == 0
    assert ulp_error(nan, one) == np.inf
    assert ulp_error(one, nan) == np.inf


def test_zeros_and_subnormals():
    tiny = 5e-324
    got, exact = np.array([0.0, -0.0, tiny, 0.0]), np.array([-0.0, 0.0, 0.0, 3 * tiny])
    np.testing.assert_array_equal(ulp_error(got, exact), [0, 0, 1, 3])


@pytest.mark.parametrize("dtype", DTYPES)
def test_ordinals_count_all_floats(dtype):
    x = edges(dtype)[:-1]
    np.testing.assert_array_equal(from_ordinal(ordinal(x), dtype), x)
    assert (np.diff(ordinal(x)) > 0).all()
    up = np.nextafter(x, dtype(np.inf))
    np.testing.assert_array_equal(distance(x, up), 1)


def test_distances():
    assert distance(np.float64([-0.0]), np.float64([0.0])) == [0]
    assert distance(np.float64([-5e-324]), np.float64([5e-324])) == [2]
    ends = np.finfo(np.float64).min, np.finfo(np.float64).max
    assert int(distance(*map(np.float64, ends))) == 2 * 0x7FEFFFFFFFFFFFFF
    assert distance(np.float32([np.finfo(np.float32).max]), np.float32([np.inf])) == [1]
    with pytest.raises(ValueError, match="NaN"):
        distance(np.array([np.nan]), np.array([1.0]))
    with pytest.raises(TypeError, match="float32 and float64"):
        distance(np.float32([1]), np.float64([1]))


def test_every_float16_is_there_once():
    x = every(np.float16)
    assert len(np.unique(x.view(np.int16))) == len(x) == 63487
    assert (np.diff(x.astype(float)) > 0).all()
    assert x[0] == -65504
    assert x[-1] == 65504
