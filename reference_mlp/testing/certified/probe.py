"""The residual of a gradient along any direction, asked for while a fault is looked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.certified.examine import Examination
from reference_mlp.testing.certified.kinks import judge
from reference_mlp.testing.certified.line import Line
from reference_mlp.testing.certified.objective import Objective
from reference_mlp.testing.certified.oracle import Slope


@dataclass
class Probe:
    """Measures e.v for the error e = numeric - analytic of one array's gradient."""

    objective: Objective
    found: Examination
    name: str

    @property
    def gradient(self) -> Array:
        """The analytic gradient of the array."""
        return self.found.grads[self.name]

    @property
    def value(self) -> Array:
        """The array itself, as it stands when nothing is moved."""
        return self.found.base[self.name]

    def __call__(self, v: Array) -> Slope:
        """Return the slope along `v`, of the array's shape; a kink within the step is avoided."""
        direction = {self.name: v.astype(self.value.dtype)}
        line = Line(self.objective, self.found.base, direction)
        meter = replace(self.found.meter)
        slope = meter.measure(line, self.found.grads)
        if slope.oracle != "complex step" and (slope.jump or not slope.settled):
            _, slope, _ = judge(line, self.found.grads, meter, slope)
        line.move(0)
        return slope

    def entry(self, at: tuple[int, ...]) -> Slope:
        """Return the slope along a single entry: its residual is the error there."""
        v = np.zeros(self.value.shape)
        v[at] = 1.0
        return self(v)
