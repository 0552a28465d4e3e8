"""What an optimiser does with what it is given: the arrays, their names, another one's state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.optimisers import Optimiser
from reference_mlp.testing.checks.optimisers import ROUNDINGS, Makers, run_optimiser
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.parameters import copied
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.update_rules import FAMILIES


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
            alone = run_optimiser(make(0.1), start, gradients)
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
    runs = [copied(start) for _ in paths]
    for grads in gradients:
        other.step(elsewhere, {name: 3 * g for name, g in grads.items()})
        beside.step(runs[0], copied(grads))
        for name, g in grads.items():
            buffers[name][...] = g
        reused.step(runs[1], buffers)
        for one, (name, g) in zip(by_itself, grads.items(), strict=True):
            only = {name: runs[2][name]}
            one.step(only, {name: g.copy()})
            runs[2] |= only
        turned.step(runs[3], {name: grads[name].copy() for name in reversed(grads)})
        for path, params in zip(paths.values(), runs, strict=True):
            path.append(copied(params))
    return paths


def _in_place(
    name: str, optimiser: Optimiser, start: Params, gradients: Sequence[Params]
) -> Iterator[Evidence]:
    params, given = copied(start), [copied(grads) for grads in gradients]
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
