"""Bad inputs and targets are refused by an error that names them, and leave no trace."""

import numpy as np
import pytest

from reference_mlp import (
    LOSSES,
    SoftmaxCrossEntropy,
    accuracy,
    evaluate,
    fit,
    mlp,
    one_hot,
    train_step,
)
from tests.reference.bench import Bench, K, N, assert_refused, put, training

INPUTS = {
    # id: (made of the good inputs, the error, parts of its message)
    "too narrow": (lambda X: X[:, :2], ValueError, ["X has shape (6, 2), expected (N, 3)"]),
    "too wide": (lambda X: np.c_[X, X], ValueError, ["X has shape (6, 6), expected (N, 3)"]),
    "features first": (lambda X: X.T, ValueError, ["X has shape (3, 6)", "expected"]),
    "flat": (lambda X: X[:, 0], ValueError, ["X has shape (6,), expected (N, 3)"]),
    "images": (lambda X: X[:, :, None], ValueError, ["X has shape (6, 3, 1), expected (N, 3)"]),
    "no columns": (lambda X: X[:, :0], ValueError, ["X has shape (6, 0), expected (N, 3)"]),
    "empty": (lambda X: X[:0], ValueError, ["X has shape (0, 3)", "at least one row", "empty"]),
    "a scalar": (lambda X: np.array(X[0, 0]), ValueError, ["X has shape ()", "at least one"]),
    "integers": (
        lambda X: X.astype(np.int64),
        TypeError,
        ["X has dtype int64 and shape (6, 3), expected (N, 3) of float64", "X.astype(np.float64)"],
    ),
    "bytes": (lambda X: X.astype(np.int8).view(np.uint8), TypeError, ["dtype uint8", "float64"]),
    "booleans": (lambda X: X > 0, TypeError, ["X has dtype bool and shape (6, 3)", "float64"]),
    "objects": (lambda X: X.astype(object), TypeError, ["X has dtype object", "float64"]),
    "float32": (
        lambda X: X.astype(np.float32),
        TypeError,
        ["X has dtype float32, expected float64"],
    ),
    "NaN": (
        lambda X: put(X, (4, 1), np.nan),
        ValueError,
        ["X of shape (6, 3) holds 1 NaN or infinite", "first at (4, 1)", "expected finite"],
    ),
    "infinity": (
        lambda X: put(X, (slice(2, 4), 2), np.inf),
        ValueError,
        ["X of shape (6, 3) holds 2 NaN or infinite", "first at (2, 2)"],
    ),
    "both infinities": (
        lambda X: put(put(X, (5, 0), np.inf), (5, 1), -np.inf),
        ValueError,
        ["X of shape (6, 3) holds 2 NaN or infinite", "first at (5, 0)"],
    ),
    "a list": (lambda X: X.tolist(), TypeError, ["X is a list, expected a NumPy array"]),
    "nothing": (lambda X: None, TypeError, ["X is a NoneType, expected a NumPy array"]),
}

TAKES_INPUTS = {
    "forward": lambda b, X: b.net.forward(X),
    "logits": lambda b, X: b.net.logits(X),
    "probabilities": lambda b, X: b.net.probabilities(X),
    "loss": lambda b, X: b.net.loss(X, b.y),
    "gradients": lambda b, X: b.net.gradients(X, b.y),
    "input_gradient": lambda b, X: b.net.input_gradient(X, b.y),
    "loss_and_gradients": lambda b, X: b.net.loss_and_gradients(X, b.y),
    "train_step": lambda b, X: train_step(b.net, b.optimiser, X, b.y),
}


@pytest.mark.parametrize(("spoil", "error", "complaint"), INPUTS.values(), ids=INPUTS)
@pytest.mark.parametrize("call", TAKES_INPUTS.values(), ids=TAKES_INPUTS)
def test_inputs(bench, call, spoil, error, complaint):
    X = spoil(bench.X)
    assert_refused(bench, lambda: call(bench, X), error, complaint, X)


