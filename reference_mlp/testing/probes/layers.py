"""Questions to layers: linear, batch normalisation, dropout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.probes.observation import Answers, probe
from reference_mlp.testing.registry import Setting


@probe
def linear(at: Setting, answers: Answers, linear: Callable[[], Any]) -> None:
    """Ask an affine layer for its output and its products, wide, narrow, square, of one row."""
    rng = np.random.default_rng([at.seed, 7])
    for n, n_in, n_out in ((5, 3, 4), (4, 3, 3), (1, 3, 2), (4, 2, 1), (3, 3, 3)):
        params = {
            "W": rng.normal(size=(n_in, n_out)).astype(at.dtype),
            "b": rng.normal(size=n_out).astype(at.dtype),
        }
        x = rng.normal(size=(n, n_in)).astype(at.dtype)
        dz = rng.normal(size=(n, n_out)).astype(at.dtype)
        for size in (1, 1000):
            of = f"{n} rows, {n_in} to {n_out}, times {size}"
            _both_ways(answers, of, linear(), x * x.dtype.type(size), dz, params)


def _both_ways(answers: Answers, key: str, layer: Any, x: Array, dz: Array, params: Params) -> None:
    given, upstream = x.copy(), dz.copy()
    pair = answers.ask(f"{key}: forward", lambda: _kept(layer.forward(given, params)))
    if pair is None:
        return
    _, cache = layer.forward(given, params)
    layer.forward(-given, params)
    answers.ask(f"{key}: backward", layer.backward, cache, upstream, params)
    changed = [
        name for name, a, b in (("x", given, x), ("dz", upstream, dz)) if not np.array_equal(a, b)
    ]
    answers.keep(f"{key}: changed", ", ".join(changed) or "nothing")


def _kept(pair: tuple[Array, Any]) -> Array:
    return np.array(pair[0])


@probe
def batch_norm(at: Setting, answers: Answers, batch_norm: Callable[[], Any]) -> None:
    """Ask a layer of batch normalisation for its output and its products."""
    rng = np.random.default_rng([at.seed, 8])
    params = {key: rng.normal(size=3).astype(at.dtype) for key in ("gamma", "beta")}
    x, dz = (rng.normal(size=(5, 3)).astype(at.dtype) for _ in range(2))
    _both_ways(answers, "usual", batch_norm(), x, dz, params)
    _both_ways(answers, "shifted", batch_norm(), x + x.dtype.type(100), dz, params)


@probe
def dropout(at: Setting, answers: Answers, dropout: Callable[[float], Any]) -> None:
    """Ask a layer of dropout what it does in evaluation, and thinned in training."""
    rng = np.random.default_rng([at.seed, 9])
    x, dz = (rng.normal(size=(40, 30)).astype(at.dtype) + 3 for _ in range(2))
    for rate in (0.0, 0.2, 0.5):
        _both_ways(answers, f"rate {rate}, evaluation", dropout(rate), x, dz, {})
        thinned = answers.ask(
            f"rate {rate}, thinned: made",
            lambda rate=rate: _Holder(dropout(rate).thinned(np.random.default_rng(1))),
        )
        if thinned is not None:
            _both_ways(answers, f"rate {rate}, thinned", thinned.layer, x, dz, {})


class _Holder:
    """Holds a layer: what is asked for is kept as an answer, and a layer is none."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer

    def __array__(self, *_: Any, **__: Any) -> Array:
        return np.zeros(0)
