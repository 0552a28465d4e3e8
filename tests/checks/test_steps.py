"""The checks of a step: planted bugs that no entry of the catalog has, and other right code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import reference_mlp
from reference_mlp.testing import CHECKS, Outcome, Setting, assemble, run_check
from tests.testing.rewrites import FeaturesFirst

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def run(check, dtype=np.float64, **parts):
    return run_check(CHECKS[check], replace(assemble(), **parts), setting=Setting(5, dtype))


def step_by_hand(network, optimiser, X, y):
    """Another program for the same step: new values first, then all written at once."""
    loss, grads = float(network.loss(X, y)), network.gradients(X, y)
    moved = {name: network.params[name].copy() for name in network.trainable}
    optimiser.step(moved, {name: grads[name] for name in moved})
    for name, p in moved.items():
        np.copyto(network.params[name], p)
    return loss


def fit_by_hand(network, X, y, *, optimiser, epochs, rng, batch_size=None):
    for _ in range(epochs):
        step_by_hand(network, optimiser, X, y)


@every_dtype
@pytest.mark.parametrize("make_network", [FeaturesFirst, assemble().make_network])
def test_a_step_of_other_make_passes(make_network, dtype):
    parts = {"train_step": step_by_hand, "fit": fit_by_hand, "make_network": make_network}
    for check in ("step_follows_gradient", "parameters_move"):
        result = run(check, dtype, **parts)
        assert result.outcome is Outcome.PASSED, result.message


def loss_after(network, optimiser, X, y):
    reference_mlp.train_step(network, optimiser, X, y)
    return float(network.loss(X, y))


def twice(network, optimiser, X, y):
    reference_mlp.train_step(network, optimiser, X, y)
    return reference_mlp.train_step(network, optimiser, X, y)


def frozen_too(network, optimiser, X, y):
    loss, grads = network.loss_and_gradients(X, y)
    optimiser.step(network.params, grads)
    return float(loss)


def first_row_left_out(network, optimiser, X, y):
    before = next(iter(network.params.values()))[0].copy()
    loss = reference_mlp.train_step(network, optimiser, X, y)
    next(iter(network.params.values()))[0] = before
    return loss


@every_dtype
@pytest.mark.parametrize(
    ("train_step", "words"),
    [
        (loss_after, "before it the loss was"),
        (twice, "by its gradient before the step it should be at"),
        (frozen_too, "0.W, 0.b frozen"),
        (first_row_left_out, "a step left 0.W[0,"),
    ],
)
def test_a_wrong_step_is_flagged(train_step, words, dtype):
    result = run("step_follows_gradient", dtype, train_step=train_step)
    assert result.outcome is Outcome.FLAGGED
    found = CHECKS["step_follows_gradient"](
        replace(assemble(), train_step=train_step), Setting(5, dtype)
    )
    assert any(words in e.message for e in found if e.outcome is Outcome.FLAGGED)


def test_a_right_network_that_cannot_freeze_is_not_asked_to():
    class Frozen(FeaturesFirst):
        frozen = frozenset()  # a name of its own, that means nothing to training

    result = run("step_follows_gradient", make_network=Frozen)
    assert result.outcome is Outcome.PASSED, result.message


@every_dtype
def test_an_epoch_that_leaves_a_row_is_flagged_by_name(dtype):
    def fit(network, X, y, *, optimiser, epochs, rng, batch_size=None):
        for _ in range(epochs):
            first_row_left_out(network, optimiser, X, y)

    result = run("parameters_move", dtype, fit=fit)
    assert result.outcome is Outcome.FLAGGED
    assert "entries of 0.W" in result.message


def test_an_epoch_on_a_copy_is_flagged():
    def fit(network, X, y, *, optimiser, epochs, rng, batch_size=None):
        params = network.params
        network.params = {name: p.copy() for name, p in params.items()}
        reference_mlp.train_step(network, optimiser, X, y)
        network.params = params

    result = run("parameters_move", fit=fit)
    assert result.outcome is Outcome.FLAGGED
    assert all(name in result.message for name in ("0.W", "2.b"))
