"""Optimisers against their rules, step by step."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.optimisers import Optimiser
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.parameters import entry, misfit
from reference_mlp.testing.record_trajectories import recorded_trajectories
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.update_rules import FAMILIES, Family, distances, places

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
    rng = at.rng()
    cases = list(_cases(at, rng))
    for name, family in FAMILIES.items():
        if name not in optimisers or not _accepts(optimisers[name], family):
            continue
        for case, start, gradients in cases:
            optimiser = optimisers[name](family.learning_rate, **family.settings)
            yield _follows(name, family, optimiser, case, start, gradients, at)
    for name, recorded in recorded_trajectories().items():
        family = recorded.family
        if name in optimisers and _accepts(optimisers[name], family):
            optimiser = optimisers[name](family.learning_rate, **family.settings)
            start = {"0.b": recorded.start.astype(at.dtype)}
            gradients = [{"0.b": g.astype(at.dtype)} for g in recorded.gradients]
            path = _run(optimiser, start, gradients)
            wanted = [{"0.b": p} for p in recorded.places]
            sizes = [{"0.b": s} for s in recorded.sizes]
            case = "the gradients given to torch"
            yield _compare(name, case, start, path, wanted, sizes, family, at)


def _accepts(make: Callable[..., Optimiser], family: Family) -> bool:
    """Say whether an optimiser can be made with the family's settings: some have none to set."""
    try:
        inspect.signature(make).bind(family.learning_rate, **family.settings)
    except (TypeError, ValueError):
        return False
    return True


