"""A network for training alone: it computes no gradient that no step will use.

The gradient of the first layer's input is an eighth of a step of notebook 002, and nobody asks for
it; below the lowest layer that is trained there is nothing to compute at all.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_mlp import Linear, Network
from reference_mlp._arrays import Array, Params
from reference_mlp.layers import Layer


def lean(network: Network) -> Network:
    """Return `network`, on the same `params`, without the gradients that training doesn't use.

    Those of trainable parameters are the same to the bit; frozen ones below all of them have
    zeros, and the gradient of the input is no gradient. `lean` of a network whose lowest
    trainable layer isn't `Linear` spares what is below it only.

    >>> from reference_mlp import mlp
    >>> net = mlp((4, 3, 2), rng=np.random.default_rng(0))
    >>> X, y = np.ones((5, 4)), np.zeros(5, int)
    >>> all((g == net.gradients(X, y)[name]).all() for name, g in lean(net).gradients(X, y).items())
    True
    """
    lowest = min(int(name.partition(".")[0]) for name in network.trainable)
    layers: list[Layer] = [_Below(layer) for layer in network.layers[:lowest]]
    layers += network.layers[lowest:]
    if type(layers[lowest]) is Linear:
        layers[lowest] = _Lowest()
    twin = copy.copy(network)
    twin.layers = tuple(layers)
    return twin


class _Lowest(Linear):
    """A linear layer below which nothing is trained."""

    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        """Return dz in place of dx, and dW with db as `Linear` does."""
        # Towards one input only, dx costs next to nothing, and dW and db are Linear's own.
        _, grads = super().backward(cache, dz, {"W": params["W"][:1]})
        return dz, grads


@dataclass(frozen=True)
class _Below:
    """A layer that isn't trained, and below which nothing is."""

    layer: Layer

    def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, Any]:
        """Return what the layer returns."""
        return self.layer.forward(x, params)

    def backward(self, cache: Any, dz: Array, params: Mapping[str, Array]) -> tuple[Array, Params]:
        """Return dz in place of dx, and zeros that take no room."""
        return dz, {name: np.broadcast_to(p.dtype.type(0), p.shape) for name, p in params.items()}
