"""Bugs of the catalog, written by hand into a network that shares no code with the reference.

Columns are samples, weights are (out, in): what a bug is called in the catalog is written as it
would be written here.
"""

from __future__ import annotations

import numpy as np

from tests.testing.rewrites import _SLOPE, FeaturesFirst


class Stranger(FeaturesFirst):
    """The rewrite with its backward pass in pieces, one of which each class below gets wrong."""

    def _backward(self, X, y):
        z, trace = self._run(X)
        dz = self._upstream(z, y)
        grads = {}
        for i in range(self.depth, 0, -1):
            a, _ = trace[i - 1]
            grads[f"W{i}"] = self._weights(dz, a) + self._decay(self.params[f"W{i}"])
            grads[f"b{i}"] = self._bias(dz, f"b{i}")
            da = self.params[f"W{i}"].T @ dz
            if i > 1:
                dz = self._down(da, self.kinds[i - 2], trace[i - 2][1])
        return {name: g.astype(self.params[name].dtype) for name, g in grads.items()}, da.T

    def _upstream(self, z, y):
        return self._data_loss(z, y)[1]

    def _weights(self, dz, a):
        return dz @ a.T

    def _bias(self, dz, name):
        return dz.sum(axis=1, keepdims=True)

    def _decay(self, W):
        return self.l2 * W

    def _down(self, da, kind, z):
        return da * _SLOPE[kind](z)

    def _softmax(self, z):
        e = np.exp(z - z.max(axis=0))
        return e / e.sum(axis=0)

    def _one_hot(self, z, y):
        return y.T if y.ndim == 2 else (np.arange(len(z))[:, None] == y).astype(z.dtype)

    @property
    def _classifies(self):
        return self.kind_of_loss == "softmax_cross_entropy"


class SumForMean(Stranger):
    def _upstream(self, z, y):
        dz = super()._upstream(z, y)
        return dz * z.shape[1] if self._classifies else dz


class DividedByClasses(Stranger):
    def _upstream(self, z, y):
        if self._classifies:
            return (self._softmax(z) - self._one_hot(z, y)) / z.shape[0]
        return super()._upstream(z, y)


class SoftmaxTwice(Stranger):
    def _upstream(self, z, y):
        if self._classifies:
            p = self._softmax(z)
            return (self._softmax(p) - self._one_hot(z, y)) / z.shape[1]
        return super()._upstream(z, y)


class OneHotTwice(Stranger):
    def _upstream(self, z, y):
        if self._classifies:
            return (self._softmax(z) - 2 * self._one_hot(z, y)) / z.shape[1]
        return super()._upstream(z, y)


class ReluPassesAll(Stranger):
    def _down(self, da, kind, z):
        return da if kind == "relu" else super()._down(da, kind, z)


class TanhTwice(Stranger):
    def _down(self, da, kind, z):
        dz = super()._down(da, kind, z)
        return dz * (1 - np.tanh(z) ** 2) if kind == "tanh" else dz


class UpstreamForgotten(Stranger):
    def _down(self, da, kind, z):
        return _SLOPE[kind](z) if kind == "sigmoid" else super()._down(da, kind, z)


class BiasForgotten(Stranger):
    def _bias(self, dz, name):
        return np.zeros_like(self.params[name])


class BiasMean(Stranger):
    def _bias(self, dz, name):
        return dz.mean(axis=1, keepdims=True)


class AveragedTwice(Stranger):
    def _weights(self, dz, a):
        return dz @ a.T / a.shape[1]

    def _bias(self, dz, name):
        return dz.mean(axis=1, keepdims=True)


class NoDecay(Stranger):
    def _decay(self, W):
        return 0 * W


class DecayOfSign(Stranger):
    def _decay(self, W):
        return -self.l2 * W


class Accumulates(Stranger):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.total = {name: np.zeros_like(p) for name, p in self.params.items()}

    def gradients(self, X, y):
        for name, g in super().gradients(X, y).items():
            self.total[name] += g
        return {name: g.copy() for name, g in self.total.items()}


class NoShift(Stranger):
    """Softmax without the maximum, in a loss whose gradient is fused with it."""

    def _upstream(self, z, y):
        if self._classifies:
            e = np.exp(z)
            return (e / e.sum(axis=0) - self._one_hot(z, y)) / z.shape[1]
        return super()._upstream(z, y)


INJECTED = {
    SumForMean: "GB031",
    DividedByClasses: "GB033",
    SoftmaxTwice: "GB122",
    OneHotTwice: "GB126",
    ReluPassesAll: "GB041",
    TanhTwice: "GB042",
    UpstreamForgotten: "GB127",
    BiasForgotten: "GB054",
    BiasMean: "GB063",
    AveragedTwice: "GB123",
    NoDecay: "GB049",
    DecayOfSign: "GB047",
    Accumulates: "GB022",
    NoShift: "GB001",
}
"""Each with the entry whose bug it has."""


class NovelSquare(Stranger):
    """A bug that the catalog lacks: gradients of the weights squared."""

    def _weights(self, dz, a):
        return (dz @ a.T) ** 2


class NovelMix(Stranger):
    """Another: a fifth of the slope leaks through every activation."""

    def _down(self, da, kind, z):
        return da * (0.8 * _SLOPE[kind](z) + 0.2)


NOVEL = (NovelSquare, NovelMix)
