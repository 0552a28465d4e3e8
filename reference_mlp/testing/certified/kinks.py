"""A disagreement judged: a wrong gradient, or a kink of the loss inside the step."""

from __future__ import annotations

from reference_mlp._arrays import Params
from reference_mlp.testing.certified.line import Line
from reference_mlp.testing.certified.oracle import COMPLEX_STEP, Slope, complex_derivative
from reference_mlp.testing.certified.tolerance import Meter
from reference_mlp.testing.evidence import Outcome

SHRINKS = 5
"""How often the step is made ten times shorter to get clear of a kink."""

ON_KINK = "the point is on a kink of the loss"
"""How remarks begin where the gradient at the very point is one of many."""

Verdict = tuple[Outcome, Slope, str]


def judge(line: Line, grads: Params, meter: Meter, slope: Slope | None = None) -> Verdict:
    """Return the outcome along `line`, the slope that decides it, and a remark.

    A fault leaves the same residual at every step. A kink of size J within the step h leaves up
    to J / 2, and betrays itself: the second difference grows like h there and like h^2 elsewhere,
    and the network's active set changes. Then the step is shrunk by 10; where the kink is on the
    very spot, any slope between the one-sided ones is a subgradient and passes.
    """
    slope = slope or meter.measure(line, grads)
    if slope.agrees:
        return Outcome.PASSED, slope, ""
    if slope.oracle == "complex step":
        return _judge_complex(line, grads, meter, slope)
    return _judge_difference(line, grads, meter, slope)


def _judge_complex(line: Line, grads: Params, meter: Meter, slope: Slope) -> Verdict:
    """Flag what the complex step does, unless it depends on the sign of the step.

    On a kink the sign of the imaginary part picks the branch, and not only there: z = 0 is also
    where a sound sigmoid changes formulas. Then differences decide, and the meter goes by them.
    """
    opposite = complex_derivative(line, step=-COMPLEX_STEP)
    if abs(opposite - slope.numeric) <= slope.tau:
        return Outcome.FLAGGED, slope, ""
    meter.sigma_complex = None
    return judge(line, grads, meter)


def _judge_difference(line: Line, grads: Params, meter: Meter, slope: Slope) -> Verdict:
    norm = line.norm or 1.0
    bent = _bent(line, slope)
    for _ in range(SHRINKS):
        if bent is False:
            return Outcome.FLAGGED, slope, ""
        shorter = meter.difference(line, grads, slope.h * norm / 10)
        bent_there = _bent(line, shorter)
        same = abs(shorter.residual - slope.residual) <= shorter.tau + slope.tau
        if bent is None and same and bent_there is not True:
            return Outcome.FLAGGED, slope, ""
        if shorter.agrees:
            return Outcome.PASSED, shorter, f"a kink was avoided by the step {shorter.h:.1g}"
        bent, slope = bent_there, shorter
    low, high = sorted((slope.below, slope.above))
    if low - slope.tau <= 0 <= high + slope.tau:
        return Outcome.PASSED, slope, f"{ON_KINK}; the slope is a subgradient there"
    return Outcome.INCONCLUSIVE, slope, ON_KINK


def _bent(line: Line, slope: Slope) -> bool | None:
    """Return whether a kink is within the step, or None where that can't be told."""
    if slope.jump:
        return True
    if not slope.settled:
        return None
    here = _active(line, 0.0)
    if here is None:
        return None
    ends = [_active(line, t * slope.h) for t in (-4, -2, -1, 1, 2, 4)]
    line.move(0)
    return any(end != here for end in ends)


def _active(line: Line, t: float) -> bytes | None:
    if line.objective.active_set is None:
        return None
    line.move(t)
    line.objective.calls += 1  # a forward pass is most of a loss
    return line.objective.active_set()
