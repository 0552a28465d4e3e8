"""Shapes, rows and calls that leave each other alone, and parts that are replaced."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_mlp import LOSSES, Network, mlp, one_hot
from tests.reference.networks import Problem, problems, relaxed


@relaxed
@given(problems())
def test_keys_and_shapes_of_gradients_are_those_of_parameters(problem):
    net, X, y = problem.net, problem.X, problem.y
    grads = net.gradients(X, y)
    assert list(grads) == list(net.params)
    assert {k: g.shape for k, g in grads.items()} == {k: p.shape for k, p in net.params.items()}
    assert net.input_gradient(X, y).shape == X.shape
    n_out = len(list(net.params.values())[-1])
    assert net.logits(X).shape == net.probabilities(X).shape == (len(X), n_out)


@relaxed
@given(problems())
def test_a_row_is_the_same_alone_and_in_a_batch(problem):
    net, X, y = problem.net, problem.X, problem.y
    rows = [slice(i, i + 1) for i in range(len(X))]
    penalty = net.penalty.value(net.params)
    singly = [net.loss(X[i], y[i]) - penalty for i in rows]
    np.testing.assert_allclose(np.mean(singly) + penalty, net.loss(X, y), rtol=1e-12)
    together = np.concatenate([net.logits(X[i]) for i in rows])
    np.testing.assert_allclose(together, net.logits(X), rtol=1e-11, atol=1e-12)
    grads = net.gradients(X, y)
    for name in grads:  # the penalty's gradient is in every one of them, and so in their mean
        mean = np.mean([net.gradients(X[i], y[i])[name] for i in rows], axis=0)
        np.testing.assert_allclose(grads[name], mean, rtol=1e-10, atol=1e-11)


@relaxed
@given(problems(), st.integers(0, 2**32))
def test_interleaved_calls_do_not_disturb_each_other(problem, seed):
    """Passes over two batches and two networks of the same parts, in any order."""
    net, X, y = problem.net, problem.X, problem.y
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(X))
    other_X, other_y = rng.normal(size=X.shape), y[order]
    wanted = net.backward(net.forward(X)[1], y)
    wanted_other = net.backward(net.forward(other_X)[1], other_y)
    other_net = Network(
        net.layers, net.loss_function, {name: 2 * p for name, p in net.params.items()}
    )

    logits, tape = net.forward(X)
    kept = logits.copy()
    _, other_tape = net.forward(other_X)
    other_net.loss_and_gradients(other_X, other_y)
    net.loss(other_X, other_y)
    got_other = net.backward(other_tape, other_y)
    got = net.backward(tape, y)
    again = net.backward(tape, y)

    np.testing.assert_array_equal(logits, kept)
    for (grads, dX), (wanted_grads, wanted_dX) in [
        (got, wanted),
        (again, wanted),
        (got_other, wanted_other),
    ]:
        np.testing.assert_array_equal(dX, wanted_dX)
        for name, g in wanted_grads.items():
            np.testing.assert_array_equal(grads[name], g)


@relaxed
@given(problems())
def test_nothing_that_is_passed_in_is_written_to(problem):
    net, X, y = problem.net, problem.X, problem.y
    for array in (X, y, *net.params.values()):
        array.flags.writeable = False
    state = dict(vars(net))
    first = net.loss_and_gradients(X, y)
    net.probabilities(X)
    net.input_gradient(X, y)
    second = net.loss_and_gradients(X, y)
    assert first[0] == second[0]
    for name, g in first[1].items():
        np.testing.assert_array_equal(g, second[1][name])
        assert not any(np.shares_memory(g, a) for a in (X, y, *net.params.values()))
    assert vars(net) == state


@pytest.mark.parametrize("strength", [0.3, np.float64(0.3), 1], ids=type)
def test_a_penalty_of_any_kind_leaves_float32_float32(strength):
    net = mlp((3, 4, 2), rng=np.random.default_rng(0), dtype=np.float32, l2=strength)
    loss, grads = net.loss_and_gradients(np.ones((5, 3), np.float32), np.zeros(5, int))
    assert {a.dtype for a in (loss, *grads.values())} == {np.dtype(np.float32)}


def test_one_hot_targets_are_as_good_as_labels():
    problem = Problem((4, 3, 5), "tanh", "softmax_cross_entropy", 0.1, 6, 0)
    rows = one_hot(problem.y, 5)
    assert problem.net.loss(problem.X, rows) == problem.net.loss(problem.X, problem.y)


def test_probabilities_are_the_losses_own():
    X = np.random.default_rng(0).normal(size=(6, 4))
    made = {name: mlp((4, 3), rng=np.random.default_rng(1), loss=name) for name in LOSSES}
    z = made["squared_error"].logits(X)
    e = np.exp(z)
    wanted = {
        "squared_error": z,
        "softmax_cross_entropy": e / e.sum(axis=1, keepdims=True),
        "sigmoid_binary_cross_entropy": e / (1 + e),
    }
    for name, p in wanted.items():
        np.testing.assert_allclose(made[name].probabilities(X), p, rtol=1e-13)


def test_replaced_parts_are_used():
    class Half:
        def forward(self, z):
            return z / 2, None

        def backward(self, cache, dh):
            return dh / 2

    net = mlp(
        (2, 2, 2), rng=np.random.default_rng(0), activation="half", activations={"half": Half}
    )
    W0, W1 = net.params["0.W"], net.params["2.W"]
    np.testing.assert_allclose(net.logits(np.eye(2)), W0 @ W1 / 2)


def test_frozen_parameters_have_gradients_but_are_not_trainable():
    net = mlp((3, 4, 2), rng=np.random.default_rng(0), frozen=("0.W", "2.b"))
    assert net.trainable == ("0.b", "2.W")
    grads = net.gradients(np.ones((2, 3)), np.array([0, 0]))
    assert list(grads) == ["0.W", "0.b", "2.W", "2.b"]
    assert grads["2.b"].any()
