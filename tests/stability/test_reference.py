"""How far the reference's own functions and losses are off, and what NaN and infinities give."""

import math

import numpy as np
import pytest

import reference_mlp as r
from reference_mlp import functions
from reference_mlp._sums import accurate_sum
from reference_mlp.testing.stability import breaches, check_stability, inputs, measure
from reference_mlp.testing.stability.measure import call
from reference_mlp.testing.stability.parts import gradients, values

DTYPES = [np.float16, np.float32, np.float64]
UNARY = ["sigmoid", "sigmoid_derivative", "softplus", "log_sigmoid", "tanh", "tanh_derivative"]
ROWS = ["softmax", "log_softmax"]
LOSSES = {
    "cross_entropy": r.SoftmaxCrossEntropy(),
    "binary_cross_entropy": r.SigmoidBinaryCrossEntropy(),
    "squared_error": r.SquaredError(),
}


@pytest.mark.parametrize("name", [*UNARY, *ROWS])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_narrow_results_are_rounded_correctly_but_for_ties(name, dtype):
    # Computed in float64, whose own error of some 1e-9 ULP shows only where two are as near.
    assert measure(getattr(functions, name), name, dtype=dtype).maximum <= 0.5 + 1e-6


@pytest.mark.parametrize("name", UNARY)
def test_elementwise_functions_of_float64_are_within_two_ulps(name):
    assert measure(getattr(functions, name), name).maximum <= 2


@pytest.mark.parametrize("width", [3.0, 0.1, 1e-3])
def test_tanh_of_float64_is_rounded_correctly_but_for_near_ties(width):
    x = np.random.default_rng(0).uniform(-width, width, 200_000)
    found = measure(functions.tanh, "tanh", arguments=(x,))
    assert found.maximum <= 0.55
    assert (found.ulps <= 0.501).mean() > 0.99  # NumPy's: 0.87 for the widest


def test_tanh_where_two_entries_of_its_table_meet():
    places = np.arange(-1281, 1282, 2) / 64
    x = np.ravel(places[:, None] + np.arange(-3, 4) * np.spacing(np.abs(places))[:, None])
    assert measure(functions.tanh, "tanh", arguments=(x,)).maximum <= 0.55
    np.testing.assert_array_equal(functions.tanh(-x), -functions.tanh(x))
    assert np.signbit(functions.tanh(np.array([-0.0])))


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128, np.longdouble])
def test_tanh_keeps_other_dtypes(dtype):
    z = np.array([0.5, -3, 40]).astype(dtype)
    got = functions.tanh(z)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, np.tanh(z), rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", ROWS)
def test_softmax_and_its_logarithm_of_ten_logits_are_within_four_ulps(name):
    assert measure(getattr(functions, name), name).maximum <= 4


def test_logsumexp_is_as_good_as_its_condition_number():
    for dtype in DTYPES:
        found = measure(functions.logsumexp, "logsumexp", dtype=dtype)
        assert (found.ulps <= 2 * (1 + found.condition)).all()


def test_logsumexp_about_0_has_the_digits_that_its_exponentials_have():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(300, 10))
    z -= np.log(np.exp(z).sum(axis=1, keepdims=True))
    found = measure(functions.logsumexp, "logsumexp", arguments=(z,))
    off = np.abs(found.got - found.exact)
    # Half a unit of each exponential, and they add up to 1; the logarithm's own unit is 4e-16.
    assert off.max() <= 2.0**-53
    assert off.mean() <= 2e-17


