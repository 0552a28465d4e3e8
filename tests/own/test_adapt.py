"""What an adapter says of code can't always be so: then it is said, in words, before any check."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from reference_mlp.testing.adapt import AdapterError, Problem, adapt, attributes, implementation_of
from reference_mlp.testing.adapters.gradients import collected
from reference_mlp.testing.adapters.nests import write

PROBLEM = Problem("mine", (3, 4), (), "squared_error", "reals", 5)


def net():
    return SimpleNamespace(W=np.ones((3, 4)), b=np.zeros(4))


def of(arrays=None, **given):
    own = net()
    given = {"logits": lambda X: X @ own.W + own.b} | given
    return adapt(PROBLEM, attributes(own, "W", "b") if arrays is None else arrays, **given)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: of(lambda: [np.ones(3)]), "it returns copies"),
        (lambda: of(logits=lambda X: np.ones((4, len(X)))), 'is it samples="columns"?'),
        (lambda: of(logits=lambda X: np.ones((len(X), 4, 1))), 'is it samples="stack of columns"?'),
        (lambda: of(logits=lambda X: np.ones(len(X))), "have shape (5,), expected (5, 4)"),
        (lambda: of(gradients=lambda X, y: [np.ones(4)]), "there are 1 gradients (0) for 2"),
        (lambda: of(()), "there are no parameters"),
        (lambda: of((1.0, 2.0)), "can't be written: use set_arrays"),
    ],
)
def test_what_cannot_be_so_is_said(make, words):
    with pytest.raises(AdapterError) as raised:
        implementation_of(make)
    assert words in str(raised.value)


def test_weights_that_are_drawn_anew_are_noticed():
    own = net()

    def fit(X, y, rate):
        own.W = np.random.randn(3, 4)

    def make():
        return adapt(PROBLEM, attributes(own, "W"), logits=lambda X: X @ own.W, step=fit)

    with pytest.raises(AdapterError, match="learning rate 0 changes W: does it draw new weights"):
        implementation_of(make)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"samples": "row"}, "expected one of"),
        ({"loss": "mse"}, "mean_squared_error"),
        ({"scale": "M"}, "expected a number or one of"),
        ({"scale": 0}, "other than 0"),
    ],
)
def test_unknown_names_are_said_with_those_there_are(given, words):
    with pytest.raises(ValueError, match=words):
        of(**given)


def test_an_attribute_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(AttributeError, match="no W1; its attributes: W, b"):
        attributes(net(), "W1")


def test_a_dict_has_items():
    with pytest.raises(AttributeError, match="a dict has no attributes W, b: give it as it is"):
        attributes({"W": np.ones(2), "b": np.ones(1)}, "W", "b")


@pytest.mark.parametrize(("n_outputs", "shape"), [(1, (1, 1)), (3, (1,))])
def test_a_gradient_of_one_number_fits_what_is_one_number(n_outputs, shape):
    params = {"w": np.ones((4, n_outputs)), "b": np.zeros((1, n_outputs))}
    adapted = adapt(
        Problem("logistic", (4, n_outputs), (), "sigmoid_binary_cross_entropy", "fractions", 5),
        params,
        logits=lambda X: X @ params["w"] + params["b"],
        gradients=lambda X, y: {"dw": params["w"], "db": np.sum(y)},
    )
    gradient = adapted.gradients(np.ones((5, 4)), np.ones((5, n_outputs)))["b"]
    assert gradient.shape == shape
    assert gradient.sum() == 5 * n_outputs


def test_attributes_are_those_of_the_moment():
    own = net()
    view = attributes(own, "W", "b")
    own.W = np.full((3, 4), 7.0)
    assert view["W"][0, 0] == 7
    write(view, [np.zeros((3, 4)), np.ones(4)])
    assert not own.W.any()


def test_arrays_are_written_into_so_that_others_who_hold_them_see_it():
    own = net()
    held = own.W
    write(attributes(own, "W", "b"), [np.full((3, 4), 2.0), np.ones(4)])
    assert own.W is held
    assert held[0, 0] == 2


def test_numbers_and_read_only_arrays_are_replaced():
    own = SimpleNamespace(w=np.ones(2), b=0.5)
    own.w.flags.writeable = False
    adapted = adapt(
        Problem("neuron", (2, 1), (), "squared_error", "column", 3),
        attributes(own, "w", "b"),
        logits=lambda X: (X @ own.w + own.b)[:, None],
    )
    adapted.params["b"][...] = 3
    assert adapted.logits(np.zeros((1, 2))) == [[3]]
    assert isinstance(own.b, float)


def test_values_wider_than_their_arrays_are_refused():
    with pytest.raises(TypeError, match="is of float32"):
        write({"W": np.ones(2, np.float32)}, [np.ones(2)])


@pytest.mark.parametrize(
    "found",
    [
        {"db": np.zeros(4), "dW": np.ones((3, 4))},
        {"b_grad": np.zeros(4), "W_grad": np.ones((3, 4))},
        [np.ones((3, 4)), np.zeros(4)],
        np.concatenate([np.ones(12), np.zeros(4)]),
    ],
)
def test_gradients_are_put_beside_their_parameters(found):
    grads = collected(found, {"W": np.ones((3, 4)), "b": np.ones(4)})
    assert grads["W"].shape == (3, 4)
    assert grads["W"].all()
    assert not grads["b"].any()
