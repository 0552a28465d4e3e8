"""Dropout: its mask, its scale, and that evaluation does without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.parameters import entry, misfit
from reference_mlp.testing.registry import Setting, check

RATE = 0.2
"""Not 0.5: there keeping and dropping are the same, and so are 1 / p and 1 / (1 - p)."""


@check("DRO")
def dropout_masks(at: Setting, dropout: Callable[[float], Any]) -> Iterator[Evidence]:
    """A thinned layer drops entries, scales the rest by 1/(1-p), and goes back by the same mask.

    In evaluation the layer is the identity. Without a scale that makes up for what is dropped,
    or with a mask of backward's own, the network that is trained is not the one that is used.
    """
    rng = at.rng()
    x = rng.normal(size=(200, 50)).astype(at.dtype)
    x[np.abs(x) < 0.01] = 1  # far enough from 0 that a dropped entry is told from a small one
    dz = rng.normal(size=x.shape).astype(at.dtype)
    layer = dropout(RATE)
    for name, out in _pass(layer, x, dz).items():
        given = x if name == "forward" else dz
        yield _hold(out, given, np.zeros(x.shape), f"{name} in evaluation", "unchanged")

    thinned = layer.thinned(np.random.default_rng(at.seed))
    got = _pass(thinned, x, dz)
    out = got["forward"]
    if why := misfit(out, x):
        yield Evidence(np.inf, 0.0, "forward", f"the output of a thinned layer {why}")
        return
    kept = out != 0
    yield _hold(out, np.where(kept, x / (1 - RATE), 0), _rounding(x), "forward", "0 or x / (1 - p)")
    mask = out / x
    where = "backward against the mask of forward"
    yield _hold(got["backward"], dz * mask, _rounding(dz), where, "dz times the mask")
    yield from _of_mask(kept)

    same = layer.thinned(np.random.default_rng(at.seed))
    generator = np.random.default_rng(at.seed)
    first, second = (layer.thinned(generator) for _ in range(2))
    other = layer.thinned(np.random.default_rng(at.seed + 1))
    first_kept, second_kept, same_kept, other_kept, twice = (
        np.array(of.forward(x, {})[0]) != 0 for of in (first, second, same, other, thinned)
    )
    faults = {
        "the next thinned layer has the mask of the first": np.array_equal(first_kept, second_kept),
        "a generator of another seed draws the same mask": np.array_equal(kept, other_kept),
        "a generator of the same seed draws another mask": not np.array_equal(kept, same_kept),
        "one thinned layer draws another mask at its next call": not np.array_equal(kept, twice),
    }
    for fault, found in faults.items():
        text = fault if found else f"it is not so that {fault}"
        yield Evidence(float(found), 0.0, "masks drawn again", text)


def _pass(layer: Any, x: Array, dz: Array) -> dict[str, Array]:
    # Copies of all: a mask may be applied in place, and a buffer be returned.
    out, cache = layer.forward(x.copy(), {})
    out = np.array(out)
    dx, _ = layer.backward(cache, dz.copy(), {})
    return {"forward": out, "backward": np.array(dx)}


def _rounding(x: Array) -> Array:
    """Return what a scale, a quotient and a product may be off by, with room for one more."""
    return 8 * float(np.finfo(x.dtype).eps) * np.abs(x)


def _hold(got: Array, right: Array, granted: Array, where: str, expected: str) -> Evidence:
    if why := misfit(got, right):
        return Evidence(np.inf, 0.0, where, f"{where}: the result {why}")
    off = np.nan_to_num(np.abs(got - right), nan=np.inf)
    wrong = off > granted
    index = np.unravel_index((off - granted).argmax(), off.shape)
    text = f"{where}: {int(wrong.sum())} entries are not {expected}"
    if wrong.any():
        text += f"; {entry('out', index)} is {got[index]:.6g}, expected {right[index]:.6g}"
    return Evidence(float(wrong.sum()), 0.0, where, text)


def _of_mask(kept: Array) -> Iterator[Evidence]:
    """Judge a mask (200, 50): how many it keeps, and that entries are drawn one by one."""
    n = kept.size
    # A binomial count of 10,000 is this many deviations from its mean once in 10^9.
    share, deviation = float(kept.mean()), np.sqrt(RATE * (1 - RATE) / n)
    text = f"{share:.3g} of the entries are kept, expected {1 - RATE:g} at a rate of {RATE:g}"
    yield Evidence(abs(share - (1 - RATE)), 6.11 * deviation, "share kept", text)
    for axis, lines in (("rows", kept), ("columns", kept.T)):
        same = bool((lines == lines[0]).all())
        text = f"all {axis} have {'one mask' if same else 'masks of their own'}"
        yield Evidence(float(same), 0.0, f"mask, {axis}", text)
