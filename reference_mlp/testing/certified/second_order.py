"""Whether a vector field is the gradient of anything: its Jacobian is symmetric, or it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_mlp._arrays import Params
from reference_mlp.testing.certified.directions import gaussian
from reference_mlp.testing.certified.line import Line, kept
from reference_mlp.testing.certified.noise import ecnoise
from reference_mlp.testing.certified.objective import Objective, SetParams, objective_of
from reference_mlp.testing.certified.oracle import Slope, central_differences
from reference_mlp.testing.certified.single import in_double
from reference_mlp.testing.certified.tolerance import noise_spacing
from reference_mlp.testing.evidence import Outcome

SHRINKS = 6


@dataclass(frozen=True)
class SymmetryReport:
    """How u.Jv and v.Ju compare for the Jacobian J of the gradients, within `tau`."""

    outcome: Outcome
    forward: float
    backward: float
    tau: float
    seed: int

    @property
    def message(self) -> str:
        """One line on what the comparison means."""
        meaning = {
            Outcome.PASSED: "a gradient, if not of this loss then of another function",
            Outcome.FLAGGED: "not the gradient of any function",
            Outcome.INCONCLUSIVE: "a gradient or not: kinks or noise hide it",
        }[self.outcome]
        return (
            f"u.Jv = {self.forward:.6g}, v.Ju = {self.backward:.6g} +- {self.tau:.1g}: "
            f"{meaning}; replay seed {self.seed}"
        )


def check_symmetry(
    subject: Any, *batch: Any, rng: np.random.Generator, set_params: SetParams | None = None
) -> SymmetryReport:
    """Compare u.Jv with v.Ju for two Gaussian directions, J being the Jacobian of the gradients.

    J is the Hessian where the gradients are those of a function, and so symmetric (Schwarz). A
    wrong gradient with a symmetric Jacobian is that of another function: a penalty
    left out, a factor. One without is no gradient at all. `subject` and `batch` are those of
    `check_gradients`, as are the errors raised.

    >>> theta = np.array([1.0, 2.0])
    >>> def rotation(): return {"theta": np.array([-theta[1], theta[0]])}
    >>> rng = np.random.default_rng(0)
    >>> check_symmetry((lambda: 0.0, rotation, {"theta": theta}), rng=rng).outcome
    <Outcome.FLAGGED: 'flagged'>
    """
    seed = int(rng.integers(2**32))
    objective = objective_of(subject, batch, set_params=set_params)
    with kept(objective) as base, in_double(objective, base, subject, batch, set_params) as wide:
        # float32 has too few digits for second derivatives: the same formulas in float64.
        return symmetry_of(wide or objective, seed)


def symmetry_of(objective: Objective, seed: int) -> SymmetryReport:
    """Return the report on the Jacobian of `objective` where its parameters stand."""
    rng = np.random.default_rng(seed)
    base = {name: p.copy() for name, p in objective.params.items()}
    u, v = gaussian(base, rng), gaussian(base, rng)
    forward = _projected(objective, base, v, onto=u)
    backward = _projected(objective, base, u, onto=v)
    tau = forward.tau + backward.tau
    differ = not abs(forward.residual - backward.residual) <= tau
    sound = all(s.settled and not s.jump for s in (forward, backward))
    on_difference = Outcome.FLAGGED if sound else Outcome.INCONCLUSIVE
    outcome = on_difference if differ else Outcome.PASSED
    return SymmetryReport(outcome, forward.residual, backward.residual, tau, seed)


def _projected(objective: Objective, base: Params, v: Params, *, onto: Params) -> Slope:
    """Return the slope of t -> u.g(theta + t v), whose "analytic" part is nothing."""

    def projection() -> float:
        grads = objective.gradients()
        return sum(float(np.vdot(onto[name].astype(float), g)) for name, g in grads.items())

    along = Objective(
        objective.params, projection, objective.gradients_of, set_params=objective.set_params
    )
    line = Line(along, base, v)
    centre = line.value(0)
    u = float(np.finfo(objective.dtype).eps) / 2
    # u.g is a sum of terms that cancel: its rounding goes with their norm, not with the sum.
    terms = [float(np.sum((onto[n] * g) ** 2)) for n, g in objective.gradients().items()]
    measured = ecnoise(line.value, noise_spacing(line, u), centre=centre, u=u)
    sigma = max(measured, u * float(np.sqrt(sum(terms))))
    nothing = {name: np.zeros_like(p) for name, p in base.items()}
    reach = 31 * u**0.2
    for _ in range(SHRINKS):
        slope = central_differences(
            line, nothing, reach / (line.norm or 1.0), sigma=sigma, centre=centre, u=u
        )
        if slope.settled and not slope.jump:
            break
        reach *= 0.3
    line.move(0)
    return slope
