"""The gradients are the slopes of the loss, by four ways to find these."""

import numpy as np
import pytest
import scipy.optimize
from hypothesis import assume, given

from reference_mlp import Linear, Network, SquaredError, mlp
from tests.reference.networks import (
    Problem,
    cast,
    central_differences,
    far_from_kinks,
    problems,
    relaxed,
)


@relaxed
@given(problems())
def test_gradients_against_central_differences(problem):
    net, X, y, h = problem.net, problem.X, problem.y, 1e-5
    assume(far_from_kinks(net, X, h))
    numeric = central_differences(lambda: net.loss(X, y), net.params | {"X": X}, h)
    grads = net.gradients(X, y) | {"X": net.input_gradient(X, y)}
    # Truncation h^2 L''' / 6 and rounding eps L / h, each of up to 1e-10 times a few dozen.
    scale = 1 + net.loss(X, y) + max(np.abs(g).max() for g in grads.values()) ** 2
    for name, g in grads.items():
        np.testing.assert_allclose(g, numeric[name], rtol=0, atol=3e-9 * scale, err_msg=name)


@relaxed
@given(problems())
def test_gradients_against_scipy(problem):
    net, X, y, h = problem.net, problem.X, problem.y, 1e-7
    assume(far_from_kinks(net, X, h))
    ends = np.cumsum([p.size for p in net.params.values()])

    def unpack(theta):
        parts = zip(net.params.items(), np.split(theta, ends[:-1]), strict=True)
        return {name: part.reshape(p.shape) for (name, p), part in parts}

    def loss(theta):
        twin = Network(net.layers, net.loss_function, unpack(theta), penalty=net.penalty)
        return twin.loss(X, y)

    theta = np.concatenate([p.ravel() for p in net.params.values()])
    numeric = unpack(scipy.optimize.approx_fprime(theta, loss, h))
    grads = net.gradients(X, y)
    scale = 1 + net.loss(X, y) + max(np.abs(g).max() for g in grads.values()) ** 2
    for name, g in grads.items():
        np.testing.assert_allclose(g, numeric[name], rtol=0, atol=3e-6 * scale, err_msg=name)


@relaxed
@given(problems())
def test_float32_is_float64_but_for_rounding(problem):
    net, X, y = cast(problem.net, problem.X, problem.y, np.float32)
    loss, grads = net.loss_and_gradients(X, y)
    arrays = [loss, net.logits(X), net.probabilities(X), net.input_gradient(X, y), *grads.values()]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}
    exact = cast(net, X, y, np.float64)
    assume(far_from_kinks(*exact[:2], 1e-8))
    wanted_loss, wanted = exact[0].loss_and_gradients(*exact[1:])
    scale = 1 + wanted_loss + max(np.abs(g).max() for g in wanted.values()) ** 2
    tolerance = 64 * np.finfo(np.float32).eps * scale
    assert loss == pytest.approx(wanted_loss, abs=tolerance)
    for name, g in grads.items():
        np.testing.assert_allclose(g, wanted[name], rtol=0, atol=tolerance, err_msg=name)


def test_a_network_by_hand():
    """Two inputs, two relus, one output; every number can be checked with a pencil."""
    net = mlp((2, 2, 1), rng=np.random.default_rng(0), loss="squared_error", l2=0.1)
    net.params["0.W"][:] = [[1, -1], [2, 1]]
    net.params["0.b"][:] = [0.5, -4]
    net.params["2.W"][:] = [[3], [-2]]
    net.params["2.b"][:] = [1]
    X, y = np.array([[1.0, 2.0]]), np.array([[10.0]])
    # z = (5.5, -3), h = (5.5, 0), logit 17.5, residual 7.5; squares of weights 7 and 13.
    np.testing.assert_array_equal(net.logits(X), [[17.5]])
    assert net.loss(X, y) == pytest.approx(7.5**2 / 2 + 0.05 * (7 + 13))
    grads = net.gradients(X, y)
    np.testing.assert_allclose(grads["2.b"], [7.5])
    np.testing.assert_allclose(grads["2.W"], [[7.5 * 5.5 + 0.3], [-0.2]])
    np.testing.assert_allclose(grads["0.b"], [22.5, 0])
    np.testing.assert_allclose(grads["0.W"], [[22.5 + 0.1, -0.1], [45 + 0.2, 0.1]])
    np.testing.assert_allclose(net.input_gradient(X, y), [[22.5, 45]])


@pytest.mark.parametrize("loss", ["softmax_cross_entropy", "squared_error"])
def test_the_complex_step_differentiates_the_loss(loss):
    """Im L(theta + i h) / h has no truncation error, so it holds the gradient to rounding."""
    problem = Problem((4, 3, 5), "tanh", loss, 0.1, 6, 0)
    assert_complex_step(problem)


def test_the_complex_step_differentiates_binary_cross_entropy():
    problem = Problem((4, 3, 5), "tanh", "sigmoid_binary_cross_entropy", 0.1, 6, 0)
    assert_complex_step(problem)


def assert_complex_step(problem):
    net, X, y = problem.net, problem.X, problem.y
    for name, g in net.gradients(X, y).items():
        for i in np.ndindex(g.shape):
            params = {k: p.astype(complex) for k, p in net.params.items()}
            params[name][i] += 1e-100j
            twin = Network(net.layers, net.loss_function, params, penalty=net.penalty)
            slope = twin.loss(X.astype(complex), y).imag / 1e-100
            assert slope == pytest.approx(g[i], rel=1e-11, abs=1e-13), f"{name}{list(i)}"


def test_any_layer_can_come_first_and_a_layer_can_be_shared():
    """The same linear layer in two places keeps two sets of parameters."""
    rng = np.random.default_rng(0)
    linear = Linear()
    params = {
        f"{i}.{name}": rng.normal(size=shape)
        for i in (0, 1)
        for name, shape in (("W", (3, 3)), ("b", (3,)))
    }
    net = Network([linear, linear], SquaredError(), params)
    X, y = rng.normal(size=(2, 4, 3))
    numeric = central_differences(lambda: net.loss(X, y), params, 1e-5)
    for name, g in net.gradients(X, y).items():
        np.testing.assert_allclose(g, numeric[name], rtol=1e-7, atol=1e-8)


def test_a_network_of_more_than_nine_layers_keeps_their_names_apart():
    """Layer 1 would have "1.W" and layer 12 has "12.W"."""
    net = mlp((2,) * 8, rng=np.random.default_rng(0), activation="tanh")
    X, y = np.ones((3, 2)), np.zeros(3, int)
    numeric = central_differences(lambda: net.loss(X, y), net.params, 1e-5)
    assert list(net.params)[-1] == "12.b"
    for name, g in net.gradients(X, y).items():
        np.testing.assert_allclose(g, numeric[name], rtol=1e-6, atol=1e-8)
