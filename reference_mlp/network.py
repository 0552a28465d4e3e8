"""A stack of layers under a loss, and the multilayer perceptron made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array, Params, float_dtype, require_count, require_rows
from reference_mlp.initialisers import INITIALISERS, Initialiser
from reference_mlp.layers import ACTIVATIONS, Activation, Layer, Linear
from reference_mlp.losses import LOSSES, L2Penalty, Loss

T = TypeVar("T")


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
    Names in `frozen` are left alone by training; their gradients are still computed.

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
        self._names = [
            {name.removeprefix(f"{i}."): name for name in params if name.startswith(f"{i}.")}
            for i in range(len(self.layers))
        ]
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
        dz = self.loss_function.gradient(tape.logits, y)
        grads: Params = {}
        for i in reversed(range(len(self.layers))):
            dz, of_layer = self.layers[i].backward(tape.caches[i], dz, self._params_of(i))
            grads |= {self._names[i][own]: g for own, g in of_layer.items()}
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
        return self._total(self.logits(X), y)

    def gradients(self, X: Array, y: Array) -> Params:
        """Return dL/dparams by name, each of its parameter's shape and dtype."""
        return self.loss_and_gradients(X, y)[1]

    def input_gradient(self, X: Array, y: Array) -> Array:
        """Return dL/dX, of the shape of `X`."""
        return self.backward(self.forward(X)[1], y)[1]

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[Any, Params]:
        """Return the loss and dL/dparams from one forward pass."""
        logits, tape = self.forward(X)
        return self._total(logits, y), self.backward(tape, y)[0]

    @property
    def trainable(self) -> tuple[str, ...]:
        """The names of the parameters that training may move."""
        return tuple(name for name in self.params if name not in self.frozen)

    def _total(self, logits: Array, y: Array) -> Any:
        value = self.loss_function.value(logits, y)
        return value + self.penalty.value(self.params) if self.penalty.strength else value

    def _penalty_gradients(self) -> Params:
        return self.penalty.gradient(self.params) if self.penalty.strength else {}

    def _params_of(self, i: int) -> Params:
        return {own: self.params[name] for own, name in self._names[i].items()}

    def _width(self) -> int | None:
        first = self._params_of(0).get("W")
        return None if first is None else len(first)


def mlp(
    sizes: Sequence[int],
    *,
    rng: np.random.Generator,
    activation: str | Sequence[str] = "relu",
    loss: str = "softmax_cross_entropy",
    l2: float = 0.0,
    dtype: DTypeLike = np.float64,
    initialiser: Initialiser | str | None = None,
    frozen: Iterable[str] = (),
    linear: Callable[[], Layer] = Linear,
    activations: Mapping[str, Callable[[], Activation]] = ACTIVATIONS,
    losses: Mapping[str, Loss] = LOSSES,
    initialisers: Mapping[str, Initialiser] = INITIALISERS,
    penalty: Callable[[float], L2Penalty] = L2Penalty,
    network: Callable[..., Network] = Network,
) -> Network:
    """Build the perceptron of widths `sizes`: linear layers with an activation between two.

    `activation` names one of `activations` for all hidden layers, or one for each. Weights
    come from `initialiser`, He's normal law before a relu and Glorot's uniform law otherwise
    where none is given; biases are zero. The last five arguments replace the parts that the
    network is made of.

    Raises ValueError for fewer than two widths, a width below 1 or an unknown name, and
    TypeError for a dtype that is neither float32 nor float64.

    >>> net = mlp((784, 100, 10), rng=np.random.default_rng(0))
    >>> {name: p.shape for name, p in net.params.items()}
    {'0.W': (784, 100), '0.b': (100,), '2.W': (100, 10), '2.b': (10,)}
    """
    sizes = [require_count(f"sizes[{i}]", n) for i, n in enumerate(sizes)]
    if len(sizes) < 2:
        msg = f"sizes is {sizes}, expected at least the widths of input and output"
        raise ValueError(msg)
    hidden = _hidden_activations(activation, n_hidden=len(sizes) - 2)
    dtype = float_dtype(dtype)
    layers: list[Layer] = [linear()]
    for name in hidden:
        layers += [Elementwise(_lookup("activation", name, activations)()), linear()]
    if isinstance(initialiser, str):
        initialiser = _lookup("initialiser", initialiser, initialisers)
    params: Params = {}
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        params[f"{2 * i}.W"] = np.empty((n_in, n_out), dtype)
        params[f"{2 * i}.b"] = np.zeros(n_out, dtype)
    loss_function = _lookup("loss", loss, losses)
    built = network(layers, loss_function, params, penalty=penalty(l2), frozen=frozen)
    # Drawn last: whatever is refused above leaves the generator as it was.
    for i, follower in enumerate([*hidden, None]):
        usual = "he_normal" if follower == "relu" else "glorot_uniform"
        draw = initialiser or initialisers[usual]
        W = params[f"{2 * i}.W"]
        W[...] = draw(*W.shape, rng=rng, dtype=dtype)
    return built


def _hidden_activations(activation: str | Sequence[str], *, n_hidden: int) -> list[str]:
    names = [activation] * n_hidden if isinstance(activation, str) else list(activation)
    if len(names) != n_hidden:
        msg = f"activation has {len(names)} names, expected {n_hidden}, one a hidden layer"
        raise ValueError(msg)
    return names


def _lookup(kind: str, name: str, parts: Mapping[str, T]) -> T:
    if name not in parts:
        msg = f"{kind} is {name!r}, expected one of {sorted(parts)}"
        raise ValueError(msg)
    return parts[name]
