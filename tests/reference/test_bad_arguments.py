"""Bad arguments of all else are refused by an error that names them, and leave no trace."""

import numpy as np
import pytest

from reference_mlp import (
    INITIALISERS,
    L2Penalty,
    Network,
    SoftmaxCrossEntropy,
    accuracy,
    evaluate,
    fit,
    minibatches,
    mlp,
    normal,
    one_hot,
    split,
    standardise,
)
from tests.reference.bench import K, N, assert_refused, put, training


@pytest.mark.parametrize("batch_size", [0, -1, 2.0, True, "all"])
@pytest.mark.parametrize(
    "call",
    [
        lambda b, n: minibatches(b.X, b.y, n, rng=b.rng),
        lambda b, n: evaluate(b.net, b.X, b.y, batch_size=n),
        lambda b, n: training(b, b.X, b.y, batch_size=n),
    ],
    ids=["minibatches", "evaluate", "fit"],
)
def test_batch_sizes(bench, call, batch_size):
    complaint = [f"batch_size is {batch_size!r}, expected a whole number of at least 1"]
    assert_refused(bench, lambda: call(bench, batch_size), ValueError, complaint)


@pytest.mark.parametrize("epochs", [0, -1, 1.5, None])
def test_epochs(bench, epochs):
    def call():
        fit(bench.net, bench.X, bench.y, optimiser=bench.optimiser, epochs=epochs, rng=bench.rng)

    assert_refused(bench, call, ValueError, [f"epochs is {epochs}, expected a whole number"])


ONE_HOT = {
    "zero classes": ([0, 1], 0, ValueError, ["n_classes is 0, expected a whole number"]),
    "negative classes": ([0, 1], -3, ValueError, ["n_classes is -3, expected a whole number"]),
    "half a class": ([0, 1], 2.5, ValueError, ["n_classes is 2.5, expected a whole number"]),
    "no labels": ([], 3, ValueError, ["y has shape (0,)", "at least one row"]),
    "a label too high": ([0, 3], 3, ValueError, ["y has labels from 0 to 3, expected 0 to 2"]),
    "a negative label": ([-1, 2], 3, ValueError, ["y has labels from -1 to 2, expected 0 to 2"]),
    "floats": ([0.0, 1.0], 3, TypeError, ["y has dtype float64 and shape (2,)", "integer labels"]),
    "a cube": ([[[0]]], 3, ValueError, ["y has shape (1, 1, 1), expected"]),
}


@pytest.mark.parametrize(("y", "k", "error", "complaint"), ONE_HOT.values(), ids=ONE_HOT)
def test_one_hot(bench, y, k, error, complaint):
    y = np.array(y)
    assert_refused(bench, lambda: one_hot(y, k), error, complaint, y)


@pytest.mark.parametrize("dtype", [int, np.float16, complex, "U1"])
@pytest.mark.parametrize(
    "call",
    [
        lambda b, dtype: one_hot(b.y, K, dtype=dtype),
        lambda b, dtype: mlp((3, 2), rng=b.rng, dtype=dtype),
        lambda b, dtype: normal(0.1)(3, 2, rng=b.rng, dtype=dtype),
        *[
            lambda b, dtype, draw=draw: draw(3, 2, rng=b.rng, dtype=dtype)
            for draw in INITIALISERS.values()
        ],
    ],
    ids=["one_hot", "mlp", "normal", *INITIALISERS],
)
def test_dtypes(bench, call, dtype):
    complaint = [f"dtype is {np.dtype(dtype)}, expected float32 or float64"]
    assert_refused(bench, lambda: call(bench, dtype), TypeError, complaint)


@pytest.mark.parametrize("widths", [(0, 2), (2, 0), (-1, 2), (2.0, 2), (True, 2)])
@pytest.mark.parametrize("draw", [*INITIALISERS.values(), normal(1)], ids=[*INITIALISERS, "normal"])
def test_widths_of_initialisers(bench, draw, widths):
    name, value = ("n_out", 0) if widths[1] == 0 else ("n_in", widths[0])
    complaint = [f"{name} is {value!r}, expected a whole number of at least 1"]
    assert_refused(bench, lambda: draw(*widths, rng=bench.rng), ValueError, complaint)


@pytest.mark.parametrize("std", [-0.1, np.nan, np.inf])
def test_width_of_the_normal_law(std):
    with pytest.raises(ValueError, match=f"std is {std}, expected a finite number of at least 0"):
        normal(std)


NETWORKS = {
    "no widths": ({"sizes": ()}, "sizes is [], expected at least the widths"),
    "one width": ({"sizes": (3,)}, "sizes is [3], expected at least the widths"),
    "a width of zero": ({"sizes": (3, 0, 2)}, "sizes[1] is 0, expected a whole number"),
    "zero classes": ({"sizes": (3, 4, 0)}, "sizes[2] is 0, expected a whole number"),
    "half a neuron": ({"sizes": (3, 2.5, 2)}, "sizes[1] is 2.5, expected a whole number"),
    "an unknown activation": ({"activation": "rleu"}, "activation is 'rleu', expected one of"),
    "too many activations": ({"activation": ["relu"] * 3}, "activation has 3 names, expected 1"),
    "an unknown loss": ({"loss": "hinge"}, "loss is 'hinge', expected one of"),
    "an unknown initialiser": ({"initialiser": "xavier"}, "initialiser is 'xavier', expected"),
    "negative l2": ({"l2": -0.1}, "l2 is -0.1, expected a finite number of at least 0"),
    "l2 of NaN": ({"l2": np.nan}, "l2 is nan, expected a finite number of at least 0"),
    "an unknown frozen name": ({"frozen": ["1.W"]}, "frozen names ['1.W'], expected names among"),
}


