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
    """Flag what the complex step does, unless this line is noisier or the step's sign matters.

    On a kink the sign of the imaginary part picks the branch, and not only there: z = 0 is also
    where a sound sigmoid changes formulas. Then differences decide, and the meter goes by them.
    """
    meter.listen_again(line)
    slope = meter.measure(line, grads)
    if slope.agrees:
        return Outcome.PASSED, slope, "its noise was measured again"
    opposite = complex_derivative(line, step=-COMPLEX_STEP)
    if abs(opposite - slope.numeric) <= slope.tau:
        return Outcome.FLAGGED, slope, ""
    meter.sigma_complex = None
    return judge(line, grads, meter)


def _judge_difference(line: Line, grads: Params, meter: Meter, slope: Slope) -> Verdict:
    """Flag a residual that is the same at a shorter step, by which it is more than that one's tau.

    One disagreement is not enough. Where the terms of order h^4 and h^6 of the truncation cancel
    between h and 2h, Richardson's estimate misses both; between h/2 and h they don't cancel too.
    And a kink that the second difference can't tell from noise jumps by at most 33 sigma / h, half
    of which, 16.5 sigma / h, is left in the slope: tau allows 9 sigma / h, and 18 at h/2.

    At 2h/3 from the point a kink bends the two steps of a second difference as curvature does.
    Where the network doesn't tell its active set, a third step decides: h/4 is clear of it.
    """
    norm = line.norm or 1.0
    bent = _bent(line, slope)
    shrinkage = 10 if bent else 2
    for _ in range(SHRINKS):
        shorter = meter.difference(line, grads, slope.h * norm / shrinkage)
        if shorter.agrees:
            what = "truncation was reduced" if bent is False else "a kink was avoided"
            return Outcome.PASSED, shorter, f"{what} by the step {shorter.h:.1g}"
        bent_there = _bent(line, shorter)
        same = abs(shorter.residual - slope.residual) <= shorter.tau + slope.tau
        if not bent and same and not bent_there:
            third = meter.difference(line, grads, slope.h * norm / 4)
            if bent is None and third.agrees and _is_gone(third, slope):
                return Outcome.PASSED, third, f"a kink was avoided by the step {third.h:.1g}"
            return Outcome.FLAGGED, slope, ""
        bent, slope, shrinkage = bent_there, shorter, 10
    low, high = sorted((slope.below, slope.above))
    if low - slope.tau <= 0 <= high + slope.tau:
        return Outcome.PASSED, slope, f"{ON_KINK}; the slope is a subgradient there"
    return Outcome.INCONCLUSIVE, slope, ON_KINK


def _is_gone(shorter: Slope, longer: Slope) -> bool:
    """Return whether the residual is nearer to none than to what it was at the longer step."""
    return abs(shorter.residual) < abs(shorter.residual - longer.residual)


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
