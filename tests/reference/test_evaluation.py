import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_mlp import accuracy, evaluate, mlp, one_hot, softmax

relaxed = settings(max_examples=50, deadline=None)


def test_accuracy_by_hand():
    scores = np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 1.0], [0.0, 1.0, 5.0], [9.0, 0.0, 0.0]])
    assert accuracy(scores, np.array([0, 1, 2, 0])) == 1
    assert accuracy(scores, np.array([1, 1, 2, 0])) == 0.75
    assert accuracy(scores, np.array([1, 0, 0, 1])) == 0


@relaxed
@given(st.integers(1, 40), st.integers(1, 6), st.integers(0, 2**32))
def test_accuracy_counts_the_rows_that_are_right(n, k, seed):
    rng = np.random.default_rng(seed)
    scores, y = rng.normal(size=(n, k)), rng.integers(k, size=n)
    right = sum(int(max(range(k), key=lambda j: scores[i, j]) == y[i]) for i in range(n))
    assert accuracy(scores, y) == pytest.approx(right / n)
    assert accuracy(softmax(scores), y) == accuracy(scores, y)
    assert accuracy(scores, one_hot(y, k)) == accuracy(scores, y)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_accuracy_refuses_scores_that_are_not_finite(bad):
    """A network of NaN would else be one in ten right, as argmax calls a row of NaN class 0."""
    scores = np.ones((4, 10))
    scores[2, 7] = bad
    with pytest.raises(ValueError, match=r"scores of shape \(4, 10\) holds 1 .* first at \(2, 7\)"):
        accuracy(scores, np.zeros(4, int))


@relaxed
@given(st.integers(1, 30), st.integers(1, 31), st.integers(0, 2**32))
def test_evaluate_weighs_batches_by_their_rows(n, batch_size, seed):
    rng = np.random.default_rng(seed)
    net = mlp((3, 4, 5), rng=rng, l2=0.1)
    X, y = rng.normal(size=(n, 3)), rng.integers(5, size=n)
    got = evaluate(net, X, y, batch_size=batch_size)
    assert got.loss == pytest.approx(float(net.loss(X, y)), rel=1e-12)
    assert got.accuracy == pytest.approx(accuracy(net.logits(X), y), rel=1e-12)


def test_a_ragged_last_batch_weighs_little():
    """Right on 4 rows and wrong on a fifth, of which the last batch holds nothing else."""
    net = mlp((2, 2), rng=np.random.default_rng(0), initialiser="zeros")
    net.params["0.W"][:] = [[1, 0], [0, 1]]
    X, y = np.array([[9.0, 0.0]] * 5), np.array([0, 0, 0, 0, 1])
    result = evaluate(net, X, y, batch_size=4)
    assert result.accuracy == 0.8
    assert result.loss == pytest.approx((4 * np.log1p(np.exp(-9)) + 9 + np.log1p(np.exp(-9))) / 5)


def test_evaluate_takes_one_hot_rows_and_changes_nothing():
    rng = np.random.default_rng(0)
    net = mlp((3, 5), rng=rng, dtype=np.float32)
    X, y = rng.normal(size=(7, 3)).astype(np.float32), rng.integers(5, size=7)
    for array in (X, y, *net.params.values()):
        array.flags.writeable = False
    result = evaluate(net, X, y, batch_size=3)
    assert evaluate(net, X, one_hot(y, 5), batch_size=3) == result
    assert [type(value) for value in result] == [float, float]


@pytest.mark.parametrize("n_labels", [3, 5, 8])
@pytest.mark.parametrize("batch_size", [1, 2, 4, 1000])
def test_evaluate_refuses_another_number_of_labels(n_labels, batch_size):
    net = mlp((3, 5), rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=rf"y .*\({n_labels},\)"):
        evaluate(net, np.ones((4, 3)), np.zeros(n_labels, int), batch_size=batch_size)
