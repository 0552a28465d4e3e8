"""Gradients as somebody's code returns them, put beside the parameters that they belong to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.adapters.nests import AdapterError, named

RATE = 256.0
"""A gradient recovered from p - (p - rate g): at so large a rate the rounding of p costs g nothing.

A power of two, so that neither product nor quotient rounds.
"""

TINY = 2.0**-10

NODES = (0.25, 0.5, 1.0, 2.0)
"""Rates at which a step is taken that is no multiple of its rate, and extrapolated to none."""


def collected(found: Any, params: Params) -> Params:
    """Return the arrays in `found`, a nest of gradients, by the names of their parameters.

    By name where it has the same names, be it with a d or grad in front or behind; else in order,
    or as one vector. Raises AdapterError where they are not as many.
    """
    arrays = named(found)
    if isinstance(found, Mapping):
        by_name = {_plain(name): array for name, array in arrays.items()}
        if set(by_name) == {_plain(name) for name in params} and len(by_name) == len(params):
            return {name: by_name[_plain(name)] for name in params}
    if len(arrays) == len(params):
        return dict(zip(params, arrays.values(), strict=True))
    sizes = [p.size for p in params.values()]
    if sum(a.size for a in arrays.values()) == sum(sizes):
        flat = np.concatenate([np.ravel(a) for a in arrays.values()])
        parts = np.split(flat, np.cumsum(sizes)[:-1])
        return {n: g.reshape(p.shape) for g, (n, p) in zip(parts, params.items(), strict=True)}
    msg = (
        f"there are {len(arrays)} gradients ({', '.join(arrays) or 'none'}) for {len(params)} "
        f"parameters ({', '.join(params)})"
    )
    raise AdapterError(msg)


def _plain(path: str) -> str:
    """Return the path of a parameter that a gradient's path names: 0.W for 0.dW."""
    place, dot, name = path.rpartition(".")
    return place + dot + re.sub(r"^(grads?_?|delta_?|d_?)(?=\w)|_?grads?$", "", name)


def quotients(before: Params, after: Mapping[str, Array], rate: float) -> Params:
    """Return (before - after) / rate, in the dtype of `after`.

    What has changed its shape is returned as it is.
    """
    found: Params = {}
    for name, p in before.items():
        moved = after[name]
        if moved.shape == p.shape:
            dtype = moved.dtype.type
            moved = (p.real.astype(dtype) - moved) / dtype(rate)
        found[name] = moved
    return found


def at_no_rate(quotient: Callable[[float], Params], like: Params) -> Params:
    """Return the gradients that a step has at a rate of 0, by extrapolation.

    A layer that is moved before the gradient goes through it makes that of the layers below a
    polynomial of the rate, of one degree more each: through four points it is exact for four
    layers, and the weights of the points (of a sum of 8) keep the rounding near that of a step.
    """
    taken = [quotient(rate) for rate in NODES]
    if any(g[n].shape != p.shape for g in taken for n, p in like.items()):
        return taken[0]
    found: Params = {}
    for name, p in like.items():
        terms = [p.dtype.type(w) * g[name] for w, g in zip(_weights(), taken, strict=True)]
        found[name] = np.sum(terms, axis=0, dtype=p.dtype)
    return found


def _weights() -> list[float]:
    """Return Lagrange's weights of `NODES` at 0."""
    return [
        float(np.prod([other / (other - node) for other in NODES if other != node]))
        for node in NODES
    ]


def proportional(large: Params, tiny: Params, params: Params) -> bool:
    """Say whether a step at `RATE` and one at `TINY` have the same quotients but for rounding."""
    for name, p in params.items():
        if large[name].shape != p.shape or tiny[name].shape != p.shape:
            return True
        size = float(np.abs(p).max(initial=0)) / TINY + float(np.abs(tiny[name]).max(initial=0))
        off = float(np.nan_to_num(np.abs(large[name] - tiny[name]), nan=0).max(initial=0))
        if off > 8 * float(np.finfo(p.dtype).eps) * size:
            return False
    return True
