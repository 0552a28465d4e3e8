"""The directions of one check at one point, and the control that the check can still flag."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from reference_mlp._arrays import Params
from reference_mlp.testing.certified.directions import gaussian
from reference_mlp.testing.certified.kinks import ON_KINK, judge
from reference_mlp.testing.certified.line import Line
from reference_mlp.testing.certified.objective import Objective
from reference_mlp.testing.certified.oracle import Slope
from reference_mlp.testing.certified.report import ALL, Reading
from reference_mlp.testing.certified.tolerance import Meter
from reference_mlp.testing.evidence import Outcome

COMPLEX_LIMIT = 5_000
"""Parameters up to which the complex step is tried in any case, beyond only where kinks ask for it.

A complex copy is twice as large as the parameters; without it the point, the direction and
the gradient are all that is held, and 3 copies of them enough.
"""


class ControlFailedError(RuntimeError):
    """An error of 10 tau, put in on purpose, was not flagged: the check itself is broken."""


@dataclass
class Examination:
    """What the directions at one point said, and the meter that they were measured by."""

    base: Params
    grads: Params
    meter: Meter
    readings: list[Reading] = field(default_factory=list)
    evaluations: dict[str, int] = field(default_factory=dict)

    def having(self, outcome: Outcome) -> list[Reading]:
        """Return the readings that came out as `outcome`."""
        return [r for r in self.readings if r.outcome is outcome]

    @property
    def whole(self) -> list[Slope]:
        """The slopes along directions through all parameters that could be decided."""
        decided = (r for r in self.readings if r.outcome is not Outcome.INCONCLUSIVE)
        return [r.slope for r in decided if r.of == ALL]


def examine(
    objective: Objective,
    base: Params,
    grads: Params,
    loss: float,
    *,
    seed: int,
    directions: int,
    step: float | None,
) -> Examination:
    """Compare `grads` at `base` with the loss along `directions` Gaussian ones, and each array's.

    One more direction runs through each parameter array alone, so that a small bias isn't
    drowned by the rounding of a large weight. Raises ControlFailedError where an error of ten
    tolerances in the gradient passes.
    """
    u = float(np.finfo(objective.dtype).eps) / 2
    start = objective.calls
    line = Line(objective, base, gaussian(base, np.random.default_rng([seed, 0])))
    meter = Meter.on(line, centre=loss, u=u, step=step)
    found = Examination(base, grads, meter)
    found.evaluations["noise"] = objective.calls - start
    start = objective.calls
    found.readings.append(_pilot(line, grads, meter))
    control(line, grads, found.readings[0].slope)
    for i in range(1, directions):
        line.v = {}  # let go before the next is drawn
        line.v = gaussian(base, np.random.default_rng([seed, i]))
        found.readings.append(Reading(ALL, *judge(line, grads, meter)))
    found.evaluations["certificate"] = objective.calls - start
    start = objective.calls
    for i, name in enumerate(base if len(base) > 1 else ()):
        line.v = {}
        line.v = gaussian({name: base[name]}, np.random.default_rng([seed, directions + i]))
        found.readings.append(Reading(name, *judge(line, grads, replace(meter))))
    found.evaluations["arrays"] = objective.calls - start
    line.move(0)
    return found


def _pilot(line: Line, grads: Params, meter: Meter) -> Reading:
    """Return the first reading; if it certifies the complex step, that one's is returned."""
    outcome, slope, remark = judge(line, grads, meter, meter.settle(line, grads))
    line.move(0)
    clear = slope.settled and not remark
    affordable = line.objective.size <= COMPLEX_LIMIT or not clear
    # On a kink the complex step takes a side, and which one means nothing.
    at_kink = outcome is Outcome.INCONCLUSIVE or remark.startswith(ON_KINK)
    if not affordable or at_kink or meter.fixed or line.objective.dtype != np.float64:
        return Reading(ALL, outcome, slope, remark)
    exact = meter.certify_complex(line, grads, slope)
    if exact is None:
        return Reading(ALL, outcome, slope, remark)
    return Reading(ALL, *judge(line, grads, meter, exact))


def control(line: Line, grads: Params, slope: Slope) -> None:
    """Put an error of 10 tau into the gradient, and see that it would be flagged.

    Raises ControlFailedError if it would not; `grads` is put back bit for bit.
    """
    if not slope.tau > 0 or not np.isfinite(slope.residual):
        return
    name = max(line.v, key=lambda n: float(line.v[n].max()))
    v, g = line.v[name], grads[name]
    at = np.unravel_index(int(v.argmax()), v.shape)
    before, value = line.slope({**grads, name: g}, slope.h), g[at].copy()
    try:
        g[at] += -np.copysign(10 * slope.tau, slope.residual) / v[at]
        residual = slope.residual - (line.slope(grads, slope.h) - before)
    finally:
        g[at] = value
    if replace(slope, residual=residual).agrees:
        msg = f"an error of {10 * slope.tau:.1g} in {name} was not flagged by tau {slope.tau:.1g}"
        raise ControlFailedError(msg)
