"""What a step moves and what it leaves alone, of every optimiser."""

import numpy as np
import pytest

from reference_mlp import SGD, train_step
from tests.reference.trainings import copied, every_optimiser, problem, run


@every_optimiser
def test_a_step_returns_the_loss_before_it_and_lowers_it(make):
    net, X, y = problem()
    before = net.loss(X, y)
    returned = train_step(net, make(), X, y)
    assert type(returned) is float
    assert returned == before
    assert net.loss(X, y) < before


def test_a_step_of_sgd_is_the_gradient_times_the_rate():
    net, X, y = problem()
    before, grads = copied(net.params), net.gradients(X, y)
    train_step(net, SGD(0.25), X, y)
    for name, p in net.params.items():
        np.testing.assert_allclose(p, before[name] - 0.25 * grads[name], rtol=1e-14)


@every_optimiser
@pytest.mark.parametrize("frozen", [["0.W"], ["0.b", "2.W"], ["0.W", "0.b", "2.W", "2.b"]], ids=len)
def test_frozen_parameters_never_move(make, frozen):
    net, X, y = problem(frozen=frozen, l2=0.1)
    before = copied(net.params)
    run(net, X, y, optimiser=make(), batch_size=6)
    for name, p in net.params.items():
        assert (p == before[name]).all() == (name in frozen), name


@every_optimiser
def test_training_two_networks_in_turns_is_training_each_alone(make):
    (one, X, y), (other, other_X, other_y) = problem(0), problem(5)
    twin, optimiser, other_optimiser, alone = problem(0)[0], make(), make(), make()
    for _ in range(4):
        train_step(one, optimiser, X, y)
        train_step(other, other_optimiser, other_X, other_y)
        one.loss(other_X, other_y)
        train_step(twin, alone, X, y)
    for name, p in one.params.items():
        np.testing.assert_array_equal(p, twin.params[name])


@every_optimiser
def test_float32_stays_float32(make):
    net, X, y = problem(dtype=np.float32, l2=0.01)
    arrays = dict(net.params)
    run(net, X, y, optimiser=make(), batch_size=6)
    for name, p in net.params.items():
        assert p.dtype == np.float32
        assert p is arrays[name]


def test_training_leaves_the_set_alone():
    net, X, y = problem()
    X.flags.writeable = y.flags.writeable = False
    run(net, X, y, batch_size=None)
    run(net, X, y, batch_size=6)
