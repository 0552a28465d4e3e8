"""Layers that share their parameters, as an unrolled recurrent network's do."""

import numpy as np
import pytest

from reference_mlp import Linear, Network, SquaredError, mlp
from reference_mlp.testing import Outcome, check_gradients
from reference_mlp.testing.certified.adjoint import check_adjoints
from tests.reference.networks import central_differences


def tied(sizes, **options):
    return mlp(sizes, rng=np.random.default_rng(0), tied=True, **options)


@pytest.mark.parametrize(
    ("sizes", "names"),
    [
        ((5, 6, 6, 4), "0 2 4"),  # one square layer has nobody to share with
        ((5, 6, 6, 6, 4), "0 2 6"),
        ((5, 6, 6, 6, 6, 4), "0 2 8"),
        ((4, 4, 4, 4), "0 4"),  # the last layer is no hidden one
        ((5, 6, 6, 6, 7, 7, 7, 2), "0 2 6 8 12"),
        ((5, 6, 5, 6, 2), "0 2 4 6"),
        ((5, 2), "0"),
    ],
    ids=str,
)
def test_square_hidden_layers_that_follow_each_other_share(sizes, names):
    wanted = [f"{i}.{own}" for i in names.split() for own in "Wb"]
    assert list(tied(sizes).params) == wanted


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("options", [{}, {"dropout": 0.3}], ids=["", "dropout"])
def test_gradients_are_summed_over_the_places(options, l2):
    net = tied((4, 5, 5, 5, 3), activation=("tanh", "sigmoid", "tanh"), l2=l2, **options)
    net = net.thinned(np.random.default_rng(3))
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(6, 4)), rng.integers(3, size=6)
    numeric = central_differences(lambda: net.loss(X, y), net.params, 1e-5)
    for name, g in net.gradients(X, y).items():
        np.testing.assert_allclose(g, numeric[name], rtol=1e-7, atol=1e-9)


def test_the_gradient_is_the_sum_of_those_of_an_untied_network():
    net = tied((4, 5, 5, 5, 3), activation="tanh")
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(6, 4)), rng.integers(3, size=6)
    untied = mlp((4, 5, 5, 5, 3), rng=rng, activation="tanh")
    for name, p in untied.params.items():
        p[...] = net.params[name.replace("4.", "2.")]
    grads, apart = net.gradients(X, y), untied.gradients(X, y)
    np.testing.assert_allclose(net.logits(X), untied.logits(X), rtol=1e-14)
    for own in "Wb":
        both = apart[f"2.{own}"] + apart[f"4.{own}"]
        np.testing.assert_allclose(grads[f"2.{own}"], both, rtol=1e-12)
        np.testing.assert_array_equal(grads[f"0.{own}"], apart[f"0.{own}"])


def test_gradients_of_layers_are_not_written_to():
    """Summed into a new array: a layer may return one that it still needs."""
    kept = np.ones((2, 2))

    class Constant(Linear):
        def backward(self, cache, dz, params):
            return dz, {"W": kept, "b": dz.sum(axis=0)}

    params = {"0.W": np.eye(2), "0.b": np.zeros(2)}
    net = Network([Constant(), Constant()], SquaredError(), params, tied={1: 0})
    grads = net.gradients(np.ones((3, 2)), np.zeros((3, 2)))
    np.testing.assert_array_equal(grads["0.W"], np.full((2, 2), 2.0))
    np.testing.assert_array_equal(kept, np.ones((2, 2)))


def test_the_weights_that_are_left_are_drawn_as_for_an_untied_network():
    net = tied((5, 6, 6, 4))
    untied = mlp((5, 6, 6, 4), rng=np.random.default_rng(0))
    for name, p in net.params.items():
        np.testing.assert_array_equal(p, untied.params[name])


def test_frozen_names_are_those_of_the_first():
    net = tied((5, 6, 6, 6, 4), frozen=["2.W"])
    assert "2.W" not in net.trainable
    with pytest.raises(ValueError, match=r"frozen names \['4.W'\], expected names among"):
        tied((5, 6, 6, 6, 4), frozen=["4.W"])


@pytest.mark.parametrize("ties", [{1: 0}, {2: 1}, {3: 0}, {-1: 0}], ids=str)
def test_ties_that_are_refused(ties):
    """To a layer without parameters, of one that has its own, or of one that isn't there."""
    params = {"0.W": np.eye(2), "0.b": np.zeros(2), "1.W": np.eye(2), "1.b": np.zeros(2)}
    layers = [Linear(), Linear(), Linear()]
    if ties == {2: 1}:
        params = {"0.W": np.eye(2), "0.b": np.zeros(2)}
    with pytest.raises(ValueError, match=r"tied is .*, expected \S+ to be a layer without"):
        Network(layers, SquaredError(), params, tied=ties)


class Assigned(Network):
    """Keeps the gradient of one of the places."""

    def backward(self, tape, y):
        right, dX = super().backward(tape, y)
        dz = self.loss_function.gradient(tape.logits, y)
        for i in range(len(self.layers) - 1, 3, -1):
            dz, of_layer = self.layers[i].backward(tape.caches[i], dz, self._params_of(i))
        return right | {"2.W": of_layer["W"]}, dX


@pytest.mark.parametrize(
    ("network", "outcome"), [(Network, Outcome.PASSED), (Assigned, Outcome.FLAGGED)]
)
def test_the_gradient_check_sees_through_ties(network, outcome):
    net = tied((4, 5, 5, 5, 3), activation="tanh", network=network)
    rng = np.random.default_rng(1)
    report = check_gradients(net, rng.normal(size=(6, 4)), rng.integers(3, size=6), rng=2)
    assert report.outcome is outcome
    assert report.message.startswith("2.W[") == (outcome is Outcome.FLAGGED)


def test_each_layer_of_a_tied_network_is_checked_by_itself():
    net = tied((4, 5, 5, 5, 3), activation="tanh")
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(6, 4)), rng.integers(3, size=6)
    reports = list(check_adjoints(net, X, y, rng=rng))
    assert [r.layer for r in reports][4:] == ["4 Linear", "5 Tanh", "6 Linear", "loss"]
    assert {r.report.outcome for r in reports} == {Outcome.PASSED}