def test_accurate_sums_lose_nothing():
    rng = np.random.default_rng(0)
    v = rng.normal(size=1000) * 10 ** rng.uniform(-8, 8, 1000)
    v = rng.permutation(np.concatenate([v, -v[:999]]))
    assert accurate_sum(v) == pytest.approx(math.fsum(v), rel=1e-12)
    assert abs(v.sum() - math.fsum(v)) > 1e-3 * abs(math.fsum(v))
    rows = accurate_sum(v.reshape(1, -1), axis=1)
    assert rows.shape == (1, 1)
    assert np.isnan(accurate_sum(np.array([np.nan, 1])))
    assert accurate_sum(np.array([np.inf, 1])) == np.inf


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_and_gradients_of_a_row_keep_their_relative_accuracy(name, dtype):
    z = inputs.rows(dtype, n=200)[::2]
    for function, like in ((values, name), (gradients, f"{name}_gradient")):
        targets = {
            "cross_entropy": inputs.labels,
            "binary_cross_entropy": inputs.binary_targets,
            "squared_error": inputs.real_targets,
        }[name](z)
        found = measure(function(LOSSES[name]), like, dtype=dtype, arguments=(z, targets))
        # Ten terms and their sum; nothing is excused by a floor or by a condition number.
        assert found.maximum <= 6


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*UNARY, *ROWS, "logsumexp"])
def test_no_finite_input_raises_a_warning(name, dtype):
    z = inputs.numbers(dtype) if name in UNARY else inputs.rows(dtype, n=50)
    got, raised = call(getattr(functions, name), (z,))
    assert raised is None
    assert got.dtype == dtype
    assert not np.isnan(got).any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", LOSSES)
def test_no_finite_logits_of_a_loss_raise_a_warning(name, dtype):
    z = inputs.rows(dtype, n=0)
    y = inputs.labels(z) if name == "cross_entropy" else inputs.binary_targets(z)
    for function in (LOSSES[name].value, LOSSES[name].gradient):
        got, raised = call(function, (z, y))
        assert raised is None
        assert not np.isnan(got).any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*UNARY, *ROWS, "logsumexp"])
def test_nan_and_infinities(name, dtype):
    assert list(breaches(getattr(functions, name), name, dtype=dtype)) == []


@pytest.mark.parametrize("name", LOSSES)
def test_nan_logits_give_a_nan_loss_and_a_nan_gradient(name):
    z = np.array([[0.0, np.nan, 1.0], [0.0, 1.0, 2.0]])
    y = np.array([0, 1]) if name == "cross_entropy" else np.array([[0.0, 1, 0], [0, 1, 0]])
    assert np.isnan(LOSSES[name].value(z, y))
    gradient = LOSSES[name].gradient(z, y)
    assert np.isnan(gradient[0, 1])
    assert np.isfinite(gradient[1]).all()


def test_infinite_logits_have_their_limits_as_losses():
    inf = np.inf
    entropy, binary = LOSSES["cross_entropy"], LOSSES["binary_cross_entropy"]
    assert entropy.value(np.array([[inf, 0.0]]), np.array([0])) == 0
    assert entropy.value(np.array([[inf, 0.0]]), np.array([1])) == inf
    np.testing.assert_array_equal(
        entropy.gradient(np.array([[inf, 0.0]]), np.array([1])), [[1, -1]]
    )
    z = np.array([[inf, -inf]])
    assert binary.value(z, np.array([[1, 0]])) == 0
    assert binary.value(z, np.array([[0, 0]])) == inf
    np.testing.assert_array_equal(binary.gradient(z, np.array([[0, 1]])), [[1, -1]])


def test_a_confident_right_answer_keeps_its_loss_and_gradient():
    # e^-50 is lost beside 1, and is all that there is to the loss.
    z, y = np.array([[50.0, 0.0]]), np.array([0])
    assert LOSSES["cross_entropy"].value(z, y) == pytest.approx(np.exp(-50), rel=1e-15)
    expected = np.exp(-50) * np.array([[-1, 1]])
    np.testing.assert_allclose(LOSSES["cross_entropy"].gradient(z, y), expected, rtol=1e-15)
    z, y = np.array([[50.0]]), np.array([[1.0]])
    assert LOSSES["binary_cross_entropy"].value(z, y) == pytest.approx(np.exp(-50), rel=1e-15)
    got = LOSSES["binary_cross_entropy"].gradient(z, y)
    np.testing.assert_allclose(got, [[-np.exp(-50)]], rtol=1e-15)


