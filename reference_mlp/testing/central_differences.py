"""The gradient of an array against central differences of the loss, one entry at a time.

Of large arrays a draw of entries: differences of all would be a matter of minutes, and along
directions, as the certified check takes them, every entry is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.parameters import entry, misfit
from reference_mlp.testing.registry import Setting

MOST = 500
"""Of arrays with more entries than this, as many are drawn."""


def hold_gradient(
    name: str, p: Array, analytic: Any, loss: Callable[[], Any], problem: str, at: Setting
) -> Evidence:
    """Hold `analytic` against differences of `loss` in each entry of `p`, by D2's error model.

    D2 = (L(p + h) - L(p - h)) / 2h has a truncation error of h^2 M3 / 6 and a rounding error of
    u |L| / h, equal in order at h = u^(1/3), where both are of order u^(2/3). `problem` is the
    name under which it is reported; `p` is written to, and put back.
    """
    if why := misfit(analytic, p):
        where = f"{name} of the {problem}"
        return Evidence(np.inf, 0.0, where, f"the gradient of {where} {why}")
    u = float(np.finfo(p.dtype).eps)
    h = u ** (1 / 3)
    centre = float(loss())
    chosen = drawn(p.shape, at.rng())
    analytic = np.asarray(analytic)[chosen]
    below, above = _slopes(loss, p, chosen, h, centre)
    numeric = (below + above) / 2
    scale = max(abs(centre), float(np.abs(numeric).max()), float(np.finfo(p.dtype).tiny))
    threshold = 100 * (u ** (2 / 3) + float(np.finfo(at.dtype).eps)) * scale
    error = np.abs(analytic - numeric)
    # Between its one-sided slopes lies every subgradient: where a relu's kink falls inside the
    # step, the central difference is none of the loss's slopes, and the analytic one still is. They
    # err by h M2 / 2 themselves, which beside the jump of a kink is less than a thousandth.
    outside = np.maximum(np.minimum(below, above) - analytic, analytic - np.maximum(below, above))
    outside -= np.abs(above - below) / 1000
    error = np.where(error > threshold, np.maximum(outside, 0), error)
    worst = int(np.argmax(np.nan_to_num(error, nan=np.inf)))
    where = entry(name, tuple(i[worst] for i in chosen))
    a, n = float(analytic[worst]), float(numeric[worst])
    ratio = f" (ratio {a / n:.4g})" if n else ""
    return Evidence(
        measured=float(error[worst]),
        threshold=threshold,
        where=f"{where} of the {problem}",
        message=f"{where}: analytic {a:.6g}, numeric {n:.6g}{ratio}; {problem}",
    )


def drawn(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[Array, ...]:
    """Return the indices of all entries of an array, or of `MOST` where there are more."""
    size = int(np.prod(shape))
    flat = np.arange(size) if size <= MOST else rng.choice(size, MOST, replace=False)
    return np.unravel_index(flat, shape)


def _slopes(
    loss: Callable[[], Any], p: Array, chosen: tuple[Array, ...], h: float, centre: float
) -> tuple[Array, Array]:
    """Return the slopes of `loss` below and above the chosen entries of `p`, which is put back."""
    below, above = np.empty(len(chosen[0])), np.empty(len(chosen[0]))
    for i, at in enumerate(zip(*chosen, strict=True)):
        value = p[at]
        try:
            # Divided by the step as realised: value + h is rounded.
            p[at] = value + h
            above[i] = (float(loss()) - centre) / (float(p[at]) - float(value))
            p[at] = value - h
            below[i] = (centre - float(loss())) / (float(value) - float(p[at]))
        finally:
            p[at] = value
    return below, above
