"""An epoch alone: the entry that comes next in a history."""

import numpy as np
import pytest

from reference_mlp import SGD, Epoch, Regime, evaluate, fit, train_epoch
from tests.reference.trainings import Recorder, problem, run


def epochs_by_hand(net, X, y, n, *, seed=1, **options):
    regime, history = Regime(optimiser=SGD(0.1), rng=np.random.default_rng(seed), **options), []
    for _ in range(n):
        history.append(train_epoch(net, X, y, regime, history=history))
    return history


def told(history):
    return [(epoch.number, epoch.loss, epoch.validation) for epoch in history]


@pytest.mark.parametrize(
    "options", [{}, {"batch_size": 6}, {"batch_size": None, "max_norm": 0.1}], ids=len
)
def test_epochs_by_hand_are_those_of_a_training(options):
    net, X, y = problem()
    twin, _, _ = problem()
    by_hand = epochs_by_hand(net, X, y, 3, validation=(X[:5], y[:5]), **options)
    assert told(by_hand) == told(run(twin, X, y, validation=(X[:5], y[:5]), **options))
    for name, p in net.params.items():
        np.testing.assert_array_equal(p, twin.params[name])


def test_a_network_with_dropout_is_thinned_in_an_epoch_too():
    net, X, y = problem(dropout=0.5)
    twin, _, _ = problem(dropout=0.5)
    by_hand = epochs_by_hand(net, X, y, 2)
    assert told(by_hand) == told(run(twin, X, y, epochs=2))
    plain, _, _ = problem()
    assert by_hand[0].loss != epochs_by_hand(plain, X, y, 1)[0].loss


def test_an_epoch_goes_on_from_the_history_and_leaves_it_alone():
    net, X, y = problem()
    history = (Epoch(1, 9.0, 0.1), Epoch(2, 8.0, 0.1))
    regime = Regime(optimiser=Recorder(), rng=np.random.default_rng(0))
    epoch = train_epoch(net, X, y, regime, history=history)
    assert epoch.number == 3
    assert epoch.loss == pytest.approx(float(net.loss(X, y)), rel=1e-12)
    assert [e.loss for e in history] == [9.0, 8.0]


def test_the_validation_is_of_the_network_after_the_epoch():
    net, X, y = problem()
    before = evaluate(net, X, y)
    [epoch] = epochs_by_hand(net, X, y, 1, validation=(X, y))
    assert epoch.validation == evaluate(net, X, y) != before


def test_an_epoch_that_diverges_says_which():
    net, X, y = problem()
    history = (Epoch(1, 9.0, 0.1),)
    losses = iter([1.0, np.nan])
    regime = Regime(
        optimiser=Recorder(),
        rng=np.random.default_rng(0),
        batch_size=6,
        train_step=lambda *_: next(losses),
    )
    with pytest.raises(FloatingPointError, match="became nan in epoch 2 after 6 rows"):
        train_epoch(net, X, y, regime, history=history)


def test_a_replaced_epoch_is_the_one_that_a_training_is_made_of():
    seen = []

    def other(network, X, y, regime, *, history):
        seen.append((len(history), regime.validation))
        return Epoch(len(history) + 1, 5.0 - len(history), 0.1)

    net, X, y = problem()
    history = fit(
        *(net, X, y),
        optimiser=SGD(0.1),
        epochs=3,
        rng=np.random.default_rng(0),
        validation=(X, y),
        train_epoch=other,
    )
    assert told(history) == [(1, 5.0, None), (2, 4.0, None), (3, 3.0, None)]
    assert [n for n, _ in seen] == [0, 1, 2]
    assert all(given[0] is X and given[1] is y for _, given in seen)
