"""The checks of what matters and what doesn't: planted dependencies, and correct networks."""

import numpy as np
import pytest

from reference_mlp import Linear, Network
from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, assemble, run_check
from tests.testing.rewrites import REWRITES

NAMES = ("everything_matters", "other_targets", "two_networks", "after_training", "equal_arrays")


def result_of(name, implementation, *, seed=0, dtype=np.float64):
    return run_check(CHECKS[name], implementation, setting=Setting(seed, dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("factory", REWRITES)
@pytest.mark.parametrize("name", NAMES)
def test_correct_networks_of_other_layouts_pass(name, factory, dtype):
    own = Implementation(name="own", make_network=factory)
    problems = tuple(problem.enlarged(2) for problem in own.problems)
    own = Implementation(name="own", make_network=factory, problems=problems)
    found = result_of(name, own, seed=7, dtype=dtype)
    assert found.outcome is Outcome.PASSED, found.message


class LastColumnUnread(Linear):
    def forward(self, x, params):
        seen = x.copy()
        seen[:, -1] = 0
        return super().forward(seen, params)


class LastRowUnscored(Network):
    def loss(self, X, y):
        return super().loss(X[:-1], y[:-1])


@pytest.mark.parametrize(
    ("replaced", "claim"),
    [
        ({"linear": LastColumnUnread}, "column 6 of X moves the logits"),
        ({"network": LastRowUnscored}, "target 5 moves the loss"),
    ],
)
def test_what_never_matters_is_named(replaced, claim):
    found = result_of("everything_matters", assemble("own", **replaced))
    assert found.outcome is Outcome.FLAGGED
    own = assemble("own", **replaced)
    first = Implementation(name="own", make_network=own.make_network, problems=own.problems[:1])
    assert claim in result_of("everything_matters", first).message


class AveragingTargets(Network):
    """Mixes the gradient with that of the call before."""

    before = None

    def backward(self, tape, y):
        grads, dX = super().backward(tape, y)
        before, self.before = self.before or grads, grads
        return {k: (g + before[k]) / 2 for k, g in grads.items()}, dX


def test_a_gradient_that_remembers_other_targets_is_flagged():
    found = result_of("other_targets", assemble("own", network=AveragingTargets))
    assert found.outcome is Outcome.FLAGGED
    assert "targets no. 2 of three" in found.message


class SharedBias(Network):
    """Adds to each network's last bias gradient what the last call of any network had."""

    last = {}  # noqa: RUF012 - shared on purpose

    def backward(self, tape, y):
        grads, dX = super().backward(tape, y)
        name = list(grads)[-1]
        mixed = grads[name] + self.last.get(grads[name].shape, 0)
        self.last[grads[name].shape] = grads[name]
        return grads | {name: mixed}, dX


def test_state_on_the_class_is_flagged_by_two_networks():
    assert result_of("two_networks", assemble("own", network=SharedBias)).outcome is Outcome.FLAGGED


class RightAtFirst(Network):
    """Doubles its gradients from the third call on."""

    calls = 0

    def backward(self, tape, y):
        self.calls += 1
        grads, dX = super().backward(tape, y)
        return {k: 2 * g if self.calls > 2 else g for k, g in grads.items()}, dX


def test_a_gradient_that_is_right_at_first_is_flagged_after_training():
    found = result_of("after_training", assemble("own", network=RightAtFirst))
    assert found.outcome is Outcome.FLAGGED
    assert "ratio 2)" in found.message


class EqualBiasesOnce(Network):
    """Computes the gradient of equal biases once, and hands it to both."""

    def backward(self, tape, y):
        grads, dX = super().backward(tape, y)
        seen = {}
        for name, p in self.params.items():
            grads[name] = grads[seen.setdefault(p.tobytes(), name)]
        return grads, dX


def test_equal_biases_with_one_gradient_are_flagged():
    own = assemble("own", network=EqualBiasesOnce)
    assert result_of("parameter_differences", own).outcome is Outcome.PASSED
    found = result_of("equal_arrays", own)
    assert found.outcome is Outcome.FLAGGED
    assert "equal" in found.message
