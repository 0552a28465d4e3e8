"""Faults are named down to their entries, and explained by what was planted."""

import numpy as np
import pytest

import reference_mlp as mlp
from reference_mlp.testing.certified import (
    check_adjoints,
    check_gradients,
    check_symmetry,
)
from reference_mlp.testing.evidence import Outcome


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
@pytest.mark.parametrize("seed", range(5))
def test_a_single_entry_is_named_exactly(case, spoiled, activation, seed):
    net, X, y = case((30, 20, 4), activation=activation, seed=seed)
    at = tuple(np.random.default_rng(seed).choice(np.argwhere(net.gradients(X, y)["0.W"])))

    def spoil(grads):
        grads["0.W"][at] *= 2

    report = check_gradients(spoiled(net, spoil), X, y, rng=seed)
    assert report.where == f"0.W[{at[0]},{at[1]}]"
    assert report.patterns == ("0.W: single entry",)
    assert "(ratio 0.5)" in report.message
    assert report.evaluations["diagnosis"] <= 100


def test_ten_entries_are_all_named(case, spoiled):
    net, X, y = case((30, 20, 4), activation="sigmoid")
    rng = np.random.default_rng(0)
    places = {
        *(("0.W", *at) for at in rng.choice(np.argwhere(net.params["0.W"]), 7, replace=False)),
        *(("2.W", *at) for at in rng.choice(np.argwhere(net.params["2.W"]), 3, replace=False)),
    }

    def spoil(grads):
        for name, i, j in places:
            grads[name][i, j] += 1e-4

    report = check_gradients(spoiled(net, spoil), X, y, rng=0)
    assert {f.where for f in report.faults} == {f"{n}[{i},{j}]" for n, i, j in places}


class _MissingDerivative(mlp.Tanh):
    def backward(self, cache, dh):
        return dh


@pytest.mark.parametrize(
    ("spoil", "pattern"),
    [
        (lambda p, g: g * 5, "x 5, the batch size: a sum over the batch"),
        (lambda p, g: g / 5, "x 1/5, the batch size"),
        (lambda p, g: -g, "x -1: the sign is flipped"),
        (lambda p, g: 2 * g, "x 2"),
        (lambda p, g: 0.5 * g, "x 1/2"),
        (lambda p, g: 1.25 * g, "x 1.25"),
        (lambda p, g: 0 * g, "zero throughout"),
        (lambda p, g: g - 0.01 * p, "an L2 term of 0.01 times the parameter is missing"),
        (lambda p, g: g + 0.02 * p, "an L2 term of 0.02 times the parameter is too much"),
        (lambda p, g: g.T.copy(), "transposed"),
        (lambda p, g: g * (np.arange(7) != 2), "column 2 zeroed"),
        (lambda p, g: g * (np.arange(7) != 3)[:, None], "row 3 zeroed"),
        (lambda p, g: g * ~np.isin(np.arange(7), [1, 4]), "columns 1, 4 zeroed"),
    ],
)
def test_templates(case, spoiled, spoil, pattern):
    net, X, y = case((6, 7, 7, 4), activation="tanh")

    def in_the_middle(grads):
        return grads | {"2.W": spoil(net.params["2.W"], grads["2.W"])}

    report = check_gradients(spoiled(net, in_the_middle), X, y, rng=0)
    assert len(report.patterns) == 1
    assert report.patterns[0].startswith(f"2.W: {pattern}")


def test_a_mean_in_a_bias(case, spoiled):
    net, X, y = case(activation="sigmoid")
    report = check_gradients(spoiled(net, lambda g: g["0.b"].__itruediv__(5) is None), X, y, rng=0)
    assert report.patterns == (
        "0.b: x 1/5, the batch size: a mean over the batch where the sum belongs",
    )


def test_two_entries_swapped(case, spoiled):
    net, X, y = case(activation="sigmoid")

    def spoil(grads):
        grads["0.b"][[1, 4]] = grads["0.b"][[4, 1]]

    report = check_gradients(spoiled(net, spoil), X, y, rng=0)
    assert report.patterns == ("0.b: 0.b[1] and 0.b[4] swapped",)


