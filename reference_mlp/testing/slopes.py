"""One analytic slope against differences of the function that it should be the slope of."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

# A power of two near u^(1/3) of float64, where truncation and rounding of D2 are of one order.
STEP = 2.0**-17


class Slope(NamedTuple):
    """A slope, the difference it was held against, how far it is off, and how far it may be."""

    analytic: float
    numeric: float
    error: float
    threshold: float

    @property
    def text(self) -> str:
        """Both numbers, and their ratio where there is one."""
        ratio = f" (ratio {self.analytic / self.numeric:.4g})" if self.numeric else ""
        return f"analytic {self.analytic:.6g}, numeric {self.numeric:.6g}{ratio}"


def hold_slope(
    analytic: float,
    value: Callable[[float], float],
    *,
    size: float,
    dtype: DTypeLike,
    centre: float | None = None,
) -> Slope:
    """Hold `analytic` against central differences of `value`, a function of the step t, at 0.

    `value` is computed in float64 and `size` is that of its terms; `dtype` is the one in which
    `analytic` was computed, and `centre` is value(0), which many slopes may share. A central
    difference errs by h^2 M3 / 6 in truncation and u size / h in rounding, both of order
    u^(2/3) size at h = u^(1/3); what half the step gives otherwise says how much larger M3 is
    here. Between the one-sided slopes every subgradient is right: there the kink of a relu may lie
    inside the step.
    """
    u = float(np.finfo(np.float64).eps)
    centre = value(0.0) if centre is None else centre
    above, below = (value(STEP) - centre) / STEP, (centre - value(-STEP)) / STEP
    numeric = (above + below) / 2
    finer = (value(STEP / 2) - value(-STEP / 2)) / STEP
    scale = max(size, abs(numeric), float(np.finfo(np.float64).tiny))
    threshold = 100 * (u ** (2 / 3) + float(np.finfo(dtype).eps)) * scale + abs(numeric - finer)
    error = abs(analytic - numeric)
    if error > threshold:
        error = max(min(below, above) - analytic, analytic - max(below, above), 0.0)
    return Slope(float(analytic), numeric, float(error), float(threshold))
