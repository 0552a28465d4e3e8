"""scikit-learn's MLPClassifier and MLPRegressor, as the checks want to see them."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.adapt import Adapted, adapt
from reference_mlp.testing.adapters.nests import write
from reference_mlp.testing.problems import Problem

_NAMES = {"logistic": "sigmoid"}


def adapt_mlp(
    model: Any, *, n_inputs: int, n_outputs: int, dtype: DTypeLike = np.float64, n_rows: int = 6
) -> Adapted:
    """Return a `model` of `n_inputs` and `n_outputs` classes or outputs as a network.

    One that is not fitted yet is given its weights first. Loss and gradients are those that its
    `fit` descends, of the private `_backprop`. Its penalty is alpha / 2N times the squares of the
    weights, so that with an `alpha` other than 0 a batch twice over has another loss. Of a
    regressor with several outputs the loss is a mean over them, and the gradient a sum: `K` times
    as much.
    """
    classifies = hasattr(model, "predict_proba")
    binary = classifies and n_outputs == 2
    if not hasattr(model, "coefs_"):
        _initialise(model, n_inputs, n_outputs, dtype, classifies=classifies)
    width = 1 if binary else n_outputs
    hidden = tuple(W.shape[1] for W in model.coefs_[:-1])
    activation = (_NAMES.get(model.activation, model.activation),) * len(hidden)
    kind, targets = "squared_error", "reals"
    if classifies:
        kind, targets = "softmax_cross_entropy", "one-hot"
    if binary:
        kind, targets = "sigmoid_binary_cross_entropy", "fractions"
    sizes = (n_inputs, *hidden, width)
    problem = Problem(type(model).__name__, sizes, activation, kind, targets, n_rows)  # type: ignore[arg-type] # mypy widens the two words to str

    def backprop(X: Array, y: Array) -> tuple[Any, list[Array], list[Array]]:
        layers = list(zip(model.coefs_, model.intercepts_, strict=True))
        activations = [X, *(np.empty((len(X), len(b)), X.dtype) for _, b in layers)]
        deltas = [np.empty_like(a) for a in activations[1:]]
        grads = [[np.empty_like(a) for a in pair] for pair in zip(*layers, strict=True)]
        # Weights of samples came with 1.7.
        weights = (
            (None,) if "sample_weight" in inspect.signature(model._backprop).parameters else ()
        )
        found: Any = model._backprop(X, y, *weights, activations, deltas, *grads)
        loss, of_coefs, of_intercepts = found
        return loss, of_coefs, of_intercepts

    def arrays() -> dict[str, list[Array]]:
        return {"coefs": model.coefs_, "intercepts": model.intercepts_}

    return adapt(
        problem,
        arrays,
        # In the dtype of what is given: everything is then computed in that.
        set_arrays=lambda given: write(arrays(), given, widen=True),
        probabilities=lambda X: model._forward_pass_fast(X, check_input=False),
        loss=lambda X, y: backprop(X, y)[0],
        gradients=lambda X, y: list(backprop(X, y)[1:]),
    )


def _initialise(
    model: Any, n_inputs: int, n_outputs: int, dtype: DTypeLike, *, classifies: bool
) -> None:
    """Give the model its weights, by one step of training on noise."""
    X = np.random.normal(size=(2 * n_outputs, n_inputs)).astype(dtype)  # noqa: NPY002 - `adapt` seeds it
    if classifies:
        labels = np.arange(2 * n_outputs) % n_outputs
        model.partial_fit(X, labels, classes=np.arange(n_outputs))
    else:
        y = np.random.normal(size=(len(X), n_outputs)).astype(dtype)  # noqa: NPY002
        model.partial_fit(X, y[:, 0] if n_outputs == 1 else y)
