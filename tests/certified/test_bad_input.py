"""Bad input gets a clear error, and parameters are put back whatever happens."""

import numpy as np
import pytest

from reference_mlp.testing.certified import GradientMismatchError, check_gradients


@pytest.mark.parametrize(
    ("spoil", "match"),
    [
        (lambda g: {"0.W": g["0.W"]}, "no gradient of 0.b"),
        (lambda g: g | {"9.W": g["0.W"]}, r"gradients \['9.W'\]"),
        (lambda g: g | {"0.W": g["0.W"].T}, r"0.W has shape \(7, 6\)"),
        (lambda g: g | {"0.W": g["0.W"].astype(np.float32)}, "dtype float32, expected"),
        (lambda g: g | {"0.b": g["0.b"].tolist()}, "0.b is a list"),
        (lambda g: list(g.values()), "the gradients are a list"),
    ],
)
def test_gradients_of_another_form(case, spoiled, spoil, match):
    net, X, y = case()
    with pytest.raises(GradientMismatchError, match=match):
        check_gradients(spoiled(net, spoil), X, y, rng=0)


@pytest.mark.parametrize(
    ("value", "error", "match"),
    [
        (np.ones(3), TypeError, r"the loss has shape \(3,\), expected a scalar"),
        (np.ones(1), TypeError, "expected a scalar"),
        (float("nan"), ValueError, "the loss is nan"),
        (float("inf"), ValueError, "the loss is inf"),
        (1j, TypeError, "expected a real number"),
        ("0.3", TypeError, "the loss is a str"),
        (None, TypeError, "the loss is a NoneType"),
    ],
)
def test_losses_that_are_no_finite_scalar(value, error, match):
    W = np.ones(2)
    with pytest.raises(error, match=match):
        check_gradients((lambda: value, lambda: {"W": np.ones(2)}, {"W": W}), rng=0)


def _read_only():
    W = np.ones(2)
    W.flags.writeable = False
    return {"W": W}


def _tied():
    W = np.ones(4)
    return {"W": W, "V": W[1:]}


@pytest.mark.parametrize(
    ("params", "error", "match"),
    [
        ({}, ValueError, "params is empty"),
        (_read_only(), ValueError, r"params\['W'\] is read-only"),
        ({"W": np.ones(2, int)}, TypeError, "is int64, expected an array of float32 or float64"),
        ({"W": [1.0]}, TypeError, "is list"),
        ({"W": np.array([np.nan])}, ValueError, "not finite"),
        ({"W": np.ones(0)}, ValueError, "is empty"),
        ({"W": np.ones(1), "b": np.ones(1, np.float32)}, TypeError, "expected a single one"),
        (_tied(), ValueError, "share memory"),
        ([np.ones(2)], TypeError, "params is a list"),
    ],
)
def test_parameters_that_can_not_be_checked(params, error, match):
    with pytest.raises(error, match=match):
        check_gradients((lambda: 1.0, dict, params), rng=0)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"confidence": 0.0}, "confidence is 0.0"),
        ({"confidence": 1.0}, "confidence is 1.0"),
        ({"confidence": float("nan")}, "confidence is nan"),
        ({"step": 0.0}, "step is 0.0"),
        ({"step": -1e-3}, "step is -0.001"),
        ({"step": 1.0}, "step is 1.0"),
        ({"step": float("inf")}, "step is inf"),
        ({"directions": 0}, "directions is 0"),
    ],
)
def test_options_out_of_range(case, options, match):
    net, X, y = case()
    with pytest.raises(ValueError, match=match):
        check_gradients(net, X, y, rng=0, **options)


def test_subjects_that_are_neither_networks_nor_functions(case):
    net, X, _ = case()
    with pytest.raises(TypeError, match="expected a network"):
        check_gradients(object(), rng=0)
    with pytest.raises(TypeError, match="give both X and y"):
        check_gradients(net, X, rng=0)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, None])
def test_parameters_are_put_back_bit_for_bit(case, spoiled, activation, dtype, error):
    net, X, y = case(activation=activation, dtype=dtype)
    net.params["0.W"][0, 0] = -0.0
    arrays = dict(net.params)
    bits = {name: p.tobytes() for name, p in arrays.items()}

    def gradients(grads):
        grads["0.W"][2, 2] += 1

    for stop in (2, 9, 17, 23) if error else (10**9,):
        calls = iter(range(10**9))

        def loss(X, y, calls=calls, stop=stop):
            if next(calls) >= stop:
                raise error
            return net.loss(X, y)

        wrong = spoiled(net, gradients)
        subject = (loss, wrong.gradients, net.params)
        if error:
            with pytest.raises(error):
                check_gradients(subject, X, y, rng=0)
        else:
            check_gradients(subject, X, y, rng=0)
        assert all(net.params[name] is p for name, p in arrays.items())
        assert {name: p.tobytes() for name, p in net.params.items()} == bits


def test_code_that_keeps_copies_takes_them_by_set_params():
    W = np.array([1.0, 2.0])

    class Copies:
        params = {"W": W}  # noqa: RUF012 - what a user may write
        theta = W.copy()

        def set_params(self, params):
            self.theta = params["W"].copy()

        def loss(self, X, y):
            return ((X @ self.theta - y) ** 2).sum()

        def gradients(self, X, y):
            return {"W": 2 * X.T @ (X @ self.theta - y)}

    net, X, y = Copies(), np.array([[1.0, 2.0], [0.0, 1.0], [1.0, 1.0]]), np.zeros(3)
    still = check_gradients(net, X, y, rng=0)
    assert "the loss does not move with the parameters" in still.message
    assert check_gradients(net, X, y, rng=0, set_params=net.set_params)
    assert net.theta.tolist() == [1.0, 2.0]
