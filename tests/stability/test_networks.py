"""Whole networks where numbers run out: huge logits, wild learning rates, long sums, threads."""

import math

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import reference_mlp as r
from reference_mlp.digits import SUBSET, load_digits
from reference_mlp.testing.stability.measure import call

LOSSES = ("softmax_cross_entropy", "sigmoid_binary_cross_entropy", "squared_error")


def network(loss="softmax_cross_entropy", dtype=np.float64, sizes=(20, 30, 10), activation="relu"):
    return r.mlp(sizes, activation=activation, loss=loss, dtype=dtype, rng=np.random.default_rng(0))


def batch(loss="softmax_cross_entropy", dtype=np.float64, n=16, d=20, k=10):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(n, d)).astype(dtype), rng.integers(k, size=n)
    return X, y if loss == "softmax_cross_entropy" else r.one_hot(y, k, dtype=dtype)


@pytest.mark.parametrize("size", [1e-300, 1e-100, 1e-10, 1.0, 1e3, 1e100, 1e150, 1e300])
@pytest.mark.parametrize("loss", LOSSES)
def test_loss_and_gradients_at_logits_of_any_size(loss, size):
    net, (X, y) = network(loss), batch(loss)
    net.params["2.W"] *= size
    result, raised = call(lambda X, y: np.array([net.loss(X, y)]), (X, y))
    assert raised is None
    if loss == "squared_error" and size >= 1e300:
        assert result[0] == np.inf  # the square is too large for a float
        return
    assert np.isfinite(result[0])
    grads = net.gradients(X, y)
    assert np.isfinite(grads["2.W"]).all()
    assert np.isfinite(grads["2.b"]).all()
    if loss != "squared_error":
        # Slopes in the logits are at most 1: those of the layer before are as large as the weights.
        assert np.abs(grads["0.W"]).max() <= 100 * max(size, 1e-300)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES[:2])
def test_after_a_thousand_steps_at_ten_times_the_learning_rate(loss, dtype):
    (X, y), _ = load_digits(SUBSET)
    X, y = X[:500].astype(dtype), y[:500]
    y = y if loss == "softmax_cross_entropy" else r.one_hot(y, 10, dtype=dtype)
    net, optimiser = network(loss, dtype, (784, 20, 10)), r.SGD(3.0)

    def train(X, y):
        for step in range(1000):
            rows = slice(step * 20 % 500, step * 20 % 500 + 20)
            r.train_step(net, optimiser, X[rows], y[rows])
        return np.array([net.loss(X, y)])

    value, raised = call(train, (X, y))
    assert raised is None
    assert np.isfinite(value).all()
    for name, g in net.gradients(X, y).items():
        assert np.isfinite(g).all(), name


def gamma(n, dtype):
    """n u / (1 - n u), Higham's bound for n roundings in a row."""
    u = float(np.finfo(dtype).eps) / 2
    return n * u / (1 - n * u)


def test_float32_against_float64_within_the_bound_of_the_operations():
    # Higham, section 3.5: |fl(x W + b) - (x W + b)| <= gamma_(D+1) (|x| |W| + |b|), and from layer
    # to layer what the input is off is carried on by |W|; relu and differences enlarge nothing.
    wide, (X, y) = network(), batch()
    for p in wide.params.values():
        p[...] = p.astype(np.float32)
    X = X.astype(np.float32).astype(np.float64)
    narrow = network(dtype=np.float32)
    for name, p in narrow.params.items():
        p[...] = wide.params[name]
    W0, b0, W1, b1 = (wide.params[k] for k in ("0.W", "0.b", "2.W", "2.b"))
    n, d = X.shape

    off_z0 = gamma(d + 1, np.float32) * (np.abs(X) @ np.abs(W0) + np.abs(b0))
    z0 = X @ W0 + b0
    assert (np.abs(z0) > off_z0).all()  # no unit is near enough to its kink to switch sides
    h = np.maximum(z0, 0)
    k1 = gamma(W1.shape[0] + 1, np.float32)
    off_z = off_z0 @ np.abs(W1) + k1 * ((h + off_z0) @ np.abs(W1) + np.abs(b1))
    got, exact = narrow.logits(X.astype(np.float32)), wide.logits(X)
    assert (np.abs(got - exact) <= off_z).all()
    assert np.abs(got - exact).max() > 0

    # -log p moves by at most twice the largest move of a logit; then a rounding, and the mean.
    loss = float(wide.loss(X, y))
    off_loss = 2 * off_z.max() + gamma(n + 2, np.float32) * (loss + 2 * off_z.max())
    assert abs(float(narrow.loss(X.astype(np.float32), y)) - loss) <= off_loss

    # dp = p (dz - mean dz), and the label's entry is minus the sum of nine of them.
    p = r.softmax(exact)
    off_p = p * np.expm1(2 * off_z.max()) + gamma(12, np.float32)
    off_p[np.arange(n), y] = off_p.sum(axis=1)
    off_h = np.where(h > 0, off_z0, 0)
    dz = np.abs(p - r.one_hot(y, 10)) / n
    bound = off_h.T @ dz + (h + off_h).T @ off_p / n
    bound += gamma(n + 2, np.float32) * ((h + off_h).T @ (dz + off_p / n))
    grads = wide.gradients(X, y)["2.W"], narrow.gradients(X.astype(np.float32), y)["2.W"]
    assert (np.abs(grads[0] - grads[1]) <= bound).all()
    # A bound that holds for anything would be none: it is within a few digits of what happens.
    assert bound.max() < 1e4 * np.abs(grads[0] - grads[1]).max()