def test_noise_fits_no_template(case, spoiled):
    net, X, y = case((12, 15, 4), activation="tanh")
    e = np.random.default_rng(1).normal(size=net.params["0.W"].shape)

    def spoil(grads):
        grads["0.W"] += 1e-3 * e

    report = check_gradients(spoiled(net, spoil), X, y, rng=0)
    assert report.patterns == ("0.W: spread over many entries",)
    # A constant is the gradient of a linear function, and so is the sum.
    assert "a gradient, if not of this loss" in " ".join(report.remarks)


def test_a_fault_in_many_entries_is_placed_in_its_layer(case):
    class Shifted(mlp.Linear):
        def backward(self, cache, dz, params):
            dx, grads = super().backward(cache, dz, params)
            return np.roll(dx, 1, axis=1), grads

    net, X, y = case((12, 15, 14, 4), activation="tanh", linear=Shifted)
    report = check_gradients(net, X, y, rng=0)
    assert "the backward pass of layer 2 Shifted is wrong" in report.remarks


@pytest.fixture
def without_derivative(case):
    return case((6, 7, 5, 4), activation="tanh", activations={"tanh": _MissingDerivative})


def test_a_missing_derivative(without_derivative):
    report = check_gradients(*without_derivative, rng=0)
    text = "the derivative of layer 1 is missing; the derivative of layer 3 is missing"
    assert report.patterns == (f"0.W, 0.b, 2.W, 2.b: {text}",)


def test_adjoints_place_a_fault_in_its_layer(without_derivative, case):
    net, X, y = without_derivative
    found = {r.layer: r.report.outcome for r in check_adjoints(net, X, y, rng=_rng())}
    wrong = [layer for layer, outcome in found.items() if outcome is Outcome.FLAGGED]
    assert wrong == ["1 _MissingDerivative", "3 _MissingDerivative"]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh", "identity"])
@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "squared_error"])
def test_adjoints_of_correct_layers_pass(case, activation, dtype, loss):
    net, X, y = case(activation=activation, dtype=dtype, loss=loss, l2=0.1)
    y = y if loss.startswith("softmax") else np.eye(4, dtype=dtype)[y]
    for found in check_adjoints(net, X, y, rng=_rng()):
        assert found.report.outcome is Outcome.PASSED, f"{found.layer}: {found.report.message}"


def test_adjoints_of_a_network_without_layers(case, spoiled):
    net, X, y = case()
    with pytest.raises(TypeError, match="expected a Network with its layers"):
        list(check_adjoints(spoiled(net, None), X, y, rng=_rng()))


def test_adjoints_of_a_wrong_penalty(case):
    class Wrong(mlp.L2Penalty):
        def gradient(self, params):
            return {name: 2 * g for name, g in super().gradient(params).items()}

    net, X, y = case(l2=0.1, penalty=Wrong, activation="tanh")
    *layers, last = check_adjoints(net, X, y, rng=_rng())
    assert last.layer == "penalty"
    assert last.report.outcome is Outcome.FLAGGED
    assert all(r.report for r in layers)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("seed", range(3))
def test_the_jacobian_of_a_gradient_is_symmetric(case, activation, dtype, seed):
    net, X, y = case(activation=activation, dtype=dtype, seed=seed)
    report = check_symmetry(net, X, y, rng=_rng())
    assert report.outcome is not Outcome.FLAGGED, report.message
    if activation != "relu":
        assert report.outcome is Outcome.PASSED


def test_symmetry_tells_another_gradient_from_none(case, spoiled):
    net, X, y = case((6, 7, 7, 4), activation="sigmoid")
    halved = spoiled(net, lambda g: {name: 0.5 * a for name, a in g.items()})
    assert check_symmetry(halved, X, y, rng=_rng()).outcome is Outcome.PASSED
    bent = spoiled(net, lambda g: g | {"2.W": g["2.W"].T.copy()})
    report = check_symmetry(bent, X, y, rng=_rng())
    assert report.outcome is Outcome.FLAGGED
    assert "not the gradient of any function" in report.message


def _rng():
    return np.random.default_rng(0)
