"""Correct code passes every check that applies to it: other seeds, dtypes, layouts, networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

import reference_mlp
from reference_mlp.testing import (
    CHECKS,
    Implementation,
    Outcome,
    Problem,
    Setting,
    assemble,
    run_check,
)
from reference_mlp.testing.strategies import problems, settings_of_checks
from tests.testing.rewrites import REWRITES, UNREADABLE, InPlaceButCorrect
from tests.testing.rows_in_place import BiasRow

TRAINING = {"overfits_32_digits", "convergence"}
QUICK = [
    name for name, check in CHECKS.items() if name not in TRAINING and not check.missing(assemble())
]
# What looks at no problem says the same of every one.
OF_PROBLEMS = [name for name in QUICK if "problems" in CHECKS[name].needs]
PROVIDED = {"problems", "make_network", "optimisers", "train_step", "fit"}
# But for what is of layers, losses or functions of data: a rewrite has none to see.
OF_NETWORKS = [
    name
    for name, check in CHECKS.items()
    if set(check.needs) <= PROVIDED and name != "layer_adjoints"
]
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
@pytest.mark.parametrize("name", OF_NETWORKS)
@pytest.mark.parametrize("factory", REWRITES)
def test_a_correct_rewrite_passes(factory, name, dtype):
    result = run_check(CHECKS[name], own(factory), setting=Setting(seed=11, dtype=dtype))
    assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.parametrize("name", OF_NETWORKS)
@pytest.mark.parametrize("factory", UNREADABLE)
def test_a_correct_rewrite_that_cannot_be_read_is_not_flagged(factory, name):
    result = run_check(CHECKS[name], own(factory), setting=Setting(seed=11, dtype=np.float32))
    assert result.outcome in {Outcome.PASSED, Outcome.NOT_APPLICABLE}, result.message


@pytest.mark.parametrize(
    ("factory", "name", "seed", "problem"),
    [
        # Its biases are no arrays of their own: left at zero, they put relus on their kink.
        *(
            (
                BiasRow,
                name,
                2708,
                Problem(
                    "", (1, 3, 6, 9, 9), ("relu",) * 3, "softmax_cross_entropy", "labels", 5, 0.3
                ),
            )
            for name in ("scipy_check_grad", "first_order_decrease")
        ),
        # In float32 alone, terms of the truncation cancel at one step and not at half of it.
        (
            InPlaceButCorrect,
            "certified_gradients",
            870781567,
            Problem("", (11, 11, 6), ("relu",), "softmax_cross_entropy", "labels", 12, 0.01),
        ),
        (
            InPlaceButCorrect,
            "symmetric_jacobian",
            741526168,
            Problem(
                "",
                (4, 10, 5, 10, 1),
                ("identity", "tanh", "identity"),
                "squared_error",
                "column",
                9,
                0.3,
            ),
        ),
    ],
)
def test_what_was_once_a_false_alarm_is_none(factory, name, seed, problem):
    implementation = replace(own(factory), problems=(problem,))
    result = run_check(CHECKS[name], implementation, setting=Setting(seed, np.float32))
    assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.parametrize("name", QUICK)
def test_the_reference_passes_on_other_seeds(name):
    for seed, dtype in enumerate((np.float32, np.float64) * 2, start=1):
        result = run_check(CHECKS[name], assemble(), setting=Setting(seed=seed, dtype=dtype))
        assert result.outcome is Outcome.PASSED, f"{seed} {dtype}: {result.message}"


@given(problems(), settings_of_checks())
@settings(max_examples=25, deadline=None)
def test_the_reference_passes_on_random_networks(problem, setting):
    reference = assemble()
    implementation = Implementation(
        name="reference",
        make_network=reference.make_network,
        problems=(problem,),
        optimisers=reference.optimisers,
        train_step=reference.train_step,
    )
    for name in OF_PROBLEMS:
        result = run_check(CHECKS[name], implementation, setting=setting)
        # Inconclusive is an answer where every unit is dead; an alarm would be a false one.
        assert result.outcome not in ALARMS, f"{name}: {result.message}"
