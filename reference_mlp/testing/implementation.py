"""The record of parts that every check reads: the reference, a bug, somebody's own network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.evaluation import Evaluation
from reference_mlp.initialisers import Initialiser
from reference_mlp.layers import Activation, Layer
from reference_mlp.losses import Loss
from reference_mlp.optimisers import Optimiser
from reference_mlp.testing.problems import PROBLEMS, Problem
from reference_mlp.training import Epoch

T = TypeVar("T")


class NotProvidedError(Exception):
    """An implementation can't do what a check asks of it, so that the check doesn't apply."""


class NetworkUnderTest(Protocol):
    """What the checks ask of a network: its parameters, and its loss and gradients of a batch.

    `params` maps names to the live arrays, so that writing into one moves the network.
    """

    @property
    def params(self) -> Params:
        """The parameters by name."""

    @property
    def trainable(self) -> tuple[str, ...]:
        """The names of the parameters that training may move."""

    def logits(self, X: Array) -> Array:
        """Return the logits (N, K) of `X` (N, D)."""

    def loss(self, X: Array, y: Array) -> Any:
        """Return the loss, a scalar."""

    def gradients(self, X: Array, y: Array) -> Params:
        """Return dL/dparams with the names and shapes of `params`."""

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[Any, Params]:
        """Return both from one forward pass."""

    def input_gradient(self, X: Array, y: Array) -> Array:
        """Return dL/dX, of the shape of `X`."""

    def forward(self, X: Array) -> tuple[Array, Any]:
        """Return the logits, and what `backward` needs to return to this very pass."""

    def backward(self, tape: Any, y: Array) -> tuple[Params, Array]:
        """Return dL/dparams and dL/dX of the pass on `tape`."""


class NetworkFactory(Protocol):
    """A function that builds a fresh network for a problem."""

    def __call__(
        self,
        sizes: tuple[int, ...],
        *,
        activation: tuple[str, ...],
        loss: str,
        l2: float,
        dtype: Any,
        rng: np.random.Generator,
    ) -> NetworkUnderTest:
        """Return a network of widths `sizes` with its weights drawn from `rng`."""


@dataclass(frozen=True, kw_only=True)
class Implementation:
    """An implementation as the checks see it: parts by name, each None where there is none.

    A check is a function of the parts that it names; where one of them is None, the check does
    not apply. `problems` are those that `make_network` can be asked to build. `lent` names the
    parts that are not its own: they are there to be used with its own, and aren't checked.
    `adapted` makes somebody's own network as `adapt` returns it, for what concerns only those.
    """

    name: str
    make_network: NetworkFactory | None = None
    problems: tuple[Problem, ...] = PROBLEMS
    softmax: Callable[[Array], Array] | None = None
    linear: Callable[[], Layer] | None = None
    activations: Mapping[str, Callable[[], Activation]] | None = None
    losses: Mapping[str, Loss] | None = None
    initialisers: Mapping[str, Initialiser] | None = None
    penalty: Callable[[float], Any] | None = None
    optimisers: Mapping[str, Callable[..., Optimiser]] | None = None
    one_hot: Callable[..., Array] | None = None
    minibatches: Callable[..., Iterator[tuple[Array, Array]]] | None = None
    split: Callable[..., Any] | None = None
    standardise: Callable[..., tuple[Array, ...]] | None = None
    train_step: Callable[..., float] | None = None
    fit: Callable[..., list[Epoch]] | None = None
    scale_pixels: Callable[..., Array] | None = None
    dropout: Callable[[float], Any] | None = None
    batch_norm: Callable[[], Layer] | None = None
    make_tied_network: NetworkFactory | None = None
    clip_norm: Callable[[Params, float], Params] | None = None
    early_stopping: Callable[[int], Any] | None = None
    accuracy: Callable[[Array, Array], float] | None = None
    evaluate: Callable[..., Evaluation] | None = None
    gradient_checker: Callable[[NetworkUnderTest, Array, Array], bool] | None = None
    adapted: Callable[..., Any] | None = None
    lent: frozenset[str] = frozenset()


def if_provided(call: Callable[..., T], *arguments: Any) -> T | None:
    """Return what `call` returns, or None where the implementation doesn't provide it."""
    try:
        return call(*arguments)
    except NotProvidedError:
        return None


def same_part(one: Any, other: Any) -> bool:
    """Say whether two parts are the same, or made in the same way of the same functions."""
    if isinstance(one, partial) and isinstance(other, partial):
        return bool(one.func is other.func and one.keywords == other.keywords)
    return bool(one == other)
