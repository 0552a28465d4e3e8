from decimal import Decimal, localcontext

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_mlp import (
    LOSSES,
    L2Penalty,
    SigmoidBinaryCrossEntropy,
    SoftmaxCrossEntropy,
    SquaredError,
    one_hot,
    sigmoid,
    softmax,
)

relaxed = settings(max_examples=50, deadline=None)
DTYPES = [np.float32, np.float64]


def problem(name, n, k, seed, dtype=np.float64):
    """Logits (n, k) and targets that the loss of this name takes."""
    rng = np.random.default_rng(seed)
    z = rng.normal(0, 2, (n, k)).astype(dtype)
    y = {
        "softmax_cross_entropy": lambda: rng.integers(k, size=n),
        "sigmoid_binary_cross_entropy": lambda: rng.random((n, k)).astype(dtype),
        "squared_error": lambda: rng.normal(size=(n, k)).astype(dtype),
    }[name]()
    return z, y


def test_softmax_cross_entropy_by_hand():
    z = np.log([[1.0, 3.0], [4.0, 1.0]])
    y = np.array([1, 1])  # of probability 3/4 and 1/5
    loss = SoftmaxCrossEntropy()
    assert loss.value(z, y) == pytest.approx(-(np.log(3 / 4) + np.log(1 / 5)) / 2)
    np.testing.assert_allclose(loss.gradient(z, y), [[1 / 8, -1 / 8], [2 / 5, -2 / 5]])
    np.testing.assert_allclose(loss.probabilities(z), [[1 / 4, 3 / 4], [4 / 5, 1 / 5]])


def test_binary_cross_entropy_by_hand():
    z = np.log([[1 / 3, 4.0]])  # probabilities 1/4 and 4/5
    y = np.array([[1.0, 0.25]])
    loss = SigmoidBinaryCrossEntropy()
    wanted = -np.log(1 / 4) - 0.25 * np.log(4 / 5) - 0.75 * np.log(1 / 5)
    assert loss.value(z, y) == pytest.approx(wanted)
    np.testing.assert_allclose(loss.gradient(z, y), [[-3 / 4, 4 / 5 - 1 / 4]])
    np.testing.assert_allclose(loss.probabilities(z), [[1 / 4, 4 / 5]])


def test_squared_error_by_hand():
    z = np.array([[1.0, 2.0], [3.0, -4.0]])
    y = np.array([[0.0, 2.0], [1.0, -1.0]])
    loss = SquaredError()
    assert loss.value(z, y) == (1 + 0 + 4 + 9) / 2 / 2
    np.testing.assert_array_equal(loss.gradient(z, y), [[0.5, 0], [1, -1.5]])
    np.testing.assert_array_equal(loss.probabilities(z), z)


