"""Networks that give less than the checks ask of one, made up to what they ask."""

from __future__ import annotations

from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.implementation import NetworkFactory, NotProvidedError


class Bare:
    """A network with the methods that it lacks: all else is the network's own.

    >>> import numpy as np
    >>> class Mine:
    ...     params = {"W": np.ones(2)}
    >>> network = Bare(Mine())
    >>> network.trainable
    ('W',)
    >>> network.params is Mine.params
    True
    """

    def __init__(self, network: Any) -> None:
        self._network = network

    def __getattr__(self, name: str) -> Any:
        if name == "_network":  # before __init__, as copies and pickles ask
            raise AttributeError(name)
        return getattr(self._network, name)

    @property
    def trainable(self) -> tuple[str, ...]:
        """The network's own, or all parameters."""
        return tuple(getattr(self._network, "trainable", self._network.params))

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[Any, Params]:
        """Return both, from one pass where the network has such."""
        if hasattr(self._network, "loss_and_gradients"):
            found: tuple[Any, Params] = self._network.loss_and_gradients(X, y)
            return found
        return self._network.loss(X, y), self._network.gradients(X, y)

    def input_gradient(self, X: Array, y: Array) -> Array:
        """Return dL/dX where the network gives it."""
        if not hasattr(self._network, "input_gradient"):
            msg = "it gives no `input_gradient`"
            raise NotProvidedError(msg)
        found: Array = self._network.input_gradient(X, y)
        return found


def made_up(make_network: NetworkFactory) -> NetworkFactory:
    """Return a factory of the same networks, with the methods that they lack."""

    def make(
        sizes: tuple[int, ...],
        *,
        activation: tuple[str, ...],
        loss: str,
        l2: float,
        dtype: Any,
        rng: np.random.Generator,
    ) -> Any:
        network = make_network(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng)
        asked = ("trainable", "loss_and_gradients", "input_gradient")
        return network if all(hasattr(network, name) for name in asked) else Bare(network)

    return make