@pytest.mark.parametrize(("options", "complaint"), NETWORKS.values(), ids=NETWORKS)
def test_networks(bench, options, complaint):
    options = {"sizes": (3, 4, 2), "rng": bench.rng} | options
    assert_refused(bench, lambda: mlp(**options), ValueError, [complaint])


def test_a_network_without_parameters():
    with pytest.raises(ValueError, match="params is empty, expected at least one parameter"):
        Network([], SoftmaxCrossEntropy(), {})


@pytest.mark.parametrize("strength", [-1, np.inf, np.nan])
def test_penalties(strength):
    with pytest.raises(ValueError, match=f"l2 is {strength}, expected a finite number"):
        L2Penalty(strength)


PAIRS = {
    "fewer labels": (lambda X, y: (X, y[:4]), ValueError, ["X has shape (6, 3) and y (4,)"]),
    "more labels": (lambda X, y: (X[:2], y), ValueError, ["X has shape (2, 3) and y (6,)"]),
    "no rows": (lambda X, y: (X[:0], y[:0]), ValueError, ["X has shape (0, 3)", "at least one"]),
    "no labels": (lambda X, y: (X, y[:0]), ValueError, ["y has shape (0,)", "at least one row"]),
    "a list": (lambda X, y: (X.tolist(), y), TypeError, ["X is a list, expected a NumPy array"]),
    "a list of labels": (lambda X, y: (X, y.tolist()), TypeError, ["y is a list, expected"]),
}


@pytest.mark.parametrize(("spoil", "error", "complaint"), PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize(
    "call",
    [
        lambda b, X, y: minibatches(X, y, 2, rng=b.rng),
        lambda b, X, y: minibatches(X, y, None, rng=b.rng),
        lambda b, X, y: split(X, y, 0.5, rng=b.rng),
        lambda b, X, y: fit(b.net, X, y, optimiser=b.optimiser, epochs=1, rng=b.rng),
    ],
    ids=["minibatches", "one batch", "split", "fit"],
)
def test_pairs(bench, call, spoil, error, complaint):
    X, y = spoil(bench.X, bench.y)
    assert_refused(bench, lambda: call(bench, X, y), error, complaint, X, y)


@pytest.mark.parametrize("fraction", [0, 1, -0.2, 1.2, 0.01, 0.99, np.nan, np.inf])
def test_fractions_of_a_split(bench, fraction):
    complaint = [f"fraction is {fraction}, expected one that leaves rows in both parts of 6"]
    call = lambda: split(bench.X, bench.y, fraction, rng=bench.rng)  # noqa: E731
    assert_refused(bench, call, ValueError, complaint)


STANDARDISED = {
    "integers": (lambda X: X.astype(int), TypeError, ["dtype int64 and shape (6, 3)", "floating"]),
    "complex": (lambda X: X + 0j, TypeError, ["dtype complex128 and shape (6, 3)", "floating"]),
    "flat": (lambda X: X[:, 0], ValueError, ["shape (6,), expected (N, "]),
    "empty": (lambda X: X[:0], ValueError, ["shape (0, 3)", "at least one row"]),
    "NaN": (lambda X: put(X, (1, 2), np.nan), ValueError, ["shape (6, 3) holds 1", "(1, 2)"]),
    "infinite": (lambda X: put(X, (1, 2), np.inf), ValueError, ["shape (6, 3) holds 1", "(1, 2)"]),
    "a list": (lambda X: X.tolist(), TypeError, ["is a list, expected a NumPy array"]),
}


@pytest.mark.parametrize(("spoil", "error", "complaint"), STANDARDISED.values(), ids=STANDARDISED)
@pytest.mark.parametrize("place", ["X", "others[1]"])
def test_standardise(bench, place, spoil, error, complaint):
    bad = spoil(bench.X)
    sets = [bad] if place == "X" else [bench.X, bench.X, bad]
    complaint = [f"{place} ", *complaint]
    assert_refused(bench, lambda: standardise(*sets), error, complaint, bad)


def test_standardise_other_columns(bench):
    complaint = ["others[0] has shape (6, 2), expected (N, 3)"]
    call = lambda: standardise(bench.X, bench.X[:, :2])  # noqa: E731
    assert_refused(bench, call, ValueError, complaint)


@pytest.mark.parametrize("shape", [(N,), (N, K, 1)])
def test_scores(bench, shape):
    complaint = [f"scores has shape {shape}, expected (N, K)"]
    call = lambda: accuracy(np.ones(shape), bench.y)  # noqa: E731
    assert_refused(bench, call, ValueError, complaint)
