"""The derivative along a line without the backward pass: central differences, complex step.

Each oracle returns the residual, numeric minus analytic, beside a bound tau on its own error.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from reference_mlp._arrays import Params
from reference_mlp.testing.certified.line import Line

COMPLEX_STEP = 1e-100
NOT_ANALYTIC = (
    TypeError,
    ValueError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
    np.exceptions.ComplexWarning,
)
"""What code raises that wasn't written for complex numbers."""


@dataclass(frozen=True)
class Slope:
    """One directional derivative, numeric against analytic, and how far it can be trusted.

    `tau` bounds the error of `numeric`; it is `truncation` plus `rounding`. `below` and `above`
    are the residuals of the one-sided slopes, and `jump` their difference where it is more than
    noise and does not shrink with the step as it does for smooth functions, else 0.
    """

    oracle: str
    analytic: float
    residual: float
    truncation: float
    rounding: float
    h: float = 0.0
    below: float = 0.0
    above: float = 0.0
    jump: float = 0.0

    @property
    def tau(self) -> float:
        """The tolerance: what the oracle may be wrong by."""
        return self.truncation + self.rounding

    @property
    def numeric(self) -> float:
        """The derivative as the oracle has it."""
        return self.analytic + self.residual

    @property
    def agrees(self) -> bool:
        """Whether analytic and numeric are the same within `tau`; False for NaN."""
        return bool(abs(self.residual) <= self.tau)

    @property
    def settled(self) -> bool:
        """Whether rounding limits the oracle, as its error model supposes, and not the step."""
        return bool(self.truncation <= 10 * self.rounding and np.isfinite(self.tau))


def central_differences(
    line: Line, grads: Params, h: float, *, sigma: float, centre: float, u: float
) -> Slope:
    """Return D4(h) = (4 D2(h) - D2(2h)) / 3 against g.v, from the 6 losses at +-h, +-2h, +-4h.

    `sigma` is the noise of the loss, `centre` its value on the spot, `u` the unit roundoff of
    the gradients. Richardson's estimate |D4(h) - D4(2h)| / 15 of the truncation is taken 4 times;
    noise enters D4 with a deviation of 0.95 sigma / h at most, of which 6 are allowed, with
    half as much again for noise that is no normal law. Where the step is still too long for D4 (a
    function with a third derivative and no fifth), D2(h) with its own |D2(h) - D2(2h)| / 3
    stands in, if it is sharper.

    Each difference is compared with the gradient along the step as floating point took it,
    (theta+ - theta-) / 2h, so that the rounding of theta is no error of the oracle.
    """
    up, down, r2, taken = {}, {}, {}, {}
    for k in (1, 2, 4):
        t = k * h
        up[k], down[k] = line.value(t), line.value(-t)
        taken[k] = line.slope(grads, t)
        r2[k] = (up[k] - down[k]) / (2 * t) - taken[k]
    line.move(0)
    r4, r4_wide = (4 * r2[1] - r2[2]) / 3, (4 * r2[2] - r2[4]) / 3
    sums = 4 * u * line.magnitude(grads)
    jump, below, above = _one_sided(up, down, taken, centre, h=h, sigma=sigma)
    oracle, residual = "D4", r4
    truncation = 4 * abs(r4 - r4_wide) / 15
    rounding = 6 * 1.5 * sigma / h + sums
    truncation2, rounding2 = 4 * abs(r2[1] - r2[2]) / 3, 6 * sigma / (float(np.sqrt(2)) * h) + sums
    if truncation > 10 * rounding and truncation2 + rounding2 < truncation + rounding:
        oracle, residual = "D2", r2[1]
        truncation, rounding = truncation2, rounding2
    return Slope(
        oracle,
        analytic=taken[1],
        residual=residual,
        truncation=truncation,
        rounding=rounding,
        h=h,
        below=below,
        above=above,
        jump=jump,
    )


def _one_sided(
    up: dict[int, float],
    down: dict[int, float],
    taken: dict[int, float],
    centre: float,
    *,
    h: float,
    sigma: float,
) -> tuple[float, float, float]:
    """Return the jump between the one-sided slopes, and the residuals below and above.

    2 D+(h) - D+(2h) has an error of order h^2. The second difference S(h) is h^2 M2 where the
    function is smooth and h times the jump at a kink, so J(h) = 2 S(h)/h - S(2h)/2h is the jump,
    or of order h^3: then it grows 8 times from h to 2h.
    """
    above = {k: (up[k] - centre) / (k * h) - taken[k] for k in (1, 2)}
    below = {k: (centre - down[k]) / (k * h) - taken[k] for k in (1, 2)}
    s = {k: (up[k] - 2 * centre + down[k]) / (k * h) for k in (1, 2, 4)}
    near, far = 2 * s[1] - s[2], 2 * s[2] - s[4]
    noise = 33 * sigma / h
    bent = max(abs(near), abs(far)) > noise and abs(far - 8 * near) > noise + 0.5 * abs(far)
    jump = max(abs(near), abs(far)) if bent else 0.0
    return jump, 2 * below[1] - below[2], 2 * above[1] - above[2]


def complex_derivative(line: Line, t: float = 0.0, *, step: float = COMPLEX_STEP) -> float:
    """Return Im L(theta + t v + i s v) / s for a tiny step s: Squire and Trapp 1998.

    Raises one of NOT_ANALYTIC where the loss can't be, or doesn't stay, complex.
    """
    moved = {}
    for name, v in line.v.items():
        z = np.empty(v.shape, np.complex128)
        z.real = line.base[name]
        if t:
            # The imaginary part as scratch: a large array has no room for one more.
            np.multiply(v, t, out=z.imag)
            z.real += z.imag
        np.multiply(v, step, out=z.imag)
        moved[name] = z
    with line.objective.rebound(moved), _complex_is_kept():
        value = line.objective.loss()
    if not np.iscomplexobj(value):
        msg = "the loss of complex parameters is real"
        raise TypeError(msg)
    return float(value.imag) / step


@contextmanager
def _complex_is_kept() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        yield


def complex_step(
    line: Line,
    grads: Params,
    *,
    sigma: float,
    u: float,
    centre: float,
    derivative: Callable[[Line], float],
) -> Slope:
    """Return the complex-step derivative against g.v; `sigma` is the noise of the derivative.

    It has no truncation error to speak of, of order 1e-200. What is left is rounding, and the
    backward pass sums the same terms in another order, so that its own is as large: sqrt(2) sigma
    for both, and of that 6 times and half as much again, as for differences. A derivative that is
    got from the output, as 1 - t^2 of t = tanh(z), rounds like its terms and not like what is left
    of them; they are of the size of the loss at the point, `centre`.
    """
    analytic = line.slope(grads)
    rounding = 6 * 1.5 * float(np.sqrt(2)) * sigma
    rounding += 4 * u * (line.magnitude(grads) + abs(centre))
    return Slope("complex step", analytic, derivative(line) - analytic, 0.0, rounding)