def _cases(at: Setting, rng: np.random.Generator) -> Iterator[tuple[str, Params, list[Params]]]:
    """Yield (name, start, gradients of each step) of what gradients do in training."""

    def draw(size: float) -> Params:
        return {name: (size * rng.normal(size=s)).astype(at.dtype) for name, s in SHAPES.items()}

    def scaled(grads: Params, factors: Sequence[float]) -> list[Params]:
        return [{name: np.asarray(f * g, at.dtype) for name, g in grads.items()} for f in factors]

    nowhere = {name: np.zeros(s, at.dtype) for name, s in SHAPES.items()}
    yield "constant gradients", draw(1), scaled(draw(1), [1.0] * STEPS)
    yield "alternating gradients", draw(1), scaled(draw(1), [1.0, -1.0] * (STEPS // 2))
    # From zero, as moves of 1e-12 are lost in a parameter of size 1.
    yield "tiny gradients", nowhere, [draw(1e-12) for _ in range(STEPS)]
    yield "huge gradients", draw(1), [draw(1e12) for _ in range(STEPS)]
    yield "changing gradients", draw(1), [draw(1) for _ in range(STEPS)]
    yield "one gradient, then zeros", draw(1), scaled(draw(1), [1.0] + [0.0] * (STEPS - 1))
    slope = draw(1)
    ways = scaled(draw(1), list(0.8 ** np.arange(STEPS)))
    # Of the parabola slope^2 p^2 / 2, along a path that comes down it.
    yield "gradients of a parabola", draw(1), [{k: slope[k] ** 2 * w[k] for k in w} for w in ways]


def _run(optimiser: Optimiser, start: Params, gradients: Sequence[Params]) -> list[Params]:
    params = {name: p.copy() for name, p in start.items()}
    path = []
    for grads in gradients:
        # Copies: what an optimiser does with the arrays themselves is seen by OPM.
        optimiser.step(params, {name: g.copy() for name, g in grads.items()})
        path.append({name: np.array(p) for name, p in params.items()})
    return path


def _follows(
    name: str,
    family: Family,
    optimiser: Optimiser,
    case: str,
    start: Params,
    gradients: Sequence[Params],
    at: Setting,
) -> Evidence:
    """Hold an optimiser to the rule of its family that it comes nearest to."""
    path = _run(optimiser, start, gradients)
    found = []
    for rule in family.readings():
        wanted = [{k: np.empty(p.shape) for k, p in start.items()} for _ in gradients]
        sizes = [{k: np.empty(p.shape) for k, p in start.items()} for _ in gradients]
        for key, p in start.items():
            for i in np.ndindex(p.shape):
                g = [float(grads[key][i]) for grads in gradients]
                steps = zip(places(rule, float(p[i]), g), distances(rule, g), strict=True)
                for t, (place, distance) in enumerate(steps):
                    wanted[t][key][i] = place
                    sizes[t][key][i] = abs(float(p[i])) + distance
        found.append(_compare(name, case, start, path, wanted, sizes, family, at))
    return min(found, key=lambda e: e.severity)


def _compare(
    name: str,
    case: str,
    start: Params,
    path: Sequence[Params],
    wanted: Sequence[Params],
    sizes: Sequence[Params],
    family: Family,
    at: Setting,
) -> Evidence:
    """Measure the largest error of a path in roundings, and name the first step that is off."""
    u = float(np.finfo(at.dtype).eps)
    limit = ROUNDINGS * family.condition
    worst = Evidence(0.0, limit, f"{name}, {case}", f"{name} follows its rule under {case}")
    for t, (at_step, right, size) in enumerate(zip(path, wanted, sizes, strict=True), start=1):
        for key, p in at_step.items():
            if why := misfit(p, right[key]):
                return Evidence(np.inf, limit, f"{name}, {key}", f"{name}, {case}: {key} {why}")
            off = np.nan_to_num(np.abs(p - right[key]) / (u * size[key] + TINY), nan=np.inf)
            i = np.unravel_index(int(np.argmax(off)), off.shape)
            if off[i] > worst.measured:
                text = (
                    f"{name} under {case}: after step {t} {entry(key, i)} has moved by "
                    f"{float(p[i]) - float(start[key][i]):.6g}, by its rule it would have by "
                    f"{float(right[key][i]) - float(start[key][i]):.6g}"
                )
                worst = Evidence(float(off[i]), limit, f"{name}, {entry(key, i)}", text)
        if worst.measured > limit:
            break
    return worst


@check("OPM")
def optimiser_manners(at: Setting, optimisers: Makers) -> Iterator[Evidence]:
    """An optimiser moves the arrays it is given, by name, and shares nothing that isn't its own.

    Gradients are left alone and not kept, two optimisers don't share a state, nor do two
    parameters, and a parameter without a gradient stays where it is.
    """
    rng = at.rng()
    shape = (2, 3)

    def draw() -> Params:
        return {name: rng.normal(size=shape).astype(at.dtype) for name in ("0.W", "2.W")}

    start, gradients = draw(), [draw() for _ in range(4)]
    for name in FAMILIES:
        if name in optimisers:
            make = optimisers[name]
            alone = _run(make(0.1), start, gradients)
            for what, found in _manners(make, start, gradients).items():
                off = _difference(found, alone[: len(found)], at)
                text = f"{name}: {what}" if off > ROUNDINGS else f"{name} keeps its manners"
                yield Evidence(off, ROUNDINGS, f"{name}: {what}", text)
            yield from _in_place(name, make(0.1), start, gradients)


def _manners(
    make: Callable[..., Optimiser], start: Params, gradients: Sequence[Params]
) -> dict[str, list[Params]]:
    """Return paths that ought to be the one of an optimiser by itself, by what it means if not."""
    other, beside, reused, turned = (make(0.1) for _ in range(4))
    by_itself = [make(0.1) for _ in start]
    elsewhere = {name: -p for name, p in start.items()}
    buffers = {name: np.empty_like(p) for name, p in start.items()}
    paths: dict[str, list[Params]] = {
        "another optimiser of its class changes how it moves": [],
        "it keeps the caller's gradients, and moves otherwise once these are overwritten": [],
        "parameters move otherwise together than each by itself": [],
        "gradients in another order go to other parameters": [],
    }
    runs = [{name: p.copy() for name, p in start.items()} for _ in paths]
    for grads in gradients:
        other.step(elsewhere, {name: 3 * g for name, g in grads.items()})
        beside.step(runs[0], _copies(grads))
        for name, g in grads.items():
            buffers[name][...] = g
        reused.step(runs[1], buffers)
        for one, (name, g) in zip(by_itself, grads.items(), strict=True):
            only = {name: runs[2][name]}
            one.step(only, {name: g.copy()})
            runs[2] |= only
        turned.step(runs[3], {name: grads[name].copy() for name in reversed(grads)})
        for path, params in zip(paths.values(), runs, strict=True):
            path.append(_copies(params))
    return paths


def _in_place(
    name: str, optimiser: Optimiser, start: Params, gradients: Sequence[Params]
) -> Iterator[Evidence]:
    params, given = _copies(start), [_copies(grads) for grads in gradients]
    held = dict(params)
    for grads in given:
        optimiser.step(params, grads)
    moved = [k for k, p in held.items() if params.get(k) is not p or np.array_equal(p, start[k])]
    text = f"{name} puts new arrays in the place of {moved}" if moved else f"{name} moves in place"
    yield Evidence(float(len(moved)), 0.0, f"{name}: moves in place", text)
    written = sum(
        int((~_same(g, before[k])).sum())
        for grads, before in zip(given, gradients, strict=True)
        for k, g in grads.items()
    )
    text = f"{name} changed {written} entries of the gradients it was given"
    yield Evidence(float(written), 0.0, f"{name}: gradients are left alone", text)
    first, second = held
    still = held[first].copy()
    optimiser.step(params, {second: given[0][second]})
    drifted = int((~_same(params[first], still)).sum())
    text = f"{name} moved {drifted} entries of a parameter that got no gradient"
    yield Evidence(float(drifted), 0.0, f"{name}: no gradient, no move", text)


def _copies(arrays: Mapping[str, Array]) -> Params:
    return {name: np.array(a) for name, a in arrays.items()}


def _same(now: Array, before: Array) -> Array:
    # NaN in both is the same end; how it came to that is for the rules to say.
    same: Array = (now == before) | (np.isnan(now) & np.isnan(before))
    return same


def _difference(found: Sequence[Params], alone: Sequence[Params], at: Setting) -> float:
    """Return the largest difference, in roundings of the largest entry or of 1."""
    u = float(np.finfo(at.dtype).eps)
    off = 0.0
    for here, there in zip(found, alone, strict=True):
        for name, p in there.items():
            size = max(1.0, float(np.abs(np.nan_to_num(p)).max()))
            error: Any = np.where(_same(here[name], p), 0, np.abs(here[name] - p) / (u * size))
            off = max(off, float(np.nan_to_num(error, nan=np.inf).max()))
    return off
