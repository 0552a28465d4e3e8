"""Whether a vector field is the gradient of anything: its Jacobian is symmetric, or it is not."""

from __future__ import annotations

from collections.abc import Sequence
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
    lines = [_Projection(objective, base, v, onto=u), _Projection(objective, base, u, onto=v)]
    slopes = [line.settled() for line in lines]
    outcome = Outcome.PASSED if _agree(slopes) else Outcome.INCONCLUSIVE
    # Where terms of the truncation cancel between h and 2h its estimate misses them; between h/2
    # and h they don't cancel too. So a difference counts once halving the steps leaves both alone.
    for _ in range(SHRINKS):
        if outcome is Outcome.PASSED or not all(s.settled and not s.jump for s in slopes):
            break
        halved = [line.slope(s.h / 2) for line, s in zip(lines, slopes, strict=True)]
        if _agree(halved):
            outcome = Outcome.PASSED
        elif all(_agree(pair) for pair in zip(slopes, halved, strict=True)):
            outcome = Outcome.FLAGGED
            break
        slopes = halved
    forward, backward = slopes
    tau = forward.tau + backward.tau
    return SymmetryReport(outcome, forward.residual, backward.residual, tau, seed)


def _agree(slopes: Sequence[Slope]) -> bool:
    one, other = slopes
    return bool(abs(one.residual - other.residual) <= one.tau + other.tau)


class _Projection:
    """The function t -> u.g(theta + t v), whose "analytic" slope is nothing."""

    def __init__(self, objective: Objective, base: Params, v: Params, *, onto: Params) -> None:
        def projection() -> float:
            grads = objective.gradients()
            return sum(float(np.vdot(onto[name].astype(float), g)) for name, g in grads.items())

        along = Objective(
            objective.params, projection, objective.gradients_of, set_params=objective.set_params
        )
        self.line = Line(along, base, v)
        self.centre = self.line.value(0)
        self.u = float(np.finfo(objective.dtype).eps) / 2
        # u.g is a sum of terms that cancel: its rounding goes with their norm, not with the sum.
        terms = [float(np.sum((onto[n] * g) ** 2)) for n, g in objective.gradients().items()]
        spacing = noise_spacing(self.line, self.u)
        measured = ecnoise(self.line.value, spacing, centre=self.centre, u=self.u)
        self.sigma = max(measured, self.u * float(np.sqrt(sum(terms))))
        self.nothing = {name: np.zeros_like(p) for name, p in base.items()}

    def slope(self, h: float) -> Slope:
        """Return the slope by differences of step `h`, the parameters put back."""
        found = central_differences(
            self.line, self.nothing, h, sigma=self.sigma, centre=self.centre, u=self.u
        )
        self.line.move(0)
        return found

    def settled(self) -> Slope:
        """Return the slope at the first step that is short enough, or at the shortest."""
        h = 31 * self.u**0.2 / (self.line.norm or 1.0)
        for _ in range(SHRINKS):
            slope = self.slope(h)
            if slope.settled and not slope.jump:
                break
            h *= 0.3
        return slope
