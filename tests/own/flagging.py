"""What the checks of gradients and steps flag in a network that is adapted."""

from reference_mlp.testing.adapt import implementation_of
from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.evidence import Outcome

GRADIENT = ["parameter_differences", "certified_gradients", "duplicated_batch", "gradient_scale"]
CHECKS = [*GRADIENT, "step_consistency", "other_targets", "arguments_unchanged", "asked_twice"]


def flagged(make, checks=CHECKS):
    report = check_implementation(implementation_of(make), checks=checks)
    assert all(r.outcome is not Outcome.TIMED_OUT for r in report.results)
    return {r.check: r.message for r in report.alarms}