def test_binary_cross_entropy_of_fractions_does_not_cancel():
    # For a target just below 1, z - y z is 2^-20 z; as a difference it would have half the digits.
    y = np.array([[1 - 2.0**-20]])
    got = LOSSES["binary_cross_entropy"].value(np.array([[700.1]]), y)
    assert got == pytest.approx(700.1 * 2.0**-20, rel=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_squares_that_overflow_in_a_sum_that_does_not(dtype):
    root = np.sqrt(np.finfo(dtype).max)
    z = np.full((8, 1), 1.2 * root, dtype)
    expected = 0.72 * float(root) ** 2
    got, raised = call(r.SquaredError().value, (z, np.zeros((8, 1), dtype)))
    assert got == pytest.approx(expected, rel=1e-6)
    assert raised is None
    got, raised = call(lambda W: r.L2Penalty(1e-6).value({"W": W}), (z,))
    assert got == pytest.approx(8e-6 * expected, rel=1e-6)
    assert raised is None
    assert got.dtype == dtype


def test_the_squared_error_does_not_depend_on_the_order_of_its_rows():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(1000, 1)) * 10 ** rng.uniform(-3, 3, (1000, 1))
    losses = {r.SquaredError().value(z[rng.permutation(1000)], np.zeros((1000, 1))) for _ in "1234"}
    assert losses == {0.0005 * math.fsum((z * z).ravel())}


def test_a_mean_of_losses_whose_sum_overflows():
    z = np.full((4, 2), 1e308) * [1, 0]
    for loss, y in (
        (LOSSES["cross_entropy"], np.full(4, 1)),
        (LOSSES["binary_cross_entropy"], np.zeros((4, 2))),
    ):
        got, raised = call(loss.value, (z, y))
        assert got == pytest.approx(1e308)
        assert raised is None


@pytest.mark.parametrize("name", [*UNARY, *ROWS, "logsumexp"])
def test_the_complex_step_gives_derivatives_to_the_last_digits(name):
    z = np.array([[0.3, -40.0, 700.5, 700.5]])
    function, h = getattr(functions, name), 1e-150
    for j in range(z.shape[1]):
        direction = np.eye(z.shape[1])[j]
        got = function(z + 1j * h * direction).imag / h
        p = functions.softmax(z)
        expected = {
            "sigmoid": functions.sigmoid(z) * functions.sigmoid(-z) * direction,
            "softplus": functions.sigmoid(z) * direction,
            "log_sigmoid": functions.sigmoid(-z) * direction,
            "tanh": 4 * functions.sigmoid(2 * z) * functions.sigmoid(-2 * z) * direction,
            "sigmoid_derivative": -functions.sigmoid_derivative(z)
            * functions.tanh(z / 2)
            * direction,
            "tanh_derivative": -2 * functions.tanh_derivative(z) * functions.tanh(z) * direction,
            "softmax": p * (direction - p[:, j : j + 1]),
            "log_softmax": direction - p[:, j : j + 1],
            "logsumexp": p[:, j : j + 1],
        }[name]
        np.testing.assert_allclose(got, expected, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("name", [*UNARY, *ROWS, "logsumexp"])
def test_the_reference_is_stable_by_its_own_check(name):
    assert check_stability(getattr(functions, name), like=name, dtypes=(np.float64,)).stable


@pytest.mark.parametrize("width", [1000, 1_000_000])
def test_long_rows(width):
    z = np.random.default_rng(0).normal(0, 10, (1, width))
    for name in (*ROWS, "logsumexp"):
        found = measure(getattr(functions, name), name, arguments=(z,))
        # Pairwise sums err by log2(width) half units at most; naive ones by half of width.
        assert found.maximum <= 4 + np.log2(width) / 2
