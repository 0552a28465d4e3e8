"""Correct code passes every check that applies to it: other seeds, dtypes, layouts, networks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

import reference_mlp
from reference_mlp.testing import (
    CHECKS,
    Implementation,
    Outcome,
    Setting,
    assemble,
    run_check,
)
from reference_mlp.testing.strategies import problems, settings_of_checks
from tests.testing.rewrites import REWRITES

QUICK = [
    name
    for name, check in CHECKS.items()
    if name not in {"overfits_32_digits", "convergence"} and not check.missing(assemble())
]
PROVIDED = {"problems", "make_network", "optimisers", "train_step", "fit"}
ALARMS = {Outcome.FLAGGED, Outcome.CRASHED, Outcome.TIMED_OUT}


def own(factory):
    """A stranger's implementation: a factory, and the reference's training around it."""
    return Implementation(
        name=factory.__name__,
        make_network=factory,
        optimisers=assemble().optimisers,
        train_step=reference_mlp.train_step,
        fit=reference_mlp.fit,
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("factory", REWRITES)
def test_a_correct_rewrite_passes(factory, name, dtype):
    result = run_check(CHECKS[name], own(factory), setting=Setting(seed=11, dtype=dtype))
    if result.outcome is Outcome.NOT_APPLICABLE:
        # Not a pass: it is of layers, losses or functions of data, and there are none to see.
        assert not set(CHECKS[name].needs) <= PROVIDED or name == "layer_adjoints"
    else:
        assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.parametrize("name", QUICK)
def test_the_reference_passes_on_other_seeds(name):
    for seed in range(1, 5):
        for dtype in (np.float32, np.float64):
            result = run_check(CHECKS[name], assemble(), setting=Setting(seed=seed, dtype=dtype))
            assert result.outcome is Outcome.PASSED, f"{seed} {dtype}: {result.message}"


@given(problems(), settings_of_checks())
@settings(max_examples=40, deadline=None)
def test_the_reference_passes_on_random_networks(problem, setting):
    reference = assemble()
    implementation = Implementation(
        name="reference",
        make_network=reference.make_network,
        problems=(problem,),
        optimisers=reference.optimisers,
        train_step=reference.train_step,
    )
    for name in QUICK:
        result = run_check(CHECKS[name], implementation, setting=setting)
        # Inconclusive is an answer where every unit is dead; an alarm would be a false one.
        assert result.outcome not in ALARMS, f"{name}: {result.message}"
