"""Epochs, their history, and what is shown of them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_mlp import SGD, Adam, evaluate, fit, mlp, split
from tests.reference.trainings import Recorder, copied, problem, run

relaxed = settings(max_examples=30, deadline=None)


@relaxed
@given(st.integers(1, 25), st.integers(1, 26), st.integers(1, 3))
def test_an_epoch_is_one_step_a_batch(n, batch_size, epochs):
    net, X, y = problem(n=n)
    recorder = Recorder()
    history = run(net, X, y, optimiser=recorder, batch_size=batch_size, epochs=epochs)
    assert [epoch.number for epoch in history] == list(range(1, epochs + 1))
    assert len(recorder.grads) == epochs * math.ceil(n / batch_size)


@relaxed
@given(st.integers(1, 25), st.integers(1, 26))
def test_the_loss_of_an_epoch_is_the_mean_over_its_rows(n, batch_size):
    """Nothing moves, so every batch sees the same network, and the rows make up the whole."""
    net, X, y = problem(n=n, l2=0.1)
    history = run(net, X, y, optimiser=Recorder(), batch_size=batch_size)
    for epoch in history:
        assert epoch.loss == pytest.approx(float(net.loss(X, y)), rel=1e-12)
        assert epoch.validation is None
        assert epoch.seconds > 0


def test_no_batch_size_is_gradient_descent():
    net, X, y = problem(l2=0.1)
    twin, _, _ = problem(l2=0.1)
    losses = []
    for _ in range(5):
        losses.append(float(twin.loss(X, y)))
        for name, g in twin.gradients(X, y).items():
            twin.params[name] -= 0.1 * g
    history = run(net, X, y, batch_size=None, epochs=5)
    assert [epoch.loss for epoch in history] == pytest.approx(losses, rel=1e-13)
    assert losses == sorted(losses, reverse=True)
    for name, p in net.params.items():
        np.testing.assert_allclose(p, twin.params[name], rtol=1e-12)


def test_the_history_has_the_validation_of_each_epoch():
    net, X, y = problem(n=30)
    (X, y), validation = split(X, y, 0.3, rng=np.random.default_rng(0))
    history = run(net, X, y, validation=validation, batch_size=5)
    assert history[-1].validation == evaluate(net, *validation)
    assert len({epoch.validation.loss for epoch in history}) == 3
    alone, _, _ = problem(n=30)
    assert [e.loss for e in run(alone, X, y, batch_size=5)] == [e.loss for e in history]


def test_the_same_generator_gives_the_same_training():
    runs = []
    for seed in (1, 1, 2):
        net, X, y = problem()
        runs.append(([e.loss for e in run(net, X, y, batch_size=4, seed=seed)], net.params))
    assert runs[0][0] == runs[1][0] != runs[2][0]
    for name, p in runs[0][1].items():
        np.testing.assert_array_equal(p, runs[1][1][name])


def test_epochs_go_on_where_the_last_ended():
    """One call for four epochs is two calls for two, given the same optimiser and generator."""
    net, X, y = problem()
    whole = [e.loss for e in run(net, X, y, optimiser=Adam(0.01), epochs=4, batch_size=6)]
    twin, _, _ = problem()
    optimiser, rng = Adam(0.01), np.random.default_rng(1)
    halves = [
        epoch.loss
        for _ in range(2)
        for epoch in fit(twin, X, y, optimiser=optimiser, epochs=2, rng=rng, batch_size=6)
    ]
    assert halves == whole


@pytest.mark.parametrize("batch_size", [None, 5])
def test_divergence_is_an_error_that_says_when(batch_size):
    rng = np.random.default_rng(0)
    net, X, y = mlp((3, 1), rng=rng, loss="squared_error"), rng.normal(size=(20, 3)), np.ones(20)
    with (
        np.errstate(all="ignore"),
        pytest.raises(FloatingPointError, match=r"the loss became (nan|inf) in epoch \d+ after"),
    ):
        run(net, X, y, optimiser=SGD(1e50), batch_size=batch_size, epochs=10)


def test_the_batch_that_diverges_is_counted():
    losses = iter([1.0, 2.0, math.inf])
    net, X, y = problem(n=20)
    with pytest.raises(FloatingPointError, match="became inf in epoch 1 after 12 rows"):
        run(net, X, y, batch_size=6, train_step=lambda *_: next(losses))


def test_the_progress_bar_goes_to_standard_error(capsys):
    net, X, y = problem()
    quiet = run(net, X, y, validation=(X, y))
    assert capsys.readouterr() == ("", "")
    net, _, _ = problem()
    shown = run(net, X, y, validation=(X, y), progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "epoch 3/3" in err
    assert f"loss {shown[-1].loss:.4f}" in err
    assert f"accuracy {shown[-1].validation.accuracy:.4f}" in err
    assert [e.loss for e in shown] == [e.loss for e in quiet]


def test_the_progress_bar_is_put_away_after_an_error(capsys):
    net, X, y = problem()
    for _ in range(2):  # a bar left standing would refuse a second one
        with pytest.raises(FloatingPointError):
            run(net, X, y, progress=True, train_step=lambda *_: math.nan)
    run(net, X, y, progress=True)
    assert "epoch 3/3" in capsys.readouterr().err


def test_replaced_parts_are_used():
    net, X, y = problem()
    before = copied(net.params)
    history = run(
        net,
        X,
        y,
        validation=(X, y),
        minibatches=lambda X, y, batch_size, *, rng: [(X[:3], y[:3])] * 2,
        train_step=lambda network, optimiser, X, y: float(len(X)),
        evaluate=lambda network, X, y: "scored",
    )
    assert [(e.loss, e.validation) for e in history] == [(3.0, "scored")] * 3
    for name, p in net.params.items():
        np.testing.assert_array_equal(p, before[name])
