"""What a wrong gradient looks like: templates fitted to one direction and tried on others.

A template is a correction D, so that the right gradient would be A + a D for the analytic A
and one number a. It is fitted to one residual, a = r1 / D.v1, and accepted only if
it foretells the residuals of held-out directions within their tolerances.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.certified.directions import gaussian
from reference_mlp.testing.certified.localise import split
from reference_mlp.testing.certified.oracle import Slope
from reference_mlp.testing.certified.probe import Probe

HELD_OUT = 2


class Pattern(NamedTuple):
    """What a fault looks like, and an entry that shows it."""

    text: str
    at: tuple[int, ...]


@dataclass(frozen=True)
class Trials:
    """An array's probe with directions of it: the first to fit a template to, the rest to test."""

    probe: Probe
    directions: tuple[Array, ...]
    slopes: tuple[Slope, ...]
    n_rows: int | None

    def coefficient(self, correction: Array) -> tuple[float, float] | None:
        """Return a with its error if a times `correction` explains every residual, else None.

        A correction of a single entry explains any error there, and so nothing.
        """
        projections = [float(np.vdot(correction, v)) for v in self.directions]
        if not projections[0] or np.count_nonzero(correction) < 2:
            return None
        a = self.slopes[0].residual / projections[0]
        error = self.slopes[0].tau / abs(projections[0])
        for slope, projection in zip(self.slopes[1:], projections[1:], strict=True):
            if not abs(slope.residual - a * projection) <= slope.tau + error * abs(projection):
                return None
        return a, error


def trials(probe: Probe, rng: np.random.Generator, *, n_rows: int | None) -> Trials:
    """Return the residuals along a direction to fit and `HELD_OUT` others."""
    like = {probe.name: probe.value}
    directions = tuple(gaussian(like, rng)[probe.name] for _ in range(1 + HELD_OUT))
    return Trials(probe, directions, tuple(probe(v) for v in directions), n_rows)


def scaled(t: Trials) -> Iterator[Pattern]:
    """A gradient that is the right one times a factor."""
    fit = t.coefficient(t.probe.gradient)
    if fit is None:
        return
    a, error = fit
    if abs(1 + a) <= 10 * error + 1e-12:
        yield Pattern("the loss does not depend on it", largest(t.probe.gradient))
        return
    factor = 1 / (1 + a)
    blur = max(10 * error * factor**2, 1e-9 * abs(factor))
    is_bias = t.probe.value.ndim == 1
    for known, text in _factors(t.n_rows, is_bias=is_bias):
        if abs(factor - known) <= blur:
            yield Pattern(text, largest(t.probe.gradient))
            return
    yield Pattern(f"x {factor:.6g}", largest(t.probe.gradient))


def _factors(n_rows: int | None, *, is_bias: bool) -> Iterator[tuple[float, str]]:
    yield -1.0, "x -1: the sign is flipped"
    if n_rows is not None and n_rows > 1:
        yield n_rows, f"x {n_rows}, the batch size: a sum over the batch where its mean belongs"
        divided = "a mean over the batch where the sum belongs"
        if not is_bias:
            divided = "divided by the batch size once too often"
        yield 1 / n_rows, f"x 1/{n_rows}, the batch size: {divided}"
    yield 2.0, "x 2"
    yield 0.5, "x 1/2"


def missing_penalty(t: Trials) -> Iterator[Pattern]:
    """A term a W is missing, as an L2 penalty has it in its gradient."""
    if (fit := t.coefficient(t.probe.value)) is not None:
        a = fit[0]
        word = "missing" if a > 0 else "too much"
        text = f"an L2 term of {abs(a):.6g} times the parameter is {word}"
        yield Pattern(text, largest(t.probe.value))


def transposed(t: Trials) -> Iterator[Pattern]:
    """A square array whose gradient is transposed."""
    g = t.probe.gradient
    if g.ndim != 2 or g.shape[0] != g.shape[1]:
        return
    fit = t.coefficient(g.T - g)
    if fit is not None and abs(fit[0] - 1) <= fit[1] + 1e-9:
        yield Pattern("transposed", largest(g.T - g))


def zeroed(t: Trials) -> Iterator[Pattern]:
    """A gradient that is right but for rows or columns of zeros."""
    g = t.probe.gradient
    if not g.any():
        yield Pattern("zero throughout", largest(t.probe.value))
        return
    if g.ndim != 2:
        return
    for axis, word in ((1, "column"), (0, "row")):
        empty = np.flatnonzero(~g.any(axis=1 - axis))
        if not 0 < len(empty) < g.shape[axis]:
            continue

        def part(low: int, high: int, empty: Array = empty, axis: int = axis) -> Array:
            v = np.zeros(g.shape)
            at = (slice(None), empty[low:high]) if axis else (empty[low:high], slice(None))
            v[at] = t.directions[0][at]
            return v

        inside = t.probe(part(0, len(empty)))
        others = [v.copy() for v in t.directions[1:]]
        for v in others:
            v[(slice(None), empty) if axis else (empty, slice(None))] = 0
        if inside.agrees or not all(t.probe(v).agrees for v in others):
            continue
        wrong = split(t.probe, part, len(empty), inside)
        named = "" if wrong is None else " " + ", ".join(str(int(empty[i])) for i in wrong)
        several = "s" if wrong is None or len(wrong) > 1 else ""
        place = int(empty[wrong[0] if wrong else 0])
        # Where the other columns have their largest gradients, this one is likely to have one.
        other = int(np.abs(g).sum(axis=axis).argmax())
        at = (other, place) if axis else (place, other)
        yield Pattern(f"{word}{several}{named} zeroed", at)
        return


def largest(a: Array) -> tuple[int, ...]:
    """Return the index of the entry of `a` that is largest in size."""
    return tuple(int(i) for i in np.unravel_index(np.abs(a).argmax(), a.shape))


TEMPLATES: Mapping[str, Callable[[Trials], Iterator[Pattern]]] = {
    "scaled": scaled,
    "missing penalty": missing_penalty,
    "transposed": transposed,
    "zeroed": zeroed,
}
"""The templates by name, in the order in which they are tried; the first that fits is told."""


def explain(t: Trials) -> Pattern | None:
    """Return what the gradient of one array looks like, or None where no template fits."""
    return next((found for template in TEMPLATES.values() for found in template(t)), None)
