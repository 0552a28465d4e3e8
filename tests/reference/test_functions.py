from decimal import Decimal, localcontext

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from reference_mlp import log_softmax, logsumexp, sigmoid, softmax, softplus

relaxed = settings(max_examples=50, deadline=None)
DTYPES = [np.float32, np.float64]
EXTREMES = [-1e4, -800.0, -100.0, -40.0, -1.0, -1e-9, 0.0, 1e-9, 0.3, 1.0, 17.0, 40.0, 100.0, 1e4]


def rows(dtype, limit=200):
    """Rows of 1 to 6 logits, 1 to 4 of them."""
    shape = st.tuples(st.integers(1, 4), st.integers(1, 6))
    elements = st.floats(-limit, limit, width=np.dtype(dtype).itemsize * 8)
    return hnp.arrays(dtype, shape, elements=elements)


def exact(function, z):
    """`function` of each entry of `z`, computed with 60 decimal digits."""
    with localcontext(prec=60):
        return np.array([float(function(Decimal(float(v)))) for v in z])


def assert_within_ulps(got, wanted, ulps):
    """Each entry within so many units of its last place, or smallest normal numbers."""
    assert np.isfinite(got).all()
    info = np.finfo(got.dtype)
    error = np.abs(got.astype(np.float64) - wanted)
    bound = ulps * np.maximum(info.eps * np.abs(wanted), info.tiny)
    assert (error <= bound).all(), f"{got} instead of {wanted}"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("function", "formula"),
    [
        (sigmoid, lambda z: 1 / (1 + (-z).exp())),
        (softplus, lambda z: (1 + z.exp()).ln()),
    ],
    ids=["sigmoid", "softplus"],
)
def test_elementwise_to_the_last_digits(function, formula, dtype):
    # 60 digits of 1 + exp(z) hold no exp(z) below 1e-60, hence the two ends by themselves.
    z = np.array([v for v in EXTREMES if abs(v) <= 100], dtype)
    got = function(z)
    assert got.dtype == dtype
    assert_within_ulps(got, exact(formula, z), ulps=4)


@pytest.mark.parametrize("dtype", DTYPES)
def test_elementwise_at_the_ends(dtype):
    z = np.array([-1e4, 1e4], dtype)
    np.testing.assert_array_equal(sigmoid(z), [0, 1])
    np.testing.assert_array_equal(softplus(z), [0, 1e4])


def decimal_logsumexp(row):
    return sum((Decimal(float(v)).exp() for v in row), Decimal(0)).ln()


@relaxed
@given(st.sampled_from(DTYPES).flatmap(rows))
def test_rowwise_against_sixty_digits(z):
    eps = np.finfo(z.dtype).eps
    got = {f.__name__: f(z) for f in (logsumexp, log_softmax, softmax)}
    assert {a.dtype for a in got.values()} == {z.dtype}
    assert {name: a.shape for name, a in got.items()} == {
        "logsumexp": (len(z), 1),
        "log_softmax": z.shape,
        "softmax": z.shape,
    }
    with localcontext(prec=60):
        for i, row in enumerate(z):
            total = decimal_logsumexp(row)
            logs = [Decimal(float(v)) - total for v in row]
            spread = float(row.max() - row.min())
            # Blanchard, Higham and Higham 2021, section 4: about K + 2 roundings and an exp.
            bound = (len(row) + 6) * eps * max(1.0, spread, abs(float(total)))
            assert abs(float(Decimal(float(got["logsumexp"][i, 0])) - total)) <= bound
            for j, wanted in enumerate(logs):
                assert abs(float(Decimal(float(got["log_softmax"][i, j])) - wanted)) <= bound
                assert abs(float(got["softmax"][i, j]) - float(wanted.exp())) <= bound


@pytest.mark.parametrize("dtype", DTYPES)
def test_rowwise_as_scipy_has_it(dtype):
    z = np.random.default_rng(0).normal(0, 30, (50, 7)).astype(dtype)
    tolerance = 16 * np.finfo(dtype).eps
    np.testing.assert_allclose(softmax(z), scipy.special.softmax(z, axis=1), rtol=0, atol=tolerance)
    np.testing.assert_allclose(
        log_softmax(z), scipy.special.log_softmax(z, axis=1), rtol=tolerance, atol=tolerance
    )
    np.testing.assert_allclose(
        logsumexp(z)[:, 0], scipy.special.logsumexp(z, axis=1), rtol=tolerance
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_overflows_and_no_row_touches_another(dtype):
    z = np.array([[1e30, 0, -1e30], [-1e30, -1e30, -1e30], [1e30, 1e30, 1e30], [0, 0, 0]], dtype)
    third = np.full(3, 1 / 3)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(softmax(z), [[1, 0, 0], third, third, third], rtol=1e-6)
        assert np.isfinite(log_softmax(z)).all()
        assert np.isfinite(logsumexp(z)).all()
        np.testing.assert_array_equal(sigmoid(z[0]), [1, 0.5, 0])
        np.testing.assert_allclose(softplus(z[0]), [z[0, 0], np.log(2), 0], rtol=1e-6)


@relaxed
@given(st.sampled_from(DTYPES).flatmap(rows))
def test_softmax_rows_are_distributions(z):
    p = softmax(z)
    assert (p >= 0).all()
    assert np.abs(p.sum(axis=1) - 1).max() <= z.shape[1] * np.finfo(z.dtype).eps
    np.testing.assert_array_equal(p.max(axis=1), p[np.arange(len(z)), z.argmax(axis=1)])


@relaxed
@given(
    hnp.arrays(np.int64, (3, 4), elements=st.integers(-50, 50)),
    hnp.arrays(np.int64, (3, 1), elements=st.integers(-1000, 1000)),
    st.sampled_from(DTYPES),
)
def test_softmax_is_shift_invariant_row_by_row(z, shift, dtype):
    """Whole numbers, so that z + shift is exact and so must be the equality."""
    moved = (z + shift).astype(dtype)
    np.testing.assert_array_equal(softmax(moved), softmax(z.astype(dtype)))
    np.testing.assert_array_equal(log_softmax(moved), log_softmax(z.astype(dtype)))


@relaxed
@given(rows(np.float64, limit=700))
def test_sigmoid_is_the_softmax_of_two(z):
    pairs = np.stack([np.zeros(z.size), z.ravel()], axis=1)
    np.testing.assert_allclose(sigmoid(z).ravel(), softmax(pairs)[:, 1], rtol=4e-15)
    np.testing.assert_allclose(softplus(z).ravel(), logsumexp(pairs)[:, 0], rtol=0, atol=2e-13)


@pytest.mark.parametrize("z", [-30.0, -1.0, 0.5, 30.0])
def test_softplus_can_be_differentiated_by_the_complex_step(z):
    """By |z| in its formula the imaginary part would be lost."""
    slope = softplus(np.array([z + 1e-100j])).imag / 1e-100
    np.testing.assert_allclose(slope, sigmoid(np.array([z])), rtol=1e-14)


@pytest.mark.parametrize("function", [sigmoid, softplus, logsumexp, log_softmax, softmax])
@pytest.mark.parametrize("layout", ["C", "F", "every other column"])
def test_arguments_are_read_only(function, layout):
    z = np.random.default_rng(0).normal(size=(4, 6))
    z = {"C": z, "F": np.asfortranarray(z), "every other column": z[:, ::2]}[layout]
    plain = z.copy(order="C")
    z.flags.writeable = False
    np.testing.assert_allclose(function(z), function(plain), rtol=1e-15)
    np.testing.assert_array_equal(z, plain)
