"""Which entries of a gradient are wrong, by directions that tell indices apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.certified.directions import spread_signs
from reference_mlp.testing.certified.oracle import Slope
from reference_mlp.testing.certified.probe import Probe
from reference_mlp.testing.certified.report import Fault
from reference_mlp.testing.parameters import entry

MANY = 32
"""Wrong blocks at one depth of the splitting from which a fault counts as spread out."""


def faulty_entries(probe: Probe, rng: np.random.Generator) -> list[Fault]:
    """Return the wrong entries of one array, or none where they are too many to name.

    First the entry that would be the only one, by moments; then, if it isn't, by splitting.
    """
    s = spread_signs(probe.value.shape, rng)
    total = probe(s)
    if (only := single_entry(probe, s, total)) is not None:
        return [only]
    flat = s.reshape(-1)

    def part(low: int, high: int) -> Array:
        v = np.zeros(flat.size)
        v[low:high] = flat[low:high]
        return v.reshape(s.shape)

    places = split(probe, part, flat.size, total) or []
    return [fault_at(probe, np.unravel_index(i, s.shape)) for i in places]


def single_entry(probe: Probe, s: Array, total: Slope) -> Fault | None:
    """Return the fault if one entry alone is wrong, else None.

    An error e in one entry at index i leaves e s_i along s, and e s_i x_i along s with each entry
    weighted by a coordinate x of its index, so that the ratio is x_i: 2 more directions
    for a matrix. One along the entry confirms it.
    """
    if total.agrees:
        return None
    at = []
    for axis, n in enumerate(s.shape):
        # Centred, so that the rounding of a far index isn't larger than that of a near one.
        x = np.arange(n) - (n - 1) / 2
        weights = x.reshape([-1 if a == axis else 1 for a in range(s.ndim)])
        moment = probe(s * weights)
        place = moment.residual / total.residual + (n - 1) / 2
        blur = (moment.tau + total.tau * n / 2) / abs(total.residual)
        i = round(place) if np.isfinite(place) else -1
        if not (0 <= i < n and abs(place - i) <= min(blur, 0.45) + 1e-6 * n):
            return None
        at.append(i)
    index = tuple(at)
    slope = probe.entry(index)
    rest = total.residual - slope.residual * float(s[index])
    if slope.agrees or abs(rest) > total.tau + 2 * slope.tau:
        return None
    return _as_fault(probe, index, slope)


class _Block(NamedTuple):
    low: int
    high: int
    residual: float
    tau: float


def split(
    probe: Probe, part: Callable[[int, int], Array], n: int, total: Slope
) -> list[int] | None:
    """Return which of `n` units carry an error, by halving; None where most of them do.

    `part(low, high)` is a direction through the units from `low` to `high`, always the same in
    each, so that the residuals of two halves add up to that of the whole and only one is measured.
    """
    blocks = [] if total.agrees else [_Block(0, n, total.residual, total.tau)]
    while any(b.high - b.low > 1 for b in blocks):
        halves = [half for b in blocks for half in _halves(probe, part, b)]
        if len(halves) > MANY:
            return None
        blocks = halves
    return [b.low for b in blocks]


def _halves(probe: Probe, part: Callable[[int, int], Array], block: _Block) -> list[_Block]:
    low, high, residual, tau = block
    if high - low == 1:
        return [block]
    middle = (low + high) // 2
    first = probe(part(low, middle))
    left = _Block(low, middle, first.residual, first.tau)
    right = _Block(middle, high, residual - first.residual, tau + first.tau)
    if right.tau < abs(right.residual) <= 10 * right.tau:
        # The sum of two tolerances is too blunt here.
        second = probe(part(middle, high))
        right = _Block(middle, high, second.residual, second.tau)
    return [b for b in (left, right) if not abs(b.residual) <= b.tau]


def fault_at(probe: Probe, at: tuple[Any, ...]) -> Fault:
    """Return what the gradient is in one entry, and what it should be."""
    index = tuple(int(i) for i in at)
    return _as_fault(probe, index, probe.entry(index))


def _as_fault(probe: Probe, index: tuple[int, ...], slope: Slope) -> Fault:
    analytic = float(probe.gradient[index])
    where = entry(probe.name, index)
    return Fault(where, analytic, analytic + slope.residual, slope.tau)
