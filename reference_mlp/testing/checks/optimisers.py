"""Optimisers against their rules, step by step."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from reference_mlp._arrays import Params
from reference_mlp.optimisers import Optimiser
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.parameters import copied, entry, misfit
from reference_mlp.testing.record_trajectories import recorded_trajectories
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.update_rules import FAMILIES, Family, Rule, distances, places

Makers = Mapping[str, Callable[..., Optimiser]]

STEPS = 12
# Two of the same shape, as state that is kept by shape is shared by these and by no others.
SHAPES = {"0.W": (2, 2), "0.b": (3,), "2.W": (2, 2), "2.b": (1,)}
# A term of the path goes through at most five operations a step, and the setting is rounded too.
ROUNDINGS = 6 * STEPS
# Where nothing can move the size is 0, and 0/0 would be no match.
TINY = float(np.finfo(np.float64).tiny)


@check("OPT")
def optimiser_rules(at: Setting, optimisers: Makers) -> Iterator[Evidence]:
    """Each optimiser moves parameters as its rule says, and as torch's own did when recorded.

    Gradients are handed in, so errors don't feed back: after T steps a place is off by at most
    6 T roundings of the length of its path without cancellation, times what the rule makes of
    a rounding of its settings.
    """
    for name, family in FAMILIES.items():
        if name not in optimisers or not _accepts(optimisers[name], family):
            continue
        for case, ways in _by_rules(name, at):
            optimiser = optimisers[name](family.learning_rate, **family.settings)
            path = run_optimiser(optimiser, case.start, case.gradients)
            # To the rule of its family that it comes nearest to.
            found = [_compare(name, case, path, way, family, at) for way in ways]
            yield min(found, key=lambda e: e.severity)
    for name, recorded in recorded_trajectories().items():
        family = recorded.family
        if name in optimisers and _accepts(optimisers[name], family):
            optimiser = optimisers[name](family.learning_rate, **family.settings)
            start = {"0.b": recorded.start.astype(at.dtype)}
            gradients = [{"0.b": g.astype(at.dtype)} for g in recorded.gradients]
            path = run_optimiser(optimiser, start, gradients)
            way = _Way([{"0.b": p} for p in recorded.places], [{"0.b": s} for s in recorded.sizes])
            case = _Case("the gradients given to torch", start, gradients)
            yield _compare(name, case, path, way, family, at)


def _accepts(make: Callable[..., Optimiser], family: Family) -> bool:
    """Say whether an optimiser can be made with the family's settings: some have none to set."""
    try:
        inspect.signature(make).bind(family.learning_rate, **family.settings)
    except (TypeError, ValueError):
        return False
    return True


class _Case(NamedTuple):
    """Where parameters start, and the gradients of each step."""

    name: str
    start: Params
    gradients: list[Params]


class _Way(NamedTuple):
    """Where a rule leads, step by step, and the size of the terms that each place is made of."""

    places: list[Params]
    sizes: list[Params]


def _cases(at: Setting) -> Iterator[_Case]:
    """Yield what gradients do in training."""
    rng = at.rng()

    def draw(size: float) -> Params:
        return {name: (size * rng.normal(size=s)).astype(at.dtype) for name, s in SHAPES.items()}

    def scaled(grads: Params, factors: Sequence[float]) -> list[Params]:
        return [{name: np.asarray(f * g, at.dtype) for name, g in grads.items()} for f in factors]

    nowhere = {name: np.zeros(s, at.dtype) for name, s in SHAPES.items()}
    yield _Case("constant gradients", draw(1), scaled(draw(1), [1.0] * STEPS))
    yield _Case("alternating gradients", draw(1), scaled(draw(1), [1.0, -1.0] * (STEPS // 2)))
    # From zero, as moves of 1e-12 are lost in a parameter of size 1.
    yield _Case("tiny gradients", nowhere, [draw(1e-12) for _ in range(STEPS)])
    yield _Case("huge gradients", draw(1), [draw(1e12) for _ in range(STEPS)])
    yield _Case("changing gradients", draw(1), [draw(1) for _ in range(STEPS)])
    once = [1.0] + [0.0] * (STEPS - 1)
    yield _Case("one gradient, then zeros", draw(1), scaled(draw(1), once))
    slope = draw(1)
    ways = scaled(draw(1), list(0.8 ** np.arange(STEPS)))
    # Of the parabola slope^2 p^2 / 2, along a path that comes down it.
    parabola = [{k: slope[k] ** 2 * w[k] for k in w} for w in ways]
    yield _Case("gradients of a parabola", draw(1), parabola)


@lru_cache(maxsize=64)
def _by_rules(name: str, at: Setting) -> list[tuple[_Case, list[_Way]]]:
    """Return the cases with the way of each rule of a family: the same for every optimiser."""
    rules = FAMILIES[name].readings()
    return [(case, [_way(rule, case) for rule in rules]) for case in _cases(at)]


def _way(rule: Rule, case: _Case) -> _Way:
    """Follow a rule in float64, entry by entry."""
    start, gradients = case.start, case.gradients
    start64 = {key: p.astype(np.float64) for key, p in start.items()}
    way = _Way(*([copied(start64) for _ in gradients] for _ in _Way._fields))
    for key, p in start.items():
        for i in np.ndindex(p.shape):
            g = [float(grads[key][i]) for grads in gradients]
            steps = zip(places(rule, float(p[i]), g), distances(rule, g), strict=True)
            for t, (place, distance) in enumerate(steps):
                way.places[t][key][i] = place
                way.sizes[t][key][i] = abs(float(p[i])) + distance
    return way


def run_optimiser(optimiser: Optimiser, start: Params, gradients: Sequence[Params]) -> list[Params]:
    """Return the parameters after each step from `start`; both arguments are left alone."""
    params, path = copied(start), []
    for grads in gradients:
        # Copies: what an optimiser does with the arrays themselves is seen by OPM.
        optimiser.step(params, copied(grads))
        path.append(copied(params))
    return path


def _compare(
    name: str, case: _Case, path: Sequence[Params], way: _Way, family: Family, at: Setting
) -> Evidence:
    """Measure the largest error of a path in roundings, and name the first step that is off."""
    u = float(np.finfo(at.dtype).eps)
    limit = ROUNDINGS * family.condition
    under = f"{name} follows its rule under {case.name}"
    worst = Evidence(0.0, limit, f"{name}, {case.name}", under)
    for t, (at_step, right, size) in enumerate(zip(path, *way, strict=True), start=1):
        for key, p in at_step.items():
            if why := misfit(p, right[key]):
                text = f"{name}, {case.name}: {key} {why}"
                return Evidence(np.inf, limit, f"{name}, {key}", text)
            off = np.nan_to_num(np.abs(p - right[key]) / (u * size[key] + TINY), nan=np.inf)
            i = np.unravel_index(int(np.argmax(off)), off.shape)
            if off[i] > worst.measured:
                before = float(case.start[key][i])
                text = (
                    f"{name} under {case.name}: after step {t} {entry(key, i)} has moved by "
                    f"{float(p[i]) - before:.6g}, by its rule it would have by "
                    f"{float(right[key][i]) - before:.6g}"
                )
                worst = Evidence(float(off[i]), limit, f"{name}, {entry(key, i)}", text)
        if worst.measured > limit:
            break
    return worst
