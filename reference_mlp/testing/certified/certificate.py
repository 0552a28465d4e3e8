"""What a pass is worth: the smallest error that would have been caught, and where nothing was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from reference_mlp._arrays import Params
from reference_mlp.testing.certified.oracle import Slope


@dataclass(frozen=True)
class Certificate:
    """A bound on the norm of the error that passing gradients can have.

    Had the gradient been off by a vector e of norm `detectable` or more, wherever it lies, the
    `directions` would all have missed it with a probability of at most 1 - `confidence`.
    `coverage` is, by parameter, the share of the entries whose gradient is not exactly zero:
    0 = 0 compares nothing with nothing.
    """

    directions: int
    confidence: float
    tau: float
    detectable: float
    gradient_norm: float
    coverage: dict[str, float]

    @property
    def relative(self) -> float:
        """`detectable` over the norm of the gradient: how large an error it is, as a share."""
        return self.detectable / self.gradient_norm if self.gradient_norm else float("inf")


def certify(slopes: Iterable[Slope], grads: Params, *, confidence: float) -> Certificate:
    """Return the certificate of Gaussian directions whose `slopes` have passed.

    A pass says that |r| <= tau, and the numeric slope errs by tau at most, so |v.e| <= 2 tau.
    For Gaussian v the product v.e is N(0, |e|^2), whose density is at most 0.4 / |e|: one
    direction misses e with P <= 1.6 tau / |e|, and all k with the product of these. At a
    confidence of 1 - 1e-6 and k = 4 that is |e| <= 50 tau.

    >>> slopes = [Slope("D4", 1.0, 0.0, truncation=0.0, rounding=1e-11)] * 4
    >>> f"{certify(slopes, {'b': np.ones(1)}, confidence=1 - 1e-6).detectable:.2g}"
    '5e-10'
    """
    taus = np.array([s.tau for s in slopes])
    tau = float(np.exp(np.mean(np.log(taus)))) if len(taus) and taus.min() > 0 else float("nan")
    detectable = float(2 * np.sqrt(2 / np.pi) * tau / (1 - confidence) ** (1 / max(len(taus), 1)))
    return Certificate(
        directions=len(taus),
        confidence=confidence,
        tau=tau,
        detectable=detectable,
        gradient_norm=float(np.sqrt(sum(float(np.vdot(g, g)) for g in grads.values()))),
        coverage={name: float(np.count_nonzero(g) / g.size) for name, g in grads.items()},
    )
