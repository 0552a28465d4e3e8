import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_mlp import minibatches, one_hot, split, standardise

relaxed = settings(max_examples=50, deadline=None)
sizes = st.integers(1, 60)
seeds = st.integers(0, 2**32)


def pairs(n):
    """Rows that name themselves, with labels that name their rows."""
    y = np.arange(n)
    return np.stack([y, -y], axis=1).astype(float), y


def assert_paired(X, y):
    np.testing.assert_array_equal(X, np.stack([y, -y], axis=1))


@relaxed
@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(10, 12))
def test_one_hot_and_back(labels, n_classes):
    y = np.array(labels)
    rows = one_hot(y, n_classes)
    assert rows.shape == (len(y), n_classes)
    np.testing.assert_array_equal(rows.argmax(axis=1), y)
    np.testing.assert_array_equal(np.sort(rows, axis=1)[:, :-1], 0)
    np.testing.assert_array_equal(rows.sum(axis=1), 1)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_hot_of_any_integers(kind, dtype):
    rows = one_hot(np.array([2, 0], kind), 3, dtype=dtype)
    assert rows.dtype == dtype
    np.testing.assert_array_equal(rows, [[0, 0, 1], [1, 0, 0]])


@relaxed
@given(sizes, sizes, seeds)
def test_minibatches_give_every_pair_once(n, batch_size, seed):
    X, y = pairs(n)
    batches = list(minibatches(X, y, batch_size, rng=np.random.default_rng(seed)))
    for rows, labels in batches:
        assert_paired(rows, labels)
    np.testing.assert_array_equal(np.sort(np.concatenate([labels for _, labels in batches])), y)
    wanted = [batch_size] * (n // batch_size) + [n % batch_size] * (n % batch_size > 0)
    assert [len(rows) for rows, _ in batches] == wanted


def order(rng, n=50):
    return np.concatenate([labels for _, labels in minibatches(*pairs(n), 8, rng=rng)])


def test_minibatches_are_shuffled_by_the_generator():
    np.testing.assert_array_equal(order(np.random.default_rng(0)), order(np.random.default_rng(0)))
    rng = np.random.default_rng(0)
    first, second = order(rng), order(rng)
    assert (first != second).any()
    assert (first != np.arange(50)).any()


def test_every_row_is_as_likely_to_come_first():
    """5,000 shuffles of 5 rows: 1,000 times each, with a standard deviation of 28."""
    rng = np.random.default_rng(0)
    counts = np.bincount([order(rng, n=5)[0] for _ in range(5000)], minlength=5)
    assert np.abs(counts - 1000).max() < 5 * 28


def test_no_batch_size_is_all_rows_in_their_order():
    X, y = pairs(7)
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    [(rows, labels)] = minibatches(X, y, None, rng=rng)
    np.testing.assert_array_equal(rows, X)
    np.testing.assert_array_equal(labels, y)
    assert rng.bit_generator.state == before


def test_minibatches_leave_the_arrays_alone():
    X, y = pairs(20)
    for rows, labels in minibatches(X, y, 6, rng=np.random.default_rng(0)):
        rows[:] = labels[:] = -99  # the caller's own
    assert_paired(X, y)
    np.testing.assert_array_equal(y, np.arange(20))


@relaxed
@given(st.integers(2, 60), st.floats(0.01, 0.99), seeds)
def test_split_keeps_every_pair_once(n, fraction, seed):
    X, y = pairs(n)
    n_second = round(fraction * n)
    if not 0 < n_second < n:
        return
    parts = split(X, y, fraction, rng=np.random.default_rng(seed))
    assert [len(part[0]) for part in parts] == [n - n_second, n_second]
    for part in parts:
        assert_paired(*part)
    np.testing.assert_array_equal(np.sort(np.concatenate([part[1] for part in parts])), y)
    assert_paired(X, y)


def test_split_is_shuffled_by_the_generator():
    X, y = pairs(40)
    runs = [split(X, y, 0.25, rng=np.random.default_rng(seed))[1][1] for seed in (0, 0, 1)]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert set(runs[0]) != set(runs[2])
    assert set(runs[0]) != set(range(30, 40))


@relaxed
@given(st.integers(2, 40), st.integers(1, 5), seeds)
def test_standardised_columns_have_mean_0_and_variance_1(n, d, seed):
    X = np.random.default_rng(seed).normal(5, 3, (n, d))
    (Z,) = standardise(X)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(Z.std(axis=0), 1, rtol=1e-9)


def test_nothing_leaks_from_the_test_set():
    rng = np.random.default_rng(0)
    X, X_test = rng.normal(2, 3, (50, 4)), rng.normal(size=(20, 4))
    Z, Z_test = standardise(X, X_test)
    np.testing.assert_array_equal(Z, standardise(X)[0])
    np.testing.assert_array_equal(Z, standardise(X, 100 * X_test)[0])
    np.testing.assert_allclose(Z_test, (X_test - X.mean(axis=0)) / X.std(axis=0), rtol=1e-12)


def test_all_sets_are_put_in_the_same_terms():
    X = np.random.default_rng(0).normal(2, 3, (50, 4))
    first, second, third = standardise(X, X[:10], X[30:])
    np.testing.assert_array_equal(second, first[:10])
    np.testing.assert_array_equal(third, first[30:])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [0.0, 0.1, -7.0, 1 / 3, 1e6 + 0.1])
@pytest.mark.parametrize("n", [1, 3, 7, 100])
def test_a_constant_column_is_only_centred(dtype, value, n):
    """The mean of n equal numbers may differ from them in the last place: no reason to scale."""
    X = np.full((n, 1), value, dtype)
    X_test = X[:1] + dtype(2)
    Z, Z_test = standardise(X, X_test)
    tolerance = 4 * np.finfo(dtype).eps * max(1, abs(value))
    np.testing.assert_allclose(Z, 0, atol=tolerance)
    np.testing.assert_allclose(Z_test, X_test - X[:1], atol=tolerance)


def test_standardise_keeps_float32_and_the_digits_of_many_rows():
    """A mean of 200,000 in float32 would be off in the third digit of the result."""
    X = (1000 + np.random.default_rng(0).random((200_000, 1))).astype(np.float32)
    (Z,) = standardise(X)
    assert Z.dtype == np.float32
    assert abs(Z.mean(dtype=np.float64)) < 1e-4
    assert Z.std(dtype=np.float64) == pytest.approx(1, abs=1e-4)


def test_standardise_leaves_its_arguments_alone():
    X = np.random.default_rng(0).normal(size=(5, 2))
    kept = X.copy()
    (Z,) = standardise(X)
    Z[:] = 0
    np.testing.assert_array_equal(X, kept)
