"""A network for training alone: it computes nothing twice, and no gradient that no step will use.

The gradient of the first layer's input is an eighth of a step of notebook 002, and nobody asks for
it; below the lowest layer that is trained there is nothing to compute at all. The exponentials of
the logits are those of the loss and of its gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_mlp import Linear, Network, SoftmaxCrossEntropy
from reference_mlp._arrays import Array, Params, require_labels
from reference_mlp.functions import softmax_and_log
from reference_mlp.layers import Layer
from reference_mlp.losses import less_one_hot, mean


def lean(network: Network) -> Network:
    """Return `network`, on the same `params`, without what training doesn't use.

    Those of trainable parameters are the same to the bit; frozen ones below all of them have
    zeros, and the gradient of the input is no gradient. `lean` of a network whose lowest
    trainable layer isn't `Linear` spares what is below it only.

    >>> from reference_mlp import mlp
    >>> net = mlp((4, 3, 2), rng=np.random.default_rng(0))
    >>> X, y = np.ones((5, 4)), np.zeros(5, int)
    >>> all((g == net.gradients(X, y)[name]).all() for name, g in lean(net).gradients(X, y).items())
    True
    """
    return _Lean(network)


class _Lean(Network):
    def __init__(self, network: Network) -> None:
        vars(self).update(vars(network))
        lowest = min(int(name.partition(".")[0]) for name in network.trainable)
        layers: list[Layer] = [_Below(layer) for layer in network.layers[:lowest]]
        layers += network.layers[lowest:]
        if type(layers[lowest]) is Linear:
            layers[lowest] = _Lowest()
        self.layers = tuple(layers)

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[Any, Params]:
        """Return the loss and dL/dparams, from one forward pass and one softmax."""
        if self.loss_function != SoftmaxCrossEntropy():
            return super().loss_and_gradients(X, y)
        logits, tape = self.forward(X)
        value, dz = _softmax_cross_entropy(logits, y)
        return self.penalised(value), self.backward_from(tape, dz)[0]


def _softmax_cross_entropy(z: Array, y: Array) -> tuple[Any, Array]:
    """Return the value and the gradient (N, K) that `SoftmaxCrossEntropy` has at `z` (N, K)."""
    n, k = z.shape
    labels = require_labels("y", y, n_rows=n, n_classes=k)
    p, log_p = softmax_and_log(z)
    value = mean(-log_p[np.arange(n), labels])
    dz = less_one_hot(p, labels)
    dz /= n
    return value, dz


class _Lowest(Linear):
    """A linear layer below which nothing is trained."""

    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        """Return dz in place of dx, and dW with db as `Linear` does."""
        # Of one input only dx and dW cost next to nothing, and db is Linear's own. For a batch of
        # one np.dot takes a fifth of the time of matmul, and for others as long.
        _, grads = super().backward(cache[:, :1], dz, {"W": params["W"][:1]})
        grads["W"] = np.dot(cache.T, dz)
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
