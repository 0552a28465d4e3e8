"""A network as the probes see it: its arrays in our names and layout, whatever the author's."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.functions import sigmoid, softmax
from reference_mlp.layers import ACTIVATIONS
from reference_mlp.losses import LOSSES
from reference_mlp.perceptron import mlp
from reference_mlp.testing.implementation import NetworkFactory
from reference_mlp.testing.layouts import Reading, readings
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting


@dataclass(frozen=True)
class Seen:
    """A network as the probes see it: arrays W1, b1, W2, ... as (n_in, n_out) and (n_out,)."""

    network: Any
    reading: Reading
    loss: str

    def write(self, values: Mapping[str, Array]) -> None:
        """Write parameters into the network's own arrays; biases that aren't asked for are 0."""
        params = self.network.params
        for name in set(params) - {*self.reading.weights, *self.reading.biases}:
            params[name][...] = 0
        for i, (_, b) in enumerate(self._layers()):
            self.reading.weight(params, i)[...] = values[f"W{i + 1}"]
            if b is not None:
                params[b][...] = values[f"b{i + 1}"].reshape(params[b].shape)

    def turned(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """Return arrays by parameter in our names and layout; None for one that isn't there."""
        found: dict[str, Any] = {}
        for i, (W, b) in enumerate(self._layers(), start=1):
            found[f"W{i}"] = self._turned(arrays.get(W))
            if b is not None:
                g: Any = arrays.get(b)
                fits = np.shape(g) == self.network.params[b].shape
                found[f"b{i}"] = np.ravel(g) if fits else self._turned(g)
        return found

    def _layers(self) -> list[tuple[str, str | None]]:
        """Return the names of weights and biases, None for a bias that isn't there."""
        weights, biases = self.reading.weights, self.reading.biases
        return list(zip(weights, biases or [None] * len(weights), strict=True))

    def params(self) -> dict[str, Any]:
        """Return copies of the parameters."""
        live = self.turned(self.network.params)
        return {name: np.array(a) for name, a in live.items()}

    def outputs(self, X: Array) -> Array:
        """Return what the logits stand for: of a softmax they are free up to a constant a row."""
        z = np.asarray(self.network.logits(X))
        if self.loss == "softmax_cross_entropy":
            return softmax(z)
        return sigmoid(z) if self.loss == "sigmoid_binary_cross_entropy" else z

    def gradients(self, X: Array, y: Array) -> dict[str, Any]:
        """Return the gradients by our names."""
        return self.turned(self.network.gradients(X, y))

    def _turned(self, array: Any) -> Any:
        return array if array is None or self.reading.inputs_first else np.transpose(array)


def seen(problem: Problem, make_network: NetworkFactory, at: Setting) -> Seen | None:
    """Return a fresh network of `problem` as it is read, None where it can't be."""
    if _not_of_the_reference(problem):
        return None
    network = problem.fresh(make_network, dtype=at.dtype, rng=at.rng())
    found = _readings(network.params, problem)
    if not found:
        return None
    if len(found) == 1:
        return Seen(network, found[0], problem.loss)
    # Widths that are equal leave a choice: the one whose logits are those of the reference.
    values, X = parameters(problem, at), batches(problem, at)[0][0]
    reference = problem.fresh(mlp, dtype=at.dtype, rng=at.rng())
    right = Seen(reference, _readings(reference.params, problem)[0], problem.loss)
    right.write(values)
    expected = right.network.logits(X)
    distances = []
    for reading in found:
        distances.append(np.inf)
        with suppress(Exception):
            Seen(network, reading, problem.loss).write(values)
            off = float(np.abs(network.logits(X) - expected).max())
            distances[-1] = off if off == off else np.inf  # noqa: PLR0124 - NaN is not itself
    # Another one: this one has been asked.
    network = problem.fresh(make_network, dtype=at.dtype, rng=at.rng())
    return Seen(network, found[int(np.argmin(distances))], problem.loss)


def _readings(params: Mapping[str, Array], problem: Problem) -> list[Reading]:
    """Return how to read `params`; the biases of a problem without any are left out of it."""
    found = readings(params, problem.sizes)
    return found if problem.biases else [replace(reading, biases=()) for reading in found]


UNREADABLE = "can't be read as one weight and one bias a layer"


def why_unread(problem: Problem, make_network: NetworkFactory, at: Setting) -> str | None:
    """Return why a network of `problem` can't be asked, None where it can.

    Raises what building it raises.
    """
    params = problem.fresh(make_network, dtype=at.dtype, rng=at.rng()).params
    if reason := _not_of_the_reference(problem):
        return reason
    if readings(params, problem.sizes):
        return None
    arrays = ", ".join(f"{name} {np.shape(a)}" for name, a in params.items())
    return f"its arrays ({arrays}) {UNREADABLE}, of widths {'-'.join(map(str, problem.sizes))}"


def _not_of_the_reference(problem: Problem) -> str | None:
    """Say what of `problem` the reference doesn't have, with which no bug of it can be built."""
    missing = [
        f"its {what} {name!r} is not the reference's, which has {', '.join(known)}"
        for what, names, known in (
            ("activation", dict.fromkeys(problem.activation), ACTIVATIONS),
            ("loss", (problem.loss,), LOSSES),
        )
        for name in names
        if name not in known
    ]
    return "; ".join(missing) or None


def parameters(problem: Problem, at: Setting) -> Params:
    """Return parameters for `problem`, the same for every implementation; none is zero."""
    return {name: p.copy() for name, p in _parameters(problem, at).items()}


@lru_cache(maxsize=64)
def _parameters(problem: Problem, at: Setting) -> Params:
    rng = np.random.default_rng([at.seed, 1])
    values: Params = {}
    for i, (n_in, n_out) in enumerate(pairwise(problem.sizes), start=1):
        values[f"W{i}"] = rng.normal(0, np.sqrt(1.5 / n_in), (n_in, n_out)).astype(at.dtype)
        values[f"b{i}"] = rng.normal(0, 0.3, n_out).astype(at.dtype)
    return values if problem.biases else {name: p for name, p in values.items() if name[0] == "W"}


def batches(problem: Problem, at: Setting) -> list[tuple[Array, Array]]:
    """Return two batches of the problem's size and one of a single row."""
    return [(X.copy(), y.copy()) for X, y in _batches(problem, at)]


@lru_cache(maxsize=64)
def _batches(problem: Problem, at: Setting) -> list[tuple[Array, Array]]:
    rng = np.random.default_rng([at.seed, 2])
    return [problem.batch(dtype=at.dtype, rng=rng, n_rows=n) for n in (None, None, 1)]
