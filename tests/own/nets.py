"""Targets of the tests: networks that are right, wrong, or named as if to break a report."""

import os
import time
from pathlib import Path

import numpy as np

from reference_mlp import mlp
from reference_mlp.testing import Implementation
from reference_mlp.testing.implementation import NotProvidedError

HOSTILE = "\x1b[31m<script>alert(1)</script>\x00\ud800\ufffe]]>&\x9b\u202e\x07"


class Plain:
    """What a plain network gives, and no more: no dL/dX, no tape."""

    def __init__(self, network, names=str):
        self._network, self._names = network, names
        self.params = {names(name): p for name, p in network.params.items()}
        self.trainable = tuple(self.params)

    def logits(self, X):
        return self._network.logits(X)

    def loss(self, X, y):
        return self._network.loss(X, y)

    def gradients(self, X, y):
        grads = self._network.gradients(X, y).items()
        return {self._names(name): g for name, g in grads}

    def loss_and_gradients(self, X, y):
        return self.loss(X, y), self.gradients(X, y)

    def input_gradient(self, X, y):
        msg = "no `input_gradient`"
        raise NotProvidedError(msg)


class Doubled(Plain):
    """Gradients twice as large as they are."""

    def gradients(self, X, y):
        return {name: 2 * g for name, g in super().gradients(X, y).items()}


class Biasless(Plain):
    """The gradients of the biases are forgotten."""

    def gradients(self, X, y):
        grads = super().gradients(X, y)
        return {name: 0 * g if name.endswith("b") else g for name, g in grads.items()}


def right(sizes, *, activation, loss, l2, dtype, rng):
    return Plain(mlp(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng))


def wrong(sizes, *, activation, loss, l2, dtype, rng):
    return Doubled(mlp(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng))


def biasless(sizes, *, activation, loss, l2, dtype, rng):
    return Biasless(mlp(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng))


def hostile(sizes, *, activation, loss, l2, dtype, rng):
    network = mlp(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng)
    return Doubled(network, names=lambda name: name + HOSTILE)


def single(sizes, *, activation, loss, l2, dtype, rng):
    if dtype != np.float32:
        msg = "it comes in float32 only"
        raise NotProvidedError(msg)
    return right(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng)


def slow(sizes, *, activation, loss, l2, dtype, rng):
    with Path(os.environ["SLOW"]).open("a", encoding="utf-8") as file:
        file.write("built\n")
    time.sleep(0.05)
    return right(sizes, activation=activation, loss=loss, l2=l2, dtype=dtype, rng=rng)


def ends_the_process(*_):
    os._exit(3)


nothing = Implementation(name="nothing")
