"""The checks of training's history and replay, held against code of another kind."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

import reference_mlp
from reference_mlp import evaluate
from reference_mlp.testing import CHECKS, Outcome, Setting, assemble, run_check
from reference_mlp.training import Epoch

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def run(check, dtype=np.float64, seed=3, **parts):
    return run_check(CHECKS[check], assemble("someone's", **parts), setting=Setting(seed, dtype))


def step(network, optimiser, X, y):
    loss, grads = network.loss_and_gradients(X, y)
    optimiser.step(network.params, dict(grads))
    return float(loss)


class Training:
    """A training loop of another make, one method for each thing that can be done wrongly."""

    def fit(self, network, X, y, *, optimiser, epochs, rng, batch_size=8, validation=None, **_):
        self.before(network, X, y, optimiser, validation)
        history = []
        for number in range(epochs):
            order = self.order(len(X), rng) if batch_size else np.arange(len(X))
            losses = np.empty(len(X))
            for i in range(0, len(X), batch_size or len(X)):
                rows = order[i : i + (batch_size or len(X))]
                losses[rows] = step(network, optimiser, X[rows], y[rows])
            self.after(network, optimiser, validation)
            scored = self.scored(network, X, y, validation)
            history.append(Epoch(self.number(number), self.mean(losses), 0.0, scored))
        return history

    def before(self, network, X, y, optimiser, validation):
        pass

    def order(self, n, rng):
        return rng.permutation(n)

    def after(self, network, optimiser, validation):
        pass

    def scored(self, network, X, y, validation):
        return validation and evaluate(network, *validation)

    def number(self, index):
        return index + 1

    def mean(self, losses):
        return losses.mean()


@every_dtype
@pytest.mark.parametrize("check", ["history_reported", "fit_replays"])
def test_another_right_loop_passes(check, dtype):
    result = run(check, dtype, fit=Training().fit)
    assert result.outcome is Outcome.PASSED, result.message


class Reinitialised(Training):
    def before(self, network, X, y, optimiser, validation):
        for p in network.params.values():
            p[...] = np.random.default_rng(0).normal(size=p.shape)


class TrainedOnValidation(Training):
    def after(self, network, optimiser, validation):
        step(network, optimiser, *validation)


class NeverValidated(Training):
    def scored(self, network, X, y, validation):
        return None


class PartlyValidated(Training):
    def scored(self, network, X, y, validation):
        return validation and evaluate(network, validation[0][:5], validation[1][:5])


class FromZero(Training):
    def number(self, index):
        return index


class Summed(Training):
    def mean(self, losses):
        return losses.sum()


class BestOf(Training):
    def mean(self, losses):
        return losses.min()


@every_dtype
@pytest.mark.parametrize(
    ("training", "message"),
    [
        (Reinitialised, "parameters without its optimiser"),
        (TrainedOnValidation, "parameters depend on the validation set"),
        (NeverValidated, "nothing is reported of the validation set"),
        (PartlyValidated, "validation"),
        (FromZero, "3 epochs are reported as [0, 1, 2], expected [1, 2, 3]"),
        (Summed, "loss of"),
        (BestOf, "three batches of 4, 4 and 3 rows,"),
    ],
)
def test_a_wrong_loop_is_flagged(training, message, dtype):
    for seed in range(3):
        result = run("history_reported", dtype, seed, fit=training().fit)
        assert result.outcome is Outcome.FLAGGED
        assert message in result.message


class GlobalOrder(Training):
    def order(self, n, rng):
        return np.random.permutation(n)  # noqa: NPY002 - planted


class PythonsOrder(Training):
    def order(self, n, rng):
        return np.array(random.sample(range(n), n))


class Seeding(Training):
    def before(self, network, X, y, optimiser, validation):
        np.random.seed(0)  # noqa: NPY002 - planted


class Unseeded(Training):
    def order(self, n, rng):
        return np.random.default_rng().permutation(n)


@pytest.mark.parametrize(
    ("training", "message"),
    [
        (GlobalOrder, "two runs from seed 3"),
        (PythonsOrder, "two runs from seed 3"),
        (Unseeded, "two runs from seed 3"),
        (Seeding, "drew from or seeded the global generator"),
    ],
)
def test_training_that_no_seed_replays_is_flagged_and_leaves_no_trace(training, message):
    before = global_states()
    result = run("fit_replays", fit=training().fit)
    assert result.outcome is Outcome.FLAGGED
    assert message in result.message
    assert global_states() == before


def global_states():
    return repr(np.random.get_state()), random.getstate()  # noqa: NPY002 - watched


def test_a_network_without_classes_is_not_judged():
    reference = assemble()
    reals = tuple(p for p in reference.problems if p.targets in {"reals", "column"})
    only = replace(reference, problems=reals, fit=reference_mlp.fit)
    assert run_check(CHECKS["history_reported"], only).outcome is Outcome.NOT_APPLICABLE
