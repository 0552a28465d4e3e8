"""The check of a convex problem: other right code ends at its optimum, and near misses are seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import reference_mlp
from reference_mlp.testing import CHECKS, Outcome, Setting, assemble, run_check
from tests.checks.test_steps import fit_by_hand
from tests.testing.rewrites import REWRITES, FeaturesFirst

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def run(dtype=np.float64, seed=2, **parts):
    implementation = replace(assemble(), **parts)
    return run_check(CHECKS["convex_optimum"], implementation, setting=Setting(seed, dtype))


@every_dtype
@pytest.mark.parametrize("make_network", REWRITES)
def test_other_networks_and_loops_end_at_the_optimum(make_network, dtype):
    result = run(dtype, make_network=make_network, fit=fit_by_hand)
    assert result.outcome is Outcome.PASSED, result.message


def test_it_does_not_matter_where_one_starts():
    class FarAway(FeaturesFirst):
        def __init__(self, sizes, **settings):
            super().__init__(sizes, **settings)
            for p in self.params.values():
                p += settings["rng"].normal(0, 2, p.shape)

    for seed in range(4):
        result = run(seed=seed, make_network=FarAway)
        assert result.outcome is Outcome.PASSED, result.message


def test_a_factory_without_small_networks_is_not_judged():
    def make_network(sizes, **settings):
        if len(sizes) < 3:
            raise ValueError(sizes)
        return FeaturesFirst(sizes, **settings)

    assert run(make_network=make_network).outcome is Outcome.NOT_APPLICABLE


def test_a_network_with_more_parameters_is_not_judged():
    class WithScale(FeaturesFirst):
        def __init__(self, sizes, **settings):
            super().__init__(sizes, **settings)
            self.params["scale"] = np.ones(1, settings["dtype"])

    assert run(make_network=WithScale).outcome is Outcome.NOT_APPLICABLE


class BiasesPenalised(FeaturesFirst):
    def gradients(self, X, y):
        grads = super().gradients(X, y)
        return {n: g + self.l2 * self.params[n] * (n[0] == "b") for n, g in grads.items()}


class FirstRowTwice(FeaturesFirst):
    def gradients(self, X, y):
        return super().gradients(np.concatenate([X[:1], X]), np.concatenate([y[:1], y]))


@every_dtype
@pytest.mark.parametrize("make_network", [BiasesPenalised, FirstRowTwice])
def test_another_objective_is_flagged(make_network, dtype):
    result = run(dtype, make_network=make_network)
    assert result.outcome is Outcome.FLAGGED
    assert "from that at the optimum" in result.message


def test_stopping_early_is_flagged():
    def fit(*args, epochs, **settings):
        return reference_mlp.fit(*args, epochs=min(epochs, 10), **settings)

    assert run(fit=fit).outcome is Outcome.FLAGGED


def test_breaking_off_is_flagged_and_said():
    def fit(*args, **settings):
        msg = "the loss became nan"
        raise FloatingPointError(msg)

    result = run(fit=fit)
    assert result.outcome is Outcome.FLAGGED
    assert "broke off" in result.message
