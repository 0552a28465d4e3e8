"""The multilayer perceptron: linear layers with an activation between two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Params, float_dtype, require_count, require_fraction
from reference_mlp.dropout import Dropout
from reference_mlp.initialisers import INITIALISERS, Initialiser
from reference_mlp.layers import ACTIVATIONS, Activation, Layer, Linear
from reference_mlp.losses import LOSSES, L2Penalty, Loss
from reference_mlp.network import Elementwise, Network

T = TypeVar("T")


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
    dropout: float = 0.0,
    tied: bool = False,
    linear: Callable[[], Layer] = Linear,
    activations: Mapping[str, Callable[[], Activation]] = ACTIVATIONS,
    losses: Mapping[str, Loss] = LOSSES,
    initialisers: Mapping[str, Initialiser] = INITIALISERS,
    penalty: Callable[[float], L2Penalty] = L2Penalty,
    dropout_layer: Callable[[float], Layer] = Dropout,
    network: Callable[..., Network] = Network,
) -> Network:
    """Build the perceptron of widths `sizes`: linear layers with an activation between two.

    `activation` names one of `activations` for all hidden layers, or one for each; one more is that
    of the outputs, which the loss then takes in place of logits. Weights come from `initialiser`,
    He's normal law before a relu and Glorot's uniform law otherwise where none is given; biases are
    zero. `dropout` is the rate at which training drops hidden units. With `tied`, hidden linear
    layers of the same square shape that follow each other share the weights and biases of the
    first: a recurrent network, unrolled. The arguments from `linear` on replace the parts that the
    network is made of.

    Raises ValueError for fewer than two widths, a width below 1, an unknown name or a rate of
    dropout outside [0, 1), and TypeError for a dtype that is neither float32 nor float64.

    >>> net = mlp((784, 100, 10), rng=np.random.default_rng(0))
    >>> {name: p.shape for name, p in net.params.items()}
    {'0.W': (784, 100), '0.b': (100,), '2.W': (100, 10), '2.b': (10,)}
    >>> net = mlp((784, 50, 50, 50, 10), rng=np.random.default_rng(0), tied=True)
    >>> list(net.params)
    ['0.W', '0.b', '2.W', '2.b', '6.W', '6.b']
    """
    sizes = [require_count(f"sizes[{i}]", n) for i, n in enumerate(sizes)]
    if len(sizes) < 2:
        msg = f"sizes is {sizes}, expected at least the widths of input and output"
        raise ValueError(msg)
    names = _activations(activation, n_hidden=len(sizes) - 2)
    dtype = float_dtype(dtype)
    require_fraction("dropout", dropout)
    layers: list[Layer] = []
    places = []  # of the linear layers
    for name in names:
        places.append(len(layers))
        layers.append(linear())
        if name is not None:
            layers.append(Elementwise(_lookup("activation", name, activations)()))
        if dropout and len(places) < len(names):
            layers.append(dropout_layer(dropout))
    if isinstance(initialiser, str):
        initialiser = _lookup("initialiser", initialiser, initialisers)
    shapes = list(pairwise(sizes))
    ties = _ties(places, shapes) if tied else {}
    params: Params = {}
    for place, (n_in, n_out) in zip(places, shapes, strict=True):
        if place not in ties:
            params[f"{place}.W"] = np.empty((n_in, n_out), dtype)
            params[f"{place}.b"] = np.zeros(n_out, dtype)
    loss_function = _lookup("loss", loss, losses)
    built = network(layers, loss_function, params, penalty=penalty(l2), frozen=frozen, tied=ties)
    # Drawn last: whatever is refused above leaves the generator as it was.
    for place, follower in zip(places, names, strict=True):
        if place not in ties:
            usual = "he_normal" if follower == "relu" else "glorot_uniform"
            draw = initialiser or initialisers[usual]
            W = params[f"{place}.W"]
            W[...] = draw(*W.shape, rng=rng, dtype=dtype)
    return built


def _ties(places: Sequence[int], shapes: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Map the place of each hidden layer shaped like the one before it to the first such one."""
    ties: dict[int, int] = {}
    for i in range(1, len(shapes) - 1):
        # Equal shapes one after the other are square.
        if shapes[i] == shapes[i - 1]:
            ties[places[i]] = ties.get(places[i - 1], places[i - 1])
    return ties


def _activations(activation: str | Sequence[str], *, n_hidden: int) -> list[str | None]:
    """Return the name of what follows each linear layer, None where nothing follows the last."""
    names = [activation] * n_hidden if isinstance(activation, str) else list(activation)
    if len(names) not in {n_hidden, n_hidden + 1}:
        msg = (
            f"activation has {len(names)} names, expected {n_hidden}, one a hidden layer, or one "
            "more for the outputs"
        )
        raise ValueError(msg)
    return [*names, None][: n_hidden + 1]


def _lookup(kind: str, name: str, parts: Mapping[str, T]) -> T:
    if name not in parts:
        msg = f"{kind} is {name!r}, expected one of {sorted(parts)}"
        raise ValueError(msg)
    return parts[name]
