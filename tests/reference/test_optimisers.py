import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_mlp import SGD, Adam, Momentum, Nesterov

relaxed = settings(max_examples=50, deadline=None)
MAKERS = {
    "sgd": lambda: SGD(0.1),
    "momentum": lambda: Momentum(0.1),
    "nesterov": lambda: Nesterov(0.1),
    "adam": lambda: Adam(0.1),
}
every_optimiser = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def trajectory(optimiser, start, gradient, n_steps):
    """The places of one parameter from `start` on, moved by its `gradient` there."""
    params = {"0.b": np.array(start, dtype=np.float64)}
    places = [params["0.b"].copy()]
    for _ in range(n_steps):
        optimiser.step(params, {"0.b": gradient(params["0.b"])})
        places.append(params["0.b"].copy())
    return np.array(places)


@relaxed
@given(st.floats(0.01, 1), st.floats(0.1, 1.9))
def test_sgd_decays_geometrically_on_a_parabola(rate, curvature):
    """f = a x^2 / 2: x_t = (1 - rate a)^t x_0."""
    got = trajectory(SGD(rate), [3.0, -1.0], lambda x: curvature * x, 20)
    factors = (1 - rate * curvature) ** np.arange(21)
    np.testing.assert_allclose(got, factors[:, None] * [3, -1], rtol=1e-10, atol=1e-13)


@relaxed
@given(st.floats(0, 0.99), st.floats(0.01, 1))
def test_momentum_under_a_constant_gradient(m, rate):
    """v_t = -rate g (1 - m^t) / (1 - m), and x the sum of them."""
    got = trajectory(Momentum(rate, momentum=m), [2.0], lambda x: np.full_like(x, 3.0), 30)
    t = np.arange(31)
    velocities = -rate * 3 * (1 - m**t) / (1 - m)
    np.testing.assert_allclose(got[:, 0], 2 + np.cumsum(velocities), rtol=1e-11, atol=1e-11)


@relaxed
@given(st.floats(0, 0.99), st.floats(0.01, 1), st.floats(0.1, 1.9))
def test_momentum_on_a_parabola_is_a_matrix_power(m, rate, curvature):
    """(v, x) <- [[m, -rate a], [m, 1 - rate a]] (v, x), stable for rate a < 2 (1 + m)."""
    got = trajectory(Momentum(rate, momentum=m), [2.0], lambda x: curvature * x, 30)
    A = np.array([[m, -rate * curvature], [m, 1 - rate * curvature]])
    powers = [np.linalg.matrix_power(A, t) @ [0, 2] for t in range(31)]
    np.testing.assert_allclose(got[:, 0], np.array(powers)[:, 1], rtol=1e-10, atol=1e-11)


@relaxed
@given(st.floats(0, 0.99), st.floats(0.01, 0.9))
def test_nesterov_is_the_look_ahead_of_the_textbook(m, rate):
    """theta moves by the gradient at theta + m v, which is where our parameters are."""
    start, gradient = np.array([2.0, -0.7]), np.tanh  # of log cosh
    got = trajectory(Nesterov(rate, momentum=m), start, gradient, 30)
    theta, v = start.copy(), np.zeros(2)
    wanted = [theta + m * v]
    for _ in range(30):
        v = m * v - rate * gradient(theta + m * v)
        theta = theta + v
        wanted.append(theta + m * v)
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-11)


def test_nesterov_and_momentum_differ():
    runs = [trajectory(make(0.1), [2.0], np.tanh, 3) for make in (Momentum, Nesterov)]
    assert abs(runs[0] - runs[1])[1:].min() > 0.01


@pytest.mark.parametrize("make", [Momentum, Nesterov])
def test_without_momentum_it_is_sgd(make):
    got = trajectory(make(0.1, momentum=0), [2.0, 5.0], np.tanh, 20)
    np.testing.assert_allclose(got, trajectory(SGD(0.1), [2.0, 5.0], np.tanh, 20), rtol=1e-14)


