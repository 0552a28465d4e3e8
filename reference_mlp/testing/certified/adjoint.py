"""Each layer's backward pass as the adjoint of its forward pass: <J v, w> = <v, J^T w>."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.layers import Layer
from reference_mlp.network import Elementwise, Network
from reference_mlp.testing.certified.check import check_gradients
from reference_mlp.testing.certified.objective import Functions
from reference_mlp.testing.certified.report import GradientReport


@dataclass(frozen=True)
class LayerReport:
    """A layer of a network, or its loss, and how its backward pass was found to be."""

    layer: str
    report: GradientReport


def check_adjoints(
    network: Network, X: Array, y: Array, *, rng: np.random.Generator
) -> Iterator[LayerReport]:
    """Yield a report for each layer in the order of the forward pass, the loss and the penalty.

    With w random and J the Jacobian of a layer in its input and parameters together, J^T w is
    the gradient of <w, forward(x)>, so that each layer is checked by `check_gradients` for
    itself; `X` has shape (N, D). A fault is placed in the layer that it is in, whatever
    the layers behind it do.

    Raises TypeError for a network that doesn't show its layers.

    >>> import reference_mlp as mlp
    >>> rng = np.random.default_rng(0)
    >>> net = mlp.mlp((3, 4, 2), rng=rng, activation="tanh")
    >>> X, y = rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    >>> [(r.layer, str(r.report.outcome)) for r in check_adjoints(net, X, y, rng=rng)]
    [('0 Linear', 'passed'), ('1 Tanh', 'passed'), ('2 Linear', 'passed'), ('loss', 'passed')]
    """
    if not isinstance(network, Network):
        msg = f"the network is a {type(network).__name__}, expected a Network with its layers"
        raise TypeError(msg)
    x = X
    for i, layer in enumerate(network.layers):
        own = network._params_of(i)
        z, _ = layer.forward(x, own)
        w = rng.normal(size=z.shape).astype(z.dtype)
        inner = layer.activation if isinstance(layer, Elementwise) else layer
        functions = _layer_functions(layer, own, x, size=float(np.abs(w * z).sum()))
        report = check_gradients(functions, w, rng=rng, localise=False)
        yield LayerReport(f"{i} {type(inner).__name__}", report)
        x = z
    of_loss = check_gradients(_loss_functions(network, x, y), rng=rng, localise=False)
    yield LayerReport("loss", of_loss)
    if network.penalty.strength:
        of_penalty = check_gradients(_penalty_functions(network), rng=rng, localise=False)
        yield LayerReport("penalty", of_penalty)


def _layer_functions(layer: Layer, own: Mapping[str, Array], x: Array, *, size: float) -> Functions:
    """Return <w, forward(x)> and its gradients in the layer's input "x" and parameters, by w.

    Twice `size`, the sum of |w z|, is added to the product, so that the whole is no smaller than
    it: terms that cancel leave their rounding, and a check goes by the size of the loss.
    """
    arrays: Params = {"x": x.copy(), **{name: p.copy() for name, p in own.items()}}

    def params() -> Params:
        return {name: arrays[name] for name in own}

    def loss(w: Array) -> Any:
        z, _ = layer.forward(arrays["x"], params())
        return 2 * size + (w * z).sum()

    def gradients(w: Array) -> Params:
        _, cache = layer.forward(arrays["x"], params())
        dx, grads = layer.backward(cache, w, params())
        # A copy: an identity rightly hands its upstream gradient on as it is.
        return {"x": dx.copy(), **grads}

    return Functions(loss, gradients, arrays)


def _loss_functions(network: Network, z: Array, y: Array) -> Functions:
    arrays: Params = {"z": z.copy()}
    loss = network.loss_function
    return Functions(
        lambda: loss.value(arrays["z"], y),
        lambda: {"z": loss.gradient(arrays["z"], y)},
        arrays,
    )


def _penalty_functions(network: Network) -> Functions:
    arrays: Params = {name: p.copy() for name, p in network.params.items()}

    def gradients() -> Params:
        nothing = {name: np.zeros_like(p) for name, p in arrays.items()}
        return nothing | network.penalty.gradient(arrays)

    return Functions(lambda: network.penalty.value(arrays), gradients, arrays)
