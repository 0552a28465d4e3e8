"""Random problems: what they are, what they shrink to, and that they show the catalog's bugs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from buggy_variants import catalog
from reference_mlp import SquaredError
from reference_mlp.testing import CHECKS, Outcome, Problem, Setting, assemble, run_check
from reference_mlp.testing.strategies import (
    ACTIVATIONS,
    LOSSES,
    batches,
    problems,
    settings_of_checks,
)
from tests.reference.test_import_time import loaded_by

REFERENCE = assemble()
relaxed = settings(max_examples=60, deadline=None)
# Derandomised: what is found is the same on every machine and in every run.
searching = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=1000,
    suppress_health_check=list(HealthCheck),
)


class SummedGradient(SquaredError):
    """The gradient of the sum over the batch, beside the value of the mean."""

    def gradient(self, z, y):
        return super().gradient(z, y) * len(z)


PLANTED = assemble("sum for mean", squared_error=SummedGradient)


def flagged(name, implementation, problem, setting=None):
    implementation = replace(implementation, problems=(problem,))
    result = run_check(CHECKS[name], implementation, setting=setting)
    return result.outcome is Outcome.FLAGGED


@relaxed
@given(problems(), settings_of_checks())
def test_every_problem_can_be_built_and_its_batch_used(problem, setting):
    network = problem.build(REFERENCE.make_network, dtype=setting.dtype, rng=setting.rng())
    X, y = problem.batch(dtype=setting.dtype, rng=setting.rng())
    assert network.logits(X).shape == (problem.n_rows, problem.sizes[-1])
    assert np.isfinite(network.loss(X, y))
    assert network.gradients(X, y).keys() == network.params.keys()


@relaxed
@given(st.data())
def test_a_drawn_batch_is_of_the_form_of_the_problems_own(data):
    problem = data.draw(problems())
    setting = data.draw(settings_of_checks())
    X, y = data.draw(batches(problem, dtype=setting.dtype))
    own_X, own_y = problem.batch(dtype=setting.dtype, rng=setting.rng())
    assert (X.shape, X.dtype) == (own_X.shape, own_X.dtype)
    assert (y.shape, y.dtype) == (own_y.shape, own_y.dtype)
    network = problem.build(REFERENCE.make_network, dtype=setting.dtype, rng=setting.rng())
    assert np.isfinite(network.loss(X, y))


@relaxed
@given(
    problems(
        hidden=(1, 2),
        widths=(3, 5),
        rows=(2, 4),
        activations=["tanh"],
        losses=["squared_error", "sigmoid_binary_cross_entropy"],
        l2=[0.1],
    )
)
def test_problems_are_of_what_was_asked_for(problem):
    assert 1 <= len(problem.activation) <= 2
    assert len(problem.sizes) == len(problem.activation) + 2
    assert all(3 <= n <= 5 for n in problem.sizes)
    assert 2 <= problem.n_rows <= 4
    assert set(problem.activation) == {"tanh"}
    assert problem.loss != "softmax_cross_entropy"
    assert problem.l2 == 0.1


FORMS = [(loss, targets) for loss, forms in LOSSES.items() for targets in forms]


@pytest.mark.parametrize(("loss", "targets"), FORMS, ids=[f"{a}-{b}" for a, b in FORMS])
def test_every_loss_comes_with_each_form_of_its_targets(loss, targets):
    find(problems(), lambda p: p.loss == loss and p.targets == targets, settings=searching)


@pytest.mark.parametrize("n", range(3))
def test_every_depth_comes_up_and_shrinks_to_the_plainest_network_of_it(n):
    found = find(problems(), lambda p: len(p.activation) == n, settings=searching)
    plainest = {"sizes": (1,) * (n + 2), "activation": ("identity",) * n, "n_rows": 1, "l2": 0.0}
    assert {name: getattr(found, name) for name in plainest} == plainest
    assert (found.loss, found.targets) == ("squared_error", "reals")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_comes_up_and_shrinks_to_the_smallest_network_with_it(name):
    found = find(problems(), lambda p: name in p.activation, settings=searching)
    assert (found.sizes, found.activation) == ((1, 1, 1), (name,))


SMALLEST = Problem(
    name="random 1-1 network, squared error",
    sizes=(1, 1),
    activation=(),
    loss="squared_error",
    targets="reals",
    n_rows=2,
)


@pytest.mark.parametrize("check", ["parameter_differences", "per_sample", "duplicated_batch"])
def test_a_planted_bug_is_found_on_the_smallest_network_that_shows_it(check):
    """Of one row the sum is the mean, so per-sample and differences need two of them."""
    found = find(problems(), lambda p: flagged(check, PLANTED, p), settings=searching)
    assert found == (replace(SMALLEST, n_rows=1) if check == "duplicated_batch" else SMALLEST)


def test_the_same_search_finds_the_same():
    def search():
        seen = []

        def condition(problem):
            seen.append(problem)
            return flagged("per_sample", PLANTED, problem)

        return find(problems(), condition, settings=searching), seen

    assert search() == search()


def test_the_reference_in_place_of_the_bug_is_not_found():
    few = settings(searching, max_examples=25)
    with pytest.raises(NoSuchExample):
        find(problems(), lambda p: flagged("parameter_differences", REFERENCE, p), settings=few)


def test_a_bug_that_needs_two_hidden_layers_is_found_with_two():
    wanted = lambda p: "tanh" in p.activation[:1] and "relu" in p.activation[1:]  # noqa: E731
    found = find(problems(), wanted, settings=searching)
    assert (found.sizes, found.activation) == ((1, 1, 1, 1), ("tanh", "relu"))


def test_settings_shrink_to_seed_0_in_float64():
    assert find(settings_of_checks(), lambda _: True, settings=searching) == Setting(0, np.float64)
    only = settings_of_checks(dtypes=[np.float32])
    assert find(only, lambda at: at.seed >= 7, settings=searching) == Setting(7, np.float32)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"hidden": (2, 1)}, r"hidden\[1\] is 1, expected a whole number of at least 2"),
        ({"widths": (0, 3)}, r"widths\[0\] is 0, expected a whole number of at least 1"),
        ({"rows": (1.5, 3)}, r"rows\[0\] is 1.5, expected a whole number"),
        ({"losses": ["hinge"]}, r"losses has \['hinge'\], expected some of"),
        ({"losses": []}, r"losses is \[\], expected at least one"),
        ({"activations": "relu"}, "activations is 'relu', expected at least one of them in a"),
        ({"widths": (1, 1), "losses": ["softmax_cross_entropy"]}, "expected room for the two out"),
    ],
    ids=lambda value: "" if isinstance(value, str) else str(value),
)
def test_choices_that_are_refused(options, complaint):
    with pytest.raises(ValueError, match=complaint):
        problems(**options)


def test_other_dtypes_are_refused():
    with pytest.raises(TypeError, match="dtype is float16, expected float32 or float64"):
        batches(SMALLEST, dtype=np.float16)
    with pytest.raises(TypeError, match="dtype is int64, expected float32 or float64"):
        settings_of_checks(dtypes=[np.int64])


@given(problems(widths=(1, 1)))
@settings(max_examples=20, deadline=None)
def test_a_network_of_one_output_has_no_softmax(problem):
    assert problem.loss != "softmax_cross_entropy"


def test_hypothesis_is_loaded_by_this_module_alone():
    assert "hypothesis" not in loaded_by("import reference_mlp.testing")
    assert "hypothesis" in loaded_by("import reference_mlp.testing.strategies")


# What a random network can show: checks of networks alone, which need no trainer or optimiser.
OF_NETWORKS = {c.name for c in CHECKS.values() if {*c.needs} == {"problems", "make_network"}}
IN_NETWORKS = [e for e in catalog().values() if OF_NETWORKS & {*e.bug.flagged_by}]


@pytest.mark.slow
@pytest.mark.parametrize("entry", IN_NETWORKS, ids=lambda entry: entry.id)
def test_every_bug_of_a_network_shows_on_some_random_problem(entry):
    checks = [name for name in entry.bug.flagged_by if name in OF_NETWORKS]
    # Not shrunk: that any problem shows it is enough.
    once = settings(searching, phases=[Phase.generate])
    broken = entry.implementation
    found = find(problems(), lambda p: any(flagged(c, broken, p) for c in checks), settings=once)
    # And for the bug's own sake: the reference passes what flags the bug there.
    assert not any(flagged(c, REFERENCE, found) for c in checks)