def adam_by_the_paper(start, gradient, n_steps, *, alpha, beta1, beta2, epsilon):
    """Kingma and Ba 2015, algorithm 1, as it stands there, on one number."""
    theta, m, v, t = start, 0.0, 0.0, 0
    places = [theta]
    while t < n_steps:
        t = t + 1
        g = gradient(theta)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta = theta - alpha * m_hat / (math.sqrt(v_hat) + epsilon)
        places.append(theta)
    return places


@relaxed
@given(
    st.floats(1e-3, 0.5), st.floats(0, 0.95), st.floats(0, 0.9999), st.sampled_from([1e-8, 1e-2])
)
def test_adam_is_the_algorithm_of_its_paper(rate, beta1, beta2, epsilon):
    optimiser = Adam(rate, beta1=beta1, beta2=beta2, epsilon=epsilon)
    got = trajectory(optimiser, [2.0], lambda x: np.tanh(x) + 0.3, 30)
    wanted = adam_by_the_paper(
        2.0,
        lambda x: math.tanh(x) + 0.3,
        30,
        alpha=rate,
        beta1=beta1,
        beta2=beta2,
        epsilon=epsilon,
    )
    np.testing.assert_allclose(got[:, 0], wanted, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("size", [1e-3, 1, 1e6])
def test_adams_first_step_is_the_learning_rate(size):
    got = trajectory(Adam(0.01), [0.0, 0.0], lambda _: np.array([size, -size]), 1)
    np.testing.assert_allclose(got[1], [-0.01, 0.01], rtol=1e-4)


def test_adams_defaults_are_the_papers():
    optimiser = Adam()
    assert optimiser.learning_rate == 1e-3
    assert (optimiser.beta1, optimiser.beta2, optimiser.epsilon) == (0.9, 0.999, 1e-8)


@every_optimiser
def test_a_parameter_that_comes_late_moves_as_from_its_start(make):
    """As one does that was frozen for a while: the history of others is not its own."""
    optimiser, alone = make(), make()
    params = {"0.b": np.array([1.0]), "2.b": np.array([1.0])}
    other = {"2.b": np.array([1.0])}
    for _ in range(5):
        optimiser.step(params, {"0.b": np.array([0.7])})
    np.testing.assert_array_equal(params["2.b"], [1.0])
    for _ in range(3):
        optimiser.step(params, {"0.b": np.array([0.7]), "2.b": np.array([0.2])})
        alone.step(other, {"2.b": np.array([0.2])})
    np.testing.assert_array_equal(params["2.b"], other["2.b"])


@every_optimiser
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_parameters_move_in_place_and_keep_their_dtype(make, dtype):
    W = np.ones((2, 3), dtype)
    params, g = {"0.W": W}, np.full((2, 3), 0.5, dtype)
    g.flags.writeable = False
    optimiser = make()
    for _ in range(3):
        optimiser.step(params, {"0.W": g})
    assert params["0.W"] is W
    assert W.dtype == dtype
    assert (W < 1).all()
    assert len(np.unique(W)) == 1
    states = [s for name in ("velocity", "m", "v") for s in getattr(optimiser, name, {}).values()]
    assert all(s.dtype == dtype and s.shape == (2, 3) for s in states)


@every_optimiser
def test_a_gradient_of_zero_moves_nothing_at_rest(make):
    np.testing.assert_array_equal(trajectory(make(), [2.0], np.zeros_like, 3), [[2.0]] * 4)


@every_optimiser
def test_every_optimiser_comes_down_a_parabola(make):
    places = trajectory(make(), [2.0, -1.0], lambda x: x, 300)
    assert np.abs(places[-1]).max() < 0.01


@every_optimiser
def test_two_optimisers_share_nothing(make):
    alone = trajectory(make(), [2.0], np.tanh, 6)
    one, other = make(), make()
    mine, theirs = {"0.b": np.array([2.0])}, {"0.b": np.array([-5.0])}
    for place in alone[1:]:
        one.step(mine, {"0.b": np.tanh(mine["0.b"])})
        other.step(theirs, {"0.b": np.tanh(theirs["0.b"])})
        np.testing.assert_array_equal(mine["0.b"], place)