@pytest.mark.parametrize("k", [1, 2, 10, 1000])
def test_uniform_logits_lose_log_k(k):
    z = np.full((3, k), 7.0)
    y = np.array([0, k // 2, k - 1])
    assert SoftmaxCrossEntropy().value(z, y) == pytest.approx(np.log(k), abs=1e-14)


counts = st.integers(1, 6)
seeds = st.integers(0, 2**32)
names = st.sampled_from(sorted(LOSSES))


@relaxed
@given(names, counts, counts, seeds)
def test_gradients_against_forward_differences(name, n, k, seed):
    z, y = problem(name, n, k, seed)
    loss = LOSSES[name]
    numeric = scipy.optimize.approx_fprime(
        z.ravel(), lambda v: loss.value(v.reshape(z.shape), y), 1e-6
    )
    # h |L''| / 2 with |L''| <= 1/n, and the rounding of L over h.
    tolerance = 1e-6 + 8e-16 * max(1.0, loss.value(z, y)) / 1e-6
    np.testing.assert_allclose(loss.gradient(z, y).ravel(), numeric, rtol=0, atol=tolerance)


@relaxed
@given(names, counts, counts, seeds, st.sampled_from(DTYPES))
def test_values_and_gradients_are_means_of_the_dtype(name, n, k, seed, dtype):
    """Twice the same rows: the same value, half the gradient."""
    z, y = problem(name, n, k, seed, dtype)
    loss = LOSSES[name]
    value, gradient = loss.value(z, y), loss.gradient(z, y)
    assert value.dtype == gradient.dtype == loss.probabilities(z).dtype == dtype
    assert np.shape(value) == ()
    tolerance = 16 * np.finfo(dtype).eps
    twice = np.concatenate([z, z]), np.concatenate([y, y])
    np.testing.assert_allclose(loss.value(*twice), value, rtol=tolerance)
    wanted = np.concatenate([gradient, gradient]) / 2
    np.testing.assert_allclose(loss.gradient(*twice), wanted, rtol=tolerance, atol=tolerance)
    singly = [loss.value(z[[i]], y[[i]]) for i in range(n)]
    np.testing.assert_allclose(np.mean(singly), value, rtol=tolerance)


@relaxed
@given(counts, counts, seeds)
def test_one_hot_rows_are_as_good_as_labels(n, k, seed):
    z, y = problem("softmax_cross_entropy", n, k, seed)
    loss = SoftmaxCrossEntropy()
    for dtype in (np.float64, np.float32):
        rows = one_hot(y, k, dtype=dtype)
        assert loss.value(z, rows) == loss.value(z, y)
        np.testing.assert_array_equal(loss.gradient(z, rows), loss.gradient(z, y))
    as_ints = one_hot(y, k).astype(int)
    assert loss.value(z, as_ints) == loss.value(z, y)


@relaxed
@given(counts, counts, seeds)
def test_softmax_gradients_sum_to_zero_and_share_the_formula(n, k, seed):
    z, y = problem("softmax_cross_entropy", n, k, seed)
    gradient = SoftmaxCrossEntropy().gradient(z, y)
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-15)
    np.testing.assert_allclose(gradient, (softmax(z) - one_hot(y, k)) / n, rtol=0, atol=1e-15)


def test_softmax_cross_entropy_far_out():
    z = np.array([[0, 1e4, -1e4], [1e4, 0, -1e4]])
    y = np.array([2, 0])
    loss = SoftmaxCrossEntropy()
    with np.errstate(all="raise", under="ignore"):
        assert loss.value(z, y) == 1e4
        np.testing.assert_array_equal(loss.gradient(z, y), [[0, 0.5, -0.5], [0, 0, 0]])


@pytest.mark.parametrize("dtype", DTYPES)
def test_binary_cross_entropy_far_out(dtype):
    z = np.array([[-1e4, 1e4, -1e4, 1e4]], dtype)
    y = np.array([[0, 1, 1, 0]])
    loss = SigmoidBinaryCrossEntropy()
    with np.errstate(all="raise", under="ignore"):
        assert loss.value(z, y) == 2e4
        np.testing.assert_array_equal(loss.gradient(z, y), [[0, 0, -1, 1]])


@pytest.mark.parametrize("z", [20.0, 50.0, 100.0])
@pytest.mark.parametrize("y", [0, 1])
def test_a_confident_and_right_output_keeps_its_digits(z, y):
    """The loss is exp(-z), lost at once by softplus(z) - y z or a probability near 1."""
    logits = np.array([[z if y else -z]])
    with localcontext(prec=80):
        wanted = float((1 + (-Decimal(z)).exp()).ln())
    value = SigmoidBinaryCrossEntropy().value(logits, np.array([[y]]))
    assert value == pytest.approx(wanted, rel=1e-14, abs=0)


@pytest.mark.parametrize("loss", [SigmoidBinaryCrossEntropy(), SquaredError()])
@pytest.mark.parametrize("kind", [np.int64, np.uint8, bool, np.float32, np.float64])
def test_a_single_output_takes_flat_targets_of_any_real_kind(loss, kind):
    z = np.array([[0.5], [-1.0], [2.0]])
    y = np.array([1, 0, 1]).astype(kind)
    column = y[:, None].astype(np.float64)
    assert loss.value(z, y) == loss.value(z, column)
    np.testing.assert_array_equal(loss.gradient(z, y), loss.gradient(z, column))
    assert loss.gradient(z, y).shape == (3, 1)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_arguments_are_read_only_and_results_are_new(name):
    z, y = problem(name, 4, 3, 0)
    z.flags.writeable = y.flags.writeable = False
    loss = LOSSES[name]
    first = loss.gradient(z, y)
    assert not np.shares_memory(first, z)
    kept = first.copy()
    first += 1  # the caller's own
    np.testing.assert_array_equal(loss.gradient(z, y), kept)


def test_a_replaced_softmax_or_sigmoid_is_the_one_used():
    z, y = np.array([[1.0, 2.0]]), np.array([0])
    flat = SoftmaxCrossEntropy(softmax=lambda z: np.full_like(z, 0.5))
    np.testing.assert_array_equal(flat.gradient(z, y), [[-0.5, 0.5]])
    half = SigmoidBinaryCrossEntropy(sigmoid=lambda z: sigmoid(0 * z))
    np.testing.assert_array_equal(half.probabilities(z), [[0.5, 0.5]])


def test_the_penalty_leaves_biases_out():
    params = {"0.W": np.array([[1.0, -2.0]]), "0.b": np.array([100.0]), "2.W": np.array([[3.0]])}
    penalty = L2Penalty(0.5)
    assert penalty.value(params) == 0.25 * (1 + 4 + 9)
    gradient = penalty.gradient(params)
    assert gradient.keys() == {"0.W", "2.W"}
    np.testing.assert_array_equal(gradient["0.W"], [[0.5, -1]])
    np.testing.assert_array_equal(params["0.W"], [[1, -2]])


@pytest.mark.parametrize("strength", [0.1, 1, np.float32(0.1), np.float64(0.1)], ids=type)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_penalty_is_of_the_weights_dtype(strength, dtype):
    params = {"0.W": np.ones((2, 3), dtype)}
    assert L2Penalty(strength).value(params).dtype == dtype
    assert L2Penalty(strength).gradient(params)["0.W"].dtype == dtype