@pytest.mark.parametrize(("spoil", "error", "complaint"), INPUTS.values(), ids=INPUTS)
@pytest.mark.parametrize("whole", [True, False], ids=["whole set", "in batches"])
@pytest.mark.parametrize("function", [fit, evaluate], ids=lambda f: f.__name__)
def test_inputs_of_a_set(bench, function, whole, spoil, error, complaint):
    """The first batch may be good, and the network must not have been trained on it."""
    X = spoil(bench.X)
    y = np.resize(bench.y, np.shape(X)[:1] or 1)
    if function is evaluate:
        call = lambda: evaluate(bench.net, X, y, batch_size=N if whole else 2)  # noqa: E731
    else:
        call = lambda: training(bench, X, y, batch_size=None if whole else 2)  # noqa: E731
    if not whole:  # the shape and the place that it names are a batch's, or the whole's
        complaint = [complaint[0].split()[0]]
    assert_refused(bench, call, error, complaint, X)


def test_an_overflowing_sum_of_finite_inputs_is_no_infinity():
    net = mlp((2, 2), rng=np.random.default_rng(0), initialiser="zeros")
    assert net.loss(np.full((4, 2), 1e308), np.zeros(4, int)) == pytest.approx(np.log(2))


LABELS = {
    "too few": (lambda y: y[:5], ValueError, ["y has shape (5,)", "(6,) integer labels", "(6, 4)"]),
    "too many": (lambda y: np.r_[y, y], ValueError, ["y has shape (12,)", "(6,) integer labels"]),
    "a column": (lambda y: y[:, None], ValueError, ["y has shape (6, 1)", "(6,) integer labels"]),
    "empty": (lambda y: y[:0], ValueError, ["y has shape (0,)", "at least one row"]),
    "beyond the last": (lambda y: y + 1, ValueError, ["y has labels from 1 to 4", "0 to 3"]),
    "negative": (lambda y: y - 1, ValueError, ["y has labels from -1 to 2", "0 to 3"]),
    "floating": (lambda y: y * 1.0, TypeError, ["y has dtype float64 and shape (6,)", "integer"]),
    "boolean": (lambda y: y > 0, TypeError, ["y has dtype bool and shape (6,)", "integer"]),
    "strings": (lambda y: y.astype(str), TypeError, ["y has dtype <U", "integer labels"]),
    "a list": (lambda y: y.tolist(), TypeError, ["y is a list, expected a NumPy array"]),
    "of too few classes": (
        lambda y: one_hot(y, K)[:, :3],
        ValueError,
        ["y has shape (6, 3)", "(6, 4) one-hot rows"],
    ),
    "two ones in a row": (
        lambda y: put(one_hot(y, K), (2, 3), 1),
        ValueError,
        ["y of shape (6, 4) is not one-hot: row 2 is [0. 0. 1. 1.]"],
    ),
    "a row of zeros": (
        lambda y: put(one_hot(y, K), 5, 0),
        ValueError,
        ["y of shape (6, 4) is not one-hot: row 5 is [0. 0. 0. 0.]"],
    ),
    "smoothed": (lambda y: 0.9 * one_hot(y, K) + 0.025, ValueError, ["not one-hot: row 0"]),
    "one-hot with NaN": (
        lambda y: put(one_hot(y, K), (1, 0), np.nan),
        ValueError,
        ["not one-hot: row 1"],
    ),
}

TAKES_LABELS = {
    "loss": lambda b, y: b.net.loss(b.X, y),
    "gradients": lambda b, y: b.net.gradients(b.X, y),
    "input_gradient": lambda b, y: b.net.input_gradient(b.X, y),
    "backward": lambda b, y: b.net.backward(b.net.forward(b.X)[1], y),
    "train_step": lambda b, y: train_step(b.net, b.optimiser, b.X, y),
    "value": lambda b, y: SoftmaxCrossEntropy().value(b.net.logits(b.X), y),
    "gradient": lambda b, y: SoftmaxCrossEntropy().gradient(b.net.logits(b.X), y),
    "accuracy": lambda b, y: accuracy(b.net.logits(b.X), y),
}


