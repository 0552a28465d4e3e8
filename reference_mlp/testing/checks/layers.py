"""Each layer by itself: its backward pass against differences of its forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array, Params
from reference_mlp.layers import Activation, Layer
from reference_mlp.network import Elementwise
from reference_mlp.testing.evidence import Evidence, worst
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.parameters import copied, entry, misfit
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.slopes import hold_slope
from reference_mlp.testing.twins import in_float64, twin_of

TIED = Problem(
    "recurrent network of two equal steps",
    (3, 4, 4, 4, 2),
    ("tanh",) * 3,
    "softmax_cross_entropy",
    "labels",
    n_rows=6,
    l2=0.05,
)


@check("LAY")
def layer_differences(
    at: Setting, linear: Callable[[], Layer], activations: Mapping[str, Callable[[], Activation]]
) -> Iterator[Evidence]:
    """Each layer's gradients against differences of the sum of its outputs, weighted at random.

    Inputs are positive, negative and large, away from 0 where relu has its kink.
    """
    for n_rows in (4, 1):
        rng = at.rng()
        x = _inputs(n_rows, 4, rng)
        for name, make in activations.items():
            where = f"{name} of {n_rows} rows"
            yield _hold_layer(where, Elementwise(make()), x, {}, at.dtype, rng)
        for n_out in (3, 4):
            params = {"W": _inputs(4, n_out, rng, large=False), "b": rng.normal(size=n_out)}
            where = f"linear, {n_rows} x 4 to {n_out}"
            yield _hold_layer(where, linear(), x, params, at.dtype, rng)


def _inputs(n: int, d: int, rng: np.random.Generator, *, large: bool = True) -> Array:
    """Return numbers of both signs from 0.1 on, some of them large."""
    x = rng.normal(size=(n, d))
    x += np.copysign(0.1, x)
    if large:
        x[0, :2] *= 20 / np.abs(x[0, :2])
    # Of few digits, so that a step of a power of two is added without rounding.
    return x.astype(np.float32).astype(np.float64)


def _hold_layer(
    where: str, layer: Layer, x: Array, params: Params, dtype: DTypeLike, rng: np.random.Generator
) -> Evidence:
    """Compare dx and each gradient of a parameter, entry by entry, and return the worst.

    The layer runs in `dtype` and the differences in float64, at the same numbers.
    """
    given = {name: p.astype(dtype) for name, p in params.items()}
    x, params = x.astype(dtype), {name: p.astype(np.float64) for name, p in given.items()}
    out, cache = layer.forward(x.copy(), given)
    w = rng.normal(size=np.shape(out)).astype(dtype)
    dx, grads = layer.backward(cache, w.copy(), given)
    held = {"x": x.astype(np.float64), **params}
    evidence = []
    got: dict[str, Any] = {"x": dx, **{name: grads.get(name) for name in params}}
    for name, analytic in got.items():
        p = held[name]
        if why := misfit(analytic, p):
            return Evidence(np.inf, 0.0, where, f"{where}: the gradient of {name} {why}")
        for index in np.ndindex(p.shape):
            value = _Shifted(layer, held, w.astype(np.float64), name, index)
            slope = hold_slope(analytic[index], value, size=value.size(), dtype=dtype)
            place = entry(f"d{name}", index)
            text = f"{where}: {place}: {slope.text}"
            evidence.append(Evidence(slope.error, slope.threshold, f"{place} of {where}", text))
    return worst(evidence)


@check("BNM")
def batch_norm_differences(at: Setting, batch_norm: Callable[[], Layer]) -> Iterator[Evidence]:
    """Batch normalisation's gradients against differences, through mean and variance too."""
    for n_rows in (5, 2, 1):
        rng = at.rng()
        params = {"gamma": rng.normal(1, 0.3, size=4), "beta": rng.normal(size=4)}
        where = f"batch normalisation of {n_rows} rows"
        yield _hold_layer(where, batch_norm(), _inputs(n_rows, 4, rng), params, at.dtype, rng)


class _Shifted:
    """<w, forward(x)> as a function of a step in one entry of x or of a parameter."""

    def __init__(
        self, layer: Layer, held: Params, w: Array, name: str, index: tuple[int, ...]
    ) -> None:
        self.layer, self.held, self.w, self.name, self.index = layer, held, w, name, index

    def _terms(self, t: float) -> Array:
        arrays = {name: p.copy() for name, p in self.held.items()}
        arrays[self.name][self.index] += t
        out = self.layer.forward(arrays.pop("x"), arrays)[0]
        return np.asarray(self.w * out)

    def __call__(self, t: float) -> float:
        return float(self._terms(t).sum())

    def size(self) -> float:
        """Return the sum of the sizes of the terms, which is what rounds."""
        return float(np.abs(self._terms(0.0)).sum())


@check("KNK")
def relu_at_zero(
    at: Setting, activations: Mapping[str, Callable[[], Activation]]
) -> Iterator[Evidence]:
    """At z == 0 exactly, where relu has two slopes, its backward pass takes 0, as documented."""
    if "relu" not in activations:
        return
    for n_rows in (3, 1):
        z = np.array([[0.0, -0.0, 1.0, -1.0]] * n_rows, dtype=at.dtype)
        relu = activations["relu"]()
        _, cache = relu.forward(z.copy())
        dz = relu.backward(cache, at.rng().normal(size=z.shape).astype(at.dtype) + 3)
        passed = np.abs(np.asarray(dz)[:, :2])
        n = int(np.count_nonzero(passed))
        text = f"relu passes the gradient on in {n} of {passed.size} entries that are 0 exactly"
        yield Evidence(float(passed.max()), 0.0, f"relu of {n_rows} rows", text)


@check("TIE")
def tied_weights(at: Setting, make_tied_network: NetworkFactory) -> Iterator[Evidence]:
    """Layers that share weights and biases: their gradient is the sum over all their uses."""
    rng = at.rng()
    network = TIED.build(make_tied_network, dtype=at.dtype, rng=rng)
    X, y = TIED.batch(dtype=at.dtype, rng=rng)
    grads = copied(network.gradients(X, y))
    twin = twin_of(TIED, make_tied_network, network.params)
    X, y = in_float64(X, y)
    centre = float(twin.loss(X, y))
    for name, p in twin.params.items():
        if why := misfit(grads.get(name), p):
            yield Evidence(np.inf, 0.0, TIED.name, f"the gradient of {name} {why}; {TIED.name}")
            continue
        g, size = grads[name], max(abs(centre), float(np.abs(grads[name]).max()))
        for index in np.ndindex(p.shape):
            value = partial(_loss_at, twin, p, index, X, y)
            where = entry(name, index)
            slope = hold_slope(float(g[index]), value, size=size, dtype=at.dtype, centre=centre)
            text = f"{where}: {slope.text}; {TIED.name}"
            yield Evidence(slope.error, slope.threshold, f"{where} of the {TIED.name}", text)


def _loss_at(
    network: NetworkUnderTest, p: Array, index: tuple[int, ...], X: Array, y: Array, t: float
) -> float:
    before = p[index]
    try:
        p[index] = before + t
        return float(network.loss(X, y))
    finally:
        p[index] = before
