"""The step and the tolerance that the loss itself asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reference_mlp._arrays import Params
from reference_mlp.testing.certified.line import Line
from reference_mlp.testing.certified.noise import ecnoise
from reference_mlp.testing.certified.oracle import (
    NOT_ANALYTIC,
    Slope,
    central_differences,
    complex_derivative,
    complex_step,
)

ATTEMPTS = 6
"""Steps that are tried before a derivative counts as unsettled."""


@dataclass
class Meter:
    """Measures slopes: it knows the noise of the loss, and which oracle and step suit it.

    `reach` is h |v|, the length of a step in parameter space, so that a direction of more
    entries gets a shorter h. `sigma_complex` is None where the complex step is not certified.
    """

    centre: float
    sigma: float
    u: float
    reach: float
    fixed: bool = False
    sigma_complex: float | None = None

    @classmethod
    def on(cls, line: Line, *, centre: float, u: float, step: float | None = None) -> Meter:
        """Return a meter for losses like those along `line`, whose noise it measures."""
        sigma = ecnoise(line.value, noise_spacing(line, u), centre=centre, u=u)
        line.move(0)
        # h = (7.1 sigma / M5)^(1/5) minimises h^4 M5 / 30 + 0.95 sigma / h; the factor is that
        # of a classifier on the scale of 1, and the estimate of the truncation corrects it.
        reach = 22 * u**0.2 if step is None else step * line.norm
        return cls(centre, sigma, u, reach, fixed=step is not None)

    def certify_complex(self, line: Line, grads: Params, coarse: Slope) -> Slope | None:
        """Return the complex-step slope if it can be trusted, and use it from now on.

        It is trusted where the loss stays complex, warns of nothing and agrees with `coarse`, a
        difference along the same line: |z| and norms lose the imaginary part silently.
        """
        try:
            slope = complex_derivative(line)
            numeric = coarse.numeric + line.slope(grads) - coarse.analytic
            if not abs(slope - numeric) <= coarse.tau <= 1e-3 * line.magnitude(grads):
                return None
            sigma = self._noise_of_derivative(line, slope)
        except NOT_ANALYTIC:
            return None
        exact = complex_step(
            line, grads, sigma=sigma, u=self.u, centre=self.centre, derivative=lambda _: slope
        )
        if not exact.tau < coarse.tau:
            # A derivative that jumps about from point to point is no better than a difference.
            return None
        self.sigma_complex = sigma
        return exact

    def listen_again(self, line: Line) -> None:
        """Raise the noise of the complex-step derivative to what it is along `line`.

        It was measured along another line, where its terms may have been few or small: behind
        dead units a derivative can be 30 times as noisy along one direction as along another.
        """
        if self.sigma_complex is not None:
            here = self._noise_of_derivative(line, complex_derivative(line))
            self.sigma_complex = max(self.sigma_complex, here)

    def _noise_of_derivative(self, line: Line, slope: float) -> float:
        spacing = noise_spacing(line, self.u)
        return ecnoise(lambda t: complex_derivative(line, t), spacing, centre=slope, u=self.u)

    def measure(self, line: Line, grads: Params) -> Slope:
        """Return the slope along `line` by the best oracle."""
        if self.sigma_complex is None:
            return self.settle(line, grads)
        try:
            return complex_step(
                line,
                grads,
                sigma=self.sigma_complex,
                u=self.u,
                centre=self.centre,
                derivative=complex_derivative,
            )
        except NOT_ANALYTIC:
            # Parameters that the loss does not depend on leave it real.
            return self.settle(line, grads)

    def settle(self, line: Line, grads: Params) -> Slope:
        """Return the difference at a step short enough that rounding limits it, if there is one."""
        slope = self.difference(line, grads, self.reach)
        reach = self.reach
        for _ in range(0 if self.fixed else ATTEMPTS - 1):
            if slope.settled:
                break
            reach *= _shrinkage(slope)
            slope = self.difference(line, grads, reach)
        # Truncation grows 32 times against rounding as the step doubles: no further than here.
        negligible = slope.truncation < 0.05 * slope.rounding
        if not self.fixed and slope.settled:
            self.reach = 2 * reach if negligible and reach == self.reach else reach
        return slope

    def difference(self, line: Line, grads: Params, reach: float) -> Slope:
        """Return the central difference at the step h = reach / |v|."""
        h = reach / (line.norm or 1.0)
        return central_differences(line, grads, h, sigma=self.sigma, centre=self.centre, u=self.u)


def noise_spacing(line: Line, u: float) -> float:
    """Return a spacing that moves parameters by many of their roundings and the loss by few."""
    return float(u ** (2 / 3) / (line.norm or 1.0))


def _shrinkage(slope: Slope) -> float:
    if not np.isfinite(slope.truncation):
        return 0.1
    # Where truncation goes like h^4 and rounding like 1/h, the two meet at this factor.
    return float(np.clip((slope.rounding / slope.truncation) ** 0.2, 0.1, 0.5))
