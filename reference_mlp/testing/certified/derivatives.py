"""Activations whose derivative is wrong or missing, where a network shows its layers."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.network import Elementwise, Network
from reference_mlp.testing.certified.explain import Pattern, Trials, largest

RELATIVE = 1e-6
"""How well a derivative by differences is known against the largest one, with room to spare."""


@dataclass(frozen=True)
class Repaired:
    """An activation layer with its derivative taken by differences of its own forward pass."""

    layer: Elementwise

    def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, Any]:
        """Return the layer's own output, with its input as the cache."""
        return self.layer.forward(x, params)[0], x

    def backward(self, cache: Any, dz: Array, params: Mapping[str, Array]) -> tuple[Array, Params]:
        """Return dz times the derivative by differences."""
        return dz * derivative(self.layer, cache), {}


def derivative(layer: Elementwise, z: Array) -> Array:
    """Return the derivative of an elementwise layer at `z`: D4 with h = 1e-3 (1 + |z|).

    >>> from reference_mlp import Elementwise, Tanh
    >>> d = derivative(Elementwise(Tanh()), np.array([0.0, 1.0]))
    >>> bool(np.allclose(d, 1 - np.tanh([0.0, 1.0]) ** 2, rtol=1e-10))
    True
    """
    h = 1e-3 * (1 + np.abs(z))
    f = {k: layer.forward(z + k * h, {})[0] for k in (-2, -1, 1, 2)}
    d4: Array = (8 * (f[1] - f[-1]) - (f[2] - f[-2])) / (12 * h)
    return d4


def wrong_derivatives(network: Any, X: Array, y: Array, t: Trials) -> Pattern | None:
    """Return which activations' derivatives explain the residuals, or None.

    The suspects, whose backward pass is not the derivative of their forward pass, are repaired;
    the repaired gradient must foretell every residual.
    """
    if not isinstance(network, Network):
        return None
    suspects = _suspects(network, X)
    if not suspects:
        return None
    repaired = copy.copy(network)
    repaired.layers = tuple(
        Repaired(layer) if i in suspects and isinstance(layer, Elementwise) else layer
        for i, layer in enumerate(network.layers)
    )
    correction = repaired.gradients(X, y)[t.probe.name] - t.probe.gradient
    for slope, v in zip(t.slopes, t.directions, strict=True):
        scale = float(np.abs(correction * v).sum())
        if not abs(slope.residual - float(np.vdot(correction, v))) <= slope.tau + RELATIVE * scale:
            return None
    text = "; ".join(f"the derivative of layer {i} is {what}" for i, what in suspects.items())
    return Pattern(text, largest(correction))


def _suspects(network: Network, X: Array) -> dict[int, str]:
    found = {}
    x = X
    for i, layer in enumerate(network.layers):
        own = network._params_of(i)
        z, cache = layer.forward(x, own)
        if isinstance(layer, Elementwise):
            claimed = layer.backward(cache, np.ones_like(z), own)[0]
            d = derivative(layer, x)
            # Not at a kink, where a difference is neither of the two slopes.
            smooth = np.abs(derivative(layer, x + 1e-6 * (1 + np.abs(x))) - d) < 1e-3
            off = np.abs(claimed - d) > RELATIVE * (1 + np.abs(d).max())
            if (off & smooth).any():
                found[i] = "missing" if (claimed == 1).all() else "wrong"
        x = z
    return found
