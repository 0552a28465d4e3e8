"""A stack of layers under a loss."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from reference_mlp._arrays import Array, Params, require_rows
from reference_mlp.layers import Activation, Layer
from reference_mlp.losses import L2Penalty, Loss


@dataclass(frozen=True)
class Elementwise:
    """An activation as a layer: it has no parameters and so no gradients of them."""

    activation: Activation

    def forward(self, x: Array, params: Mapping[str, Array]) -> tuple[Array, Any]:
        """Return the activation of `x` and its cache."""
        return self.activation.forward(x)

    def backward(self, cache: Any, dz: Array, params: Mapping[str, Array]) -> tuple[Array, Params]:
        """Return dL/dx, and no gradients of parameters."""
        return self.activation.backward(cache, dz), {}


class Tape(NamedTuple):
    """What one forward pass leaves for its backward pass."""

    logits: Array
    caches: tuple[Any, ...]


class Network:
    """A stack of layers, a loss on the logits of the last, and an L2 penalty on the weights.

    `params` maps "0.W", "0.b", "2.W", ... (the layer's place in the stack, then the
    parameter's own name) to arrays; gradients have the same keys, shapes and dtype. The
    network holds its parameters and nothing else: no call leaves a trace in the next.
    Names in `frozen` are left alone by training; their gradients are still computed. `tied` maps
    the place of a layer without parameters of its own to that of the layer whose it uses.

    Inputs `X` have shape (N, D), logits (N, K). Every method raises ValueError or TypeError
    for inputs or targets of the wrong shape or dtype, or not finite, and names them.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        loss: Loss,
        params: Params,
        *,
        penalty: L2Penalty | None = None,
        frozen: Iterable[str] = (),
        tied: Mapping[int, int] | None = None,
    ) -> None:
        if not params:
            msg = "params is empty, expected at least one parameter"
            raise ValueError(msg)
        if len(dtypes := {p.dtype for p in params.values()}) > 1:
            msg = f"params have dtypes {sorted(map(str, dtypes))}, expected one for all"
            raise TypeError(msg)
        self.layers = tuple(layers)
        self.loss_function = loss
        self.params = params
        self.penalty = penalty or L2Penalty(0.0)
        self.frozen = frozenset(frozen)
        # For each layer, its own names of its parameters beside their names in `params`.
        self._names = [_names_at(i, params) for i in range(len(self.layers))]
        for i, owner in (tied or {}).items():
            if not 0 <= i < len(layers) or self._names[i] or not _names_at(owner, params):
                msg = f"tied is {tied}, expected {i} to be a layer without, {owner} one with params"
                raise ValueError(msg)
            self._names[i] = _names_at(owner, params)
        if unknown := self.frozen - set(params):
            msg = f"frozen names {sorted(unknown)}, expected names among {sorted(params)}"
            raise ValueError(msg)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the parameters."""
        return next(iter(self.params.values())).dtype

    def forward(self, X: Array) -> tuple[Array, Tape]:
        """Return the logits (N, K) of `X` (N, D), and the tape that `backward` takes."""
        x = require_rows("X", X, width=self._width(), dtype=self.dtype)
        caches = []
        for i, layer in enumerate(self.layers):
            x, cache = layer.forward(x, self._params_of(i))
            caches.append(cache)
        return x, Tape(x, tuple(caches))

    def backward(self, tape: Tape, y: Array) -> tuple[Params, Array]:
        """Return the gradients by parameter, and dL/dX (N, D), of the pass on `tape`."""
        return self.backward_from(tape, self.loss_function.gradient(tape.logits, y))

    def backward_from(self, tape: Tape, dz: Array) -> tuple[Params, Array]:
        """Return what `backward` does, given the gradient `dz` (N, K) of the loss of the logits."""
        grads: Params = {}
        for i in reversed(range(len(self.layers))):
            dz, of_layer = self.layers[i].backward(tape.caches[i], dz, self._params_of(i))
            for own, g in of_layer.items():
                name = self._names[i][own]
                # Parameters that two layers share have the sum of both gradients.
                grads[name] = grads[name] + g if name in grads else g
        for name, g in self._penalty_gradients().items():
            grads[name] = grads[name] + g
        return {name: grads[name] for name in self.params}, dz

    def logits(self, X: Array) -> Array:
        """Return the logits (N, K) of `X` (N, D)."""
        return self.forward(X)[0]

    def probabilities(self, X: Array) -> Array:
        """Return what the loss makes of the logits of `X`: softmax, sigmoid or themselves."""
        return self.loss_function.probabilities(self.logits(X))

    def loss(self, X: Array, y: Array) -> Any:
        """Return the mean loss of the batch and the penalty, a scalar of the network's dtype."""
        return self.loss_of(self.logits(X), y)

    def loss_of(self, logits: Array, y: Array) -> Any:
        """Return what `loss` does, given the logits (N, K) of the batch."""
        return self.penalised(self.loss_function.value(logits, y))

    def loss_and_logits(self, X: Array, y: Array) -> tuple[Any, Array]:
        """Return both from one forward pass."""
        logits = self.logits(X)
        return self.loss_of(logits, y), logits

    def gradients(self, X: Array, y: Array) -> Params:
        """Return dL/dparams by name, each of its parameter's shape and dtype."""
        return self.loss_and_gradients(X, y)[1]

    def input_gradient(self, X: Array, y: Array) -> Array:
        """Return dL/dX, of the shape of `X`."""
        return self.backward(self.forward(X)[1], y)[1]

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[Any, Params]:
        """Return the loss and dL/dparams from one forward pass."""
        logits, tape = self.forward(X)
        return self.loss_of(logits, y), self.backward(tape, y)[0]

    @property
    def trainable(self) -> tuple[str, ...]:
        """The names of the parameters that training may move."""
        return tuple(name for name in self.params if name not in self.frozen)

    @property
    def stochastic(self) -> bool:
        """Whether training has something to draw: a layer that can be thinned."""
        return any(hasattr(layer, "thinned") for layer in self.layers)

    def thinned(self, rng: np.random.Generator) -> Network:
        """Return the network of one step of training, on the same `params`.

        Each layer that can be thinned, as `Dropout` can, is replaced by one drawn from `rng`;
        where there is none it is this network, and nothing is drawn.
        """
        if not self.stochastic:
            return self
        twin = copy.copy(self)
        twin.layers = tuple(
            layer.thinned(rng) if hasattr(layer, "thinned") else layer for layer in self.layers
        )
        return twin

    def penalised(self, value: Any) -> Any:
        """Return the `value` of the loss with the penalty added, where there is one."""
        return value + self.penalty.value(self.params) if self.penalty.strength else value

    def _penalty_gradients(self) -> Params:
        return self.penalty.gradient(self.params) if self.penalty.strength else {}

    def _params_of(self, i: int) -> Params:
        return {own: self.params[name] for own, name in self._names[i].items()}

    def _width(self) -> int | None:
        first = self._params_of(0).get("W")
        return None if first is None else len(first)


def _names_at(place: int, params: Params) -> dict[str, str]:
    prefix = f"{place}."
    return {name.removeprefix(prefix): name for name in params if name.startswith(prefix)}