def test_the_mean_loss_of_a_million_rows_in_float32():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(1_000_000, 2)).astype(np.float32)
    y = rng.integers(2, size=len(z))
    exact = float(r.SoftmaxCrossEntropy().value(z.astype(np.float64), y))
    got = r.SoftmaxCrossEntropy().value(z, y)
    # Pairwise sums: half an ULP a level of 20, and one for the terms; one by one it would be 1e6.
    assert abs(float(got) - exact) <= gamma(20 + 128 // 8, np.float32) * exact
    naive = np.cumsum(-r.log_softmax(z)[np.arange(len(z)), y], dtype=np.float32)[-1] / len(z)
    assert abs(float(naive) - exact) > 10 * abs(float(got) - exact)


def test_the_same_to_the_last_bit_when_run_twice():
    (X, y), _ = load_digits(SUBSET)
    results = []
    for _ in range(2):
        net = network(dtype=np.float32, sizes=(784, 50, 10))
        optimiser, rng = r.Adam(1e-2), np.random.default_rng(5)
        r.fit(net, X[:300], y[:300], optimiser=optimiser, epochs=2, batch_size=50, rng=rng)
        results.append(net.params)
    for name, p in results[0].items():
        np.testing.assert_array_equal(p, results[1][name])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_and_two_blas_threads_agree_to_the_bound_of_a_sum(dtype):
    net = network("squared_error", dtype, (784, 300, 10), "identity")
    X, y = batch("squared_error", dtype, n=600, d=784)
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append((net.logits(X), net.gradients(X, y)))
    # Both are within gamma of the exact sums, in whatever order the threads add.
    W0, W1 = np.abs(net.params["0.W"]), np.abs(net.params["2.W"])
    bound = 2 * gamma(784 + 300 + 2, dtype) * (np.abs(X) @ W0 @ W1)
    assert (np.abs(found[0][0] - found[1][0]) <= bound).all()
    dz = (bound + np.abs(found[0][0] - y)) / len(X)
    bound_W0 = 2 * gamma(600 + 10 + 784 + 300 + 4, dtype) * (np.abs(X).T @ (dz @ W1.T))
    bound_W0 += np.abs(X).T @ (bound @ W1.T) / len(X)
    assert (np.abs(found[0][1]["0.W"] - found[1][1]["0.W"]) <= bound_W0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [64, 1_000_000])
def test_the_bias_gradient_of_many_rows(n, dtype):
    dz = np.random.default_rng(0).uniform(size=(n, 3)).astype(dtype)
    params = {"W": np.ones((2, 3), dtype), "b": np.zeros(3, dtype)}
    _, cache = r.Linear().forward(np.zeros((n, 2), dtype), params)
    got = r.Linear().backward(cache, dz, params)[1]["b"]
    exact = np.array([math.fsum(column) for column in dz.T.tolist()])
    if dtype == np.float32:
        # Rounded once: in float64 the sum itself is off by less than 1e-9 of it.
        assert (np.abs(got - exact) <= 0.501 * np.spacing(exact.astype(dtype))).all()
    assert (np.abs(got - exact) <= gamma(n, np.float64) * exact + 0.5 * np.spacing(got)).all()
    assert got.dtype == dtype


def test_the_bias_gradient_of_a_complex_step_is_complex():
    params = {"W": np.ones((2, 1)), "b": np.zeros(1)}
    _, cache = r.Linear().forward(np.zeros((3, 2)), params)
    grads = r.Linear().backward(cache, np.full((3, 1), 1 + 1e-200j), params)[1]
    assert grads["b"] == 3 + 3e-200j


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0.0, 1e4, 1e8])
def test_standardising_numbers_far_from_zero(offset, dtype):
    # The variance as mean(x^2) - mean(x)^2 would have no digit left at 1e8, and a mean of one pass,
    # added up row by row, is off by 1e-7.
    rng = np.random.default_rng(0)
    X = (offset + rng.normal(0, 1 + offset / 1e6, size=(2000, 3))).astype(dtype)
    (scaled,) = r.standardise(X)
    wide = X.astype(np.longdouble) - offset  # of numbers about 0 the mean needs no care
    exact = (wide - wide.mean(axis=0)) / wide.std(axis=0)
    # Numbers of order 5, some roundings, and n of the standard deviation: whatever the offset.
    bound = 5 * (gamma(4, dtype) + gamma(len(X), np.float64))
    assert np.abs(scaled - exact).max() <= bound
    assert np.abs(scaled.mean(axis=0, dtype=np.float64)).max() <= gamma(4, dtype)


def test_accuracy_refuses_nan():
    scores = np.array([[0.0, np.nan], [1.0, 0.0]])
    with pytest.raises(ValueError, match="NaN"):
        r.accuracy(scores, np.array([0, 0]))
