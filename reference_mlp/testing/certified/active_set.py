"""Which side of its kinks a network is on, where its layers can be asked."""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.layers import Relu
from reference_mlp.network import Elementwise, Tape


def active_set_of(network: Any, X: Array) -> bytes | None:
    r"""Return the signs -1, 0, 1 of every relu's input, or None where the layers don't show them.

    `X` has shape (N, D). Two equal fingerprints at the ends of a segment say that few kinks
    can lie on it: a unit would have to change sides and back again.

    >>> import reference_mlp as mlp
    >>> net = mlp.mlp((2, 1, 1), rng=np.random.default_rng(0), initialiser="zeros")
    >>> active_set_of(net, np.ones((3, 2)))
    b'\x00\x00\x00'
    """
    layers = getattr(network, "layers", None)
    if layers is None or not hasattr(network, "forward"):
        return None
    passed = network.forward(X)
    tape = passed[1] if isinstance(passed, tuple) and len(passed) == 2 else None
    if not isinstance(tape, Tape):
        return None
    signs = [
        np.sign(cache).astype(np.int8).tobytes()
        for layer, cache in zip(layers, tape.caches, strict=False)
        if isinstance(layer, Elementwise)
        and isinstance(layer.activation, Relu)
        and isinstance(cache, np.ndarray)
    ]
    # A bent activation that doesn't show its input makes the whole answer worthless.
    if any(isinstance(layer, Elementwise) and not _known(layer) for layer in layers):
        return None
    return b"".join(signs)


def _known(layer: Elementwise) -> bool:
    from reference_mlp.layers import Identity, Sigmoid, Tanh

    return isinstance(layer.activation, Relu | Sigmoid | Tanh | Identity)