@pytest.mark.parametrize(("spoil", "error", "complaint"), LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("call", TAKES_LABELS.values(), ids=TAKES_LABELS)
def test_labels(bench, call, spoil, error, complaint):
    y = spoil(bench.y)
    assert_refused(bench, lambda: call(bench, y), error, complaint, y)


@pytest.mark.parametrize(("spoil", "error", "complaint"), LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("batch_size", [None, 2, 5])
def test_labels_of_a_training_set(bench, batch_size, spoil, error, complaint):
    y = spoil(bench.y)
    call = lambda: training(bench, bench.X, y, batch_size=batch_size)  # noqa: E731
    assert_refused(bench, call, error, ["y"], y)


@pytest.mark.parametrize("row", range(N))
@pytest.mark.parametrize("label", [-1, K])
def test_one_bad_label_anywhere_in_a_training_set(bench, row, label):
    y = put(bench.y, row, label)
    call = lambda: training(bench, bench.X, y, batch_size=2)  # noqa: E731
    assert_refused(bench, call, ValueError, ["y has labels", "expected 0 to 3"], y)


VALIDATION = {
    "inputs too narrow": lambda X, y: (X[:, :2], y),
    "inputs with NaN": lambda X, y: (put(X, (5, 2), np.nan), y),
    "no rows": lambda X, y: (X[:0], y[:0]),
    "labels too few": lambda X, y: (X, y[:4]),
    "labels out of range": lambda X, y: (X, y + 1),
    "integer inputs": lambda X, y: (X.astype(int), y),
}


@pytest.mark.parametrize("spoil", VALIDATION.values(), ids=VALIDATION)
def test_a_bad_validation_set_is_refused_before_training(bench, spoil):
    validation = spoil(bench.X, bench.y)
    call = lambda: training(bench, bench.X, bench.y, validation=validation)  # noqa: E731
    assert_refused(bench, call, (ValueError, TypeError), ["expected"], *validation)


TARGETS = {
    "too few": (lambda y: y[:5], ValueError, ["y has shape (5, 4), expected (6, 4)"]),
    "flat": (lambda y: y[:, 0], ValueError, ["y has shape (6,), expected (6, 4)"]),
    "transposed": (lambda y: y.T, ValueError, ["y has shape (4, 6), expected (6, 4)"]),
    "empty": (lambda y: y[:0], ValueError, ["y has shape (0, 4)", "at least one row"]),
    "complex": (lambda y: y + 0j, TypeError, ["y has dtype complex128 and shape (6, 4)", "real"]),
    "objects": (lambda y: y.astype(object), TypeError, ["y has dtype object", "real numbers"]),
    "NaN": (lambda y: put(y, (3, 2), np.nan), ValueError, ["y of shape (6, 4) holds 1", "(3, 2)"]),
    "infinite": (lambda y: put(y, (3, 2), np.inf), ValueError, ["y of shape (6, 4)", "(3, 2)"]),
    "a list": (lambda y: y.tolist(), TypeError, ["y is a list, expected a NumPy array"]),
}
REAL_LOSSES = ["sigmoid_binary_cross_entropy", "squared_error"]


@pytest.mark.parametrize("loss", REAL_LOSSES)
@pytest.mark.parametrize(("spoil", "error", "complaint"), TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("method", ["loss", "gradients", "input_gradient", "train_step"])
def test_targets(loss, spoil, error, complaint, method):
    bench = Bench(loss)
    y = spoil(bench.targets)

    def call():
        if method == "train_step":
            return train_step(bench.net, bench.optimiser, bench.X, y)
        return getattr(bench.net, method)(bench.X, y)

    assert_refused(bench, call, error, complaint, y)


@pytest.mark.parametrize("loss", REAL_LOSSES)
def test_a_flat_target_for_one_output_is_a_column_and_not_a_square(loss):
    """(n, 1) minus (n,) is (n, n) in NumPy, and here another number of rows is refused too."""
    bench = Bench(loss, n_out=1)
    assert np.shape(bench.net.loss(bench.X, bench.targets[:, 0])) == ()
    y = bench.targets[:4, 0]
    call = lambda: bench.net.loss(bench.X, y)  # noqa: E731
    assert_refused(bench, call, ValueError, ["y has shape (4,), expected (6, 1)"], y)


@pytest.mark.parametrize("value", [-0.1, 1.5])
@pytest.mark.parametrize("method", ["value", "gradient"])
def test_targets_of_binary_cross_entropy_are_probabilities(bench, value, method):
    y = put(bench.targets, (2, 1), value)
    call = lambda: getattr(LOSSES["sigmoid_binary_cross_entropy"], method)(np.zeros((N, K)), y)  # noqa: E731
    assert_refused(bench, call, ValueError, ["y has targets from", str(value), "0 <= y <= 1"], y)
