"""Early stopping: when it stops, and what it puts back."""

import numpy as np
import pytest

from reference_mlp import SGD, EarlyStopping, Evaluation, fit, mlp


def stopped_at(losses, patience):
    """The number of the epoch that stops, or None."""
    stopping = EarlyStopping(patience)
    params = {"0.b": np.zeros(1)}
    for number, loss in enumerate(losses, 1):
        if stopping.update(loss, params):
            return number
    return None


@pytest.mark.parametrize(
    ("losses", "patience", "wanted"),
    [
        ([3, 2, 1, 2], 1, 4),
        ([3, 2, 1, 2, 2], 2, 5),
        ([3, 2, 2.5, 1, 2], 2, None),  # an improvement starts the count anew
        ([3, 2, 2.5, 1, 2, 2], 2, 6),
        ([1, 1, 1], 2, 3),  # an equal loss is no improvement
        ([3, 4, 3.5, 3.2], 3, 4),  # better than the last, never than the lowest
        ([4, 3, 2, 1], 1, None),
        ([np.inf, np.inf, 1.0], 2, None),
    ],
)
def test_it_stops_after_patience_epochs_without_a_new_lowest(losses, patience, wanted):
    assert stopped_at(losses, patience) == wanted


def test_it_restores_the_parameters_of_the_lowest_loss_in_place():
    params = {"0.W": np.zeros((2, 2)), "0.b": np.zeros(2)}
    arrays = dict(params)
    stopping = EarlyStopping(5)
    for number, loss in enumerate([3.0, 1.0, 2.0, 1.0, 4.0]):
        for p in params.values():
            p[...] = number
        stopping.update(loss, params)
    stopping.restore(params)
    for name, p in params.items():
        assert p is arrays[name]
        np.testing.assert_array_equal(p, np.ones_like(p))
    # What it keeps stays its own, so that it can be restored again.
    params["0.b"] += 7
    stopping.restore(params)
    np.testing.assert_array_equal(params["0.b"], [1, 1])


@pytest.mark.parametrize("patience", [0, -1, 1.5, None, True])
def test_patience_that_is_refused(patience):
    with pytest.raises(ValueError, match=f"patience is {patience}, expected a whole number"):
        EarlyStopping(patience)


def test_a_loss_of_nan_is_refused():
    stopping = EarlyStopping(2)
    with pytest.raises(FloatingPointError, match="loss is nan, expected a number to compare"):
        stopping.update(np.nan, {"0.b": np.zeros(1)})


def test_there_must_be_something_to_restore():
    with pytest.raises(ValueError, match="no parameters to restore, expected a call of update"):
        EarlyStopping(1).restore({"0.b": np.zeros(1)})


@pytest.mark.parametrize("other", [{"0.W": np.zeros(2)}, {"0.b": np.zeros(3)}, {}], ids=str)
def test_parameters_of_another_network_are_refused(other):
    stopping = EarlyStopping(1)
    stopping.update(1.0, {"0.b": np.ones(2)})
    with pytest.raises(ValueError, match=r"params has shapes .*, expected {'0.b': \(2,\)}"):
        stopping.restore(other)
    assert not any(p.any() for p in other.values())


def train(losses, patience, epochs=10, seed=0):
    """Train with an evaluation that says `losses` in turn, and keep the parameters at each."""
    rng = np.random.default_rng(seed)
    net = mlp((3, 4), rng=rng)
    X, y = rng.normal(size=(12, 3)), rng.integers(4, size=12)
    said, kept = iter(losses), []

    def evaluate(network, X, y):
        kept.append({name: p.copy() for name, p in network.params.items()})
        return Evaluation(next(said), 0.0)

    history = fit(
        net,
        X,
        y,
        optimiser=SGD(0.5),
        epochs=epochs,
        rng=rng,
        validation=(X, y),
        evaluate=evaluate,
        early_stopping=EarlyStopping(patience),
    )
    return net, history, kept


@pytest.mark.parametrize(
    ("losses", "epochs", "n", "best"),
    [([3.0, 1.0, 2.0, 2.0, 9.0], 10, 4, 2), ([3.0, 1.0, 2.0], 3, 3, 2), ([3.0, 2.0, 1.0], 3, 3, 3)],
    ids=["stopped", "ended before", "best at the end"],
)
def test_fit_stops_and_puts_the_best_parameters_back(losses, epochs, n, best):
    net, history, kept = train(losses, patience=2, epochs=epochs)
    assert [epoch.number for epoch in history] == list(range(1, n + 1))
    for name, p in net.params.items():
        np.testing.assert_array_equal(p, kept[best - 1][name])


def test_without_it_fit_runs_to_the_end():
    rng = np.random.default_rng(0)
    net = mlp((3, 4), rng=rng)
    X, y = rng.normal(size=(12, 3)), rng.integers(4, size=12)
    assert len(fit(net, X, y, optimiser=SGD(0.5), epochs=6, rng=rng, validation=(X, y))) == 6


def test_it_needs_a_validation_set():
    rng = np.random.default_rng(0)
    net = mlp((3, 4), rng=rng)
    before = net.params["0.W"].copy()
    with pytest.raises(ValueError, match="early_stopping is given and validation is None"):
        fit(
            net,
            np.ones((2, 3)),
            np.array([0, 1]),
            optimiser=SGD(0.5),
            epochs=6,
            rng=rng,
            early_stopping=EarlyStopping(1),
        )
    np.testing.assert_array_equal(net.params["0.W"], before)
