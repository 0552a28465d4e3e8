"""Questions to a network: at usual parameters and saturated, once and again, of other batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.functions import sigmoid, softmax
from reference_mlp.perceptron import mlp
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.layouts import Reading, readings
from reference_mlp.testing.probes.observation import Answers, probe
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting

STEEP = 400.0
"""By how much the last weights are scaled where a softmax is to be saturated."""


@dataclass(frozen=True)
class Seen:
    """A network as the probes see it: arrays W1, b1, W2, ... as (n_in, n_out) and (n_out,)."""

    network: Any
    reading: Reading
    loss: str

    def write(self, values: Mapping[str, Array]) -> None:
        """Write parameters into the network's own arrays."""
        params = self.network.params
        for i in range(len(self.reading.weights)):
            self.reading.weight(params, i)[...] = values[f"W{i + 1}"]
            bias = params[self.reading.biases[i]]
            bias[...] = values[f"b{i + 1}"].reshape(bias.shape)

    def turned(self, arrays: Mapping[str, Any]) -> dict[str, Any]:
        """Return arrays by parameter in our names and layout; None for one that isn't there."""
        found: dict[str, Any] = {}
        for i, (W, b) in enumerate(zip(self.reading.weights, self.reading.biases, strict=True)):
            found[f"W{i + 1}"] = self._turned(arrays.get(W))
            g: Any = arrays.get(b)
            fits = np.shape(g) == self.network.params[b].shape
            found[f"b{i + 1}"] = np.ravel(g) if fits else self._turned(g)
        return found

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
    """Return a fresh network of `problem` as it is read, None where its arrays can't be."""
    network = made(problem, make_network, at)
    found = readings(network.params, problem.sizes)
    if not found:
        return None
    if len(found) == 1:
        return Seen(network, found[0], problem.loss)
    # Widths that are equal leave a choice: the one whose logits are those of the reference.
    values, X = parameters(problem, at), batches(problem, at)[0][0]
    reference = made(problem, mlp, at)
    right = Seen(reference, readings(reference.params, problem.sizes)[0], problem.loss)
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
    return Seen(made(problem, make_network, at), found[int(np.argmin(distances))], problem.loss)


def made(problem: Problem, make_network: Callable[..., Any], at: Setting) -> NetworkUnderTest:
    """Return a fresh network of `problem`."""
    network: NetworkUnderTest = make_network(
        problem.sizes,
        activation=problem.activation,
        loss=problem.loss,
        l2=problem.l2,
        dtype=np.dtype(at.dtype),
        rng=at.rng(),
    )
    return network


def parameters(problem: Problem, at: Setting) -> Params:
    """Return parameters for `problem`, the same for every implementation; none is zero."""
    rng = np.random.default_rng([at.seed, 1])
    values: Params = {}
    for i, (n_in, n_out) in enumerate(pairwise(problem.sizes), start=1):
        values[f"W{i}"] = rng.normal(0, np.sqrt(1.5 / n_in), (n_in, n_out)).astype(at.dtype)
        values[f"b{i}"] = rng.normal(0, 0.3, n_out).astype(at.dtype)
    return values


def batches(problem: Problem, at: Setting) -> list[tuple[Array, Array]]:
    """Return two batches of the problem's size and one of a single row."""
    rng = np.random.default_rng([at.seed, 2])
    return [problem.batch(dtype=at.dtype, rng=rng, n_rows=n) for n in (None, None, 1)]


@probe
def networks(
    at: Setting, answers: Answers, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> None:
    """Ask a network of each problem for logits, loss and gradients."""
    for problem in problems:
        network = seen(problem, make_network, at)
        if network is None:
            continue
        values, (batch, other, single) = parameters(problem, at), batches(problem, at)
        derived = derives(network, values, batch)

        def fresh(
            params: Params,
            problem: Problem = problem,
            reading: Reading = network.reading,
            derived: bool = derived,
        ) -> _Asking:
            # Another one for each place: what a call leaves behind is asked for where it is meant.
            another = Seen(made(problem, make_network, at), reading, problem.loss)
            another.write(params)
            return _Asking(answers, problem.name, another, derived)

        fresh(values).everything("at usual parameters", batch)
        if not derived:
            _once_more(fresh(values), batch, other)
        fresh(values).of("one row", single)
        _twins(fresh(values), values, problem, make_network, at)
        for where, extreme, pair in _extremes(problem, values, batch):
            fresh(extreme).of(where, pair)


def derives(network: Seen, values: Params, batch: tuple[Array, Array]) -> bool:
    """Say whether the gradients are made of the author's own step, and so tell nothing more."""
    after_step = getattr(network.network, "after_step", None)
    if after_step is None:
        return False
    with suppress(Exception):
        network.write(values)
        X, y = batch
        after = after_step(X.copy(), y.copy(), 256.0)
        g = network.network.gradients(X.copy(), y.copy())
        p = network.network.params
        return all(
            np.array_equal((p[n] - after[n]) / p[n].dtype.type(256), g[n], equal_nan=True)
            for n in p
        )
    return False


@dataclass(frozen=True)
class _Asking:
    """The questions that are asked of one network at several places."""

    answers: Answers
    problem: str
    network: Seen
    derived: bool

    def of(self, where: str, batch: tuple[Array, Array]) -> None:
        """Ask for logits, loss and gradients of a batch of its own."""
        X, y = (a.copy() for a in batch)
        network, key = self.network, f"{self.problem}, {where}"
        self.answers.ask(f"{key}: outputs", network.outputs, X)
        self.answers.watched(f"{key}: loss", network.network.loss, X, y)
        if not self.derived:
            self.answers.watched(f"{key}: gradients", network.gradients, X, y)

    def everything(self, where: str, batch: tuple[Array, Array]) -> None:
        """Ask for all that a network gives, for dtypes, and for what the calls have changed."""
        X, y = (a.copy() for a in batch)
        net, key = self.network.network, f"{self.problem}, {where}"
        before = self.network.params()
        outputs = self.answers.ask(f"{key}: outputs", self.network.outputs, X)
        self.answers.keep(f"{key}: dtype of the outputs", str(getattr(outputs, "dtype", None)))
        self.answers.ask(f"{key}: loss", net.loss, X, y)
        if not self.derived:
            g = self.answers.ask(f"{key}: gradients", self.network.gradients, X, y)
            if g is not None:
                dtypes = sorted({str(getattr(a, "dtype", None)) for a in g.values()})
                self.answers.keep(f"{key}: dtype of the gradients", ", ".join(dtypes))
            both = getattr(net, "loss_and_gradients", None)
            if both is not None:
                self.answers.ask(f"{key}: loss beside gradients", lambda: both(X, y)[0])
        if hasattr(net, "input_gradient"):
            self.answers.ask(f"{key}: input gradient", net.input_gradient, X, y)
        after = self.network.params()
        changed = [name for name, a, b in zip("Xy", (X, y), batch, strict=True) if not _same(a, b)]
        changed += [name for name in before if not _same(before[name], after[name])]
        self.answers.keep(f"{key}: changed by the calls", ", ".join(changed) or "nothing")
        self.network.write(before)


def _same(one: Array, other: Array) -> bool:
    return one.shape == other.shape and np.array_equal(one, other, equal_nan=True)


def _once_more(ask: _Asking, batch: tuple[Array, Array], other: tuple[Array, Array]) -> None:
    """Ask again: after other calls, with the same array refilled, at other parameters."""
    network, answers, name = ask.network, ask.answers, ask.problem
    net = network.network
    X, y = (a.copy() for a in batch)
    answers.ask(f"{name}, once: gradients", network.gradients, X, y)
    answers.ask(f"{name}, again: gradients", network.gradients, X, y)
    with suppress(Exception):
        net.logits(other[0].copy())
    answers.ask(f"{name}, after another forward pass: gradients", network.gradients, X, y)
    answers.ask(f"{name}, other rows: gradients", network.gradients, *(a.copy() for a in other))
    answers.ask(f"{name}, first rows only: gradients", network.gradients, X[:-2], y[:-2])
    X[...], y[...] = other
    answers.ask(f"{name}, the same arrays refilled: gradients", network.gradients, X, y)
    moved = {key: p + p.dtype.type(0.125) for key, p in network.params().items()}
    network.write(moved)
    answers.ask(f"{name}, moved: gradients", network.gradients, X, y)
    answers.ask(f"{name}, moved: loss", net.loss, X, y)
    if hasattr(net, "forward") and hasattr(net, "backward"):
        answers.ask(f"{name}, earlier pass", lambda: _earlier(network, batch, other))


def _earlier(
    network: Seen, batch: tuple[Array, Array], other: tuple[Array, Array]
) -> dict[str, Any]:
    """Return the gradients of a pass that isn't the last, twice."""
    X, y = (a.copy() for a in batch)
    net = network.network
    _, tape = net.forward(X)
    net.forward(other[0].copy())
    found = {}
    for time in ("once", "twice"):
        grads, dX = net.backward(tape, y)
        for key, g in network.turned(grads).items():
            found[f"{key} {time}"] = None if g is None else np.array(g)
        found[f"input gradient {time}"] = np.array(dX)
    return found


def _twins(
    ask: _Asking, values: Params, problem: Problem, make_network: NetworkFactory, at: Setting
) -> None:
    """Ask which parameters are other ones when those of another network are written."""
    other = Seen(made(problem, make_network, at), ask.network.reading, problem.loss)
    other.write({name: -p for name, p in values.items()})
    now = ask.network.params()
    wrong = [name for name, p in values.items() if not _same(now[name], p)]
    ask.answers.keep(f"{problem.name}, overwritten by a twin", ", ".join(wrong) or "nothing")


def _extremes(
    problem: Problem, values: Params, batch: tuple[Array, Array]
) -> Iterator[tuple[str, Params, tuple[Array, Array]]]:
    """Yield places, parameters and batches at which formulas overflow, round or have a kink."""
    last = f"W{len(problem.sizes) - 1}"
    X, y = batch
    yield "steep", {**values, last: values[last] * values[last].dtype.type(STEEP)}, batch
    if problem.loss != "squared_error":
        # Targets at the ends, and outputs there too.
        sharp = np.round(y).astype(y.dtype)
        yield "steeper", {**values, last: values[last] * values[last].dtype.type(1e4)}, (X, sharp)
    else:
        yield "far targets", values, (X, y + y.dtype.type(1e4))
    if problem.activation:
        wide = {name: p * p.dtype.type(1000) if name == "W1" else p for name, p in values.items()}
        yield "saturated units", wide, batch
        # A row of zeros under biases of zero puts every relu on its kink.
        level = {name: np.zeros_like(p) if name[0] == "b" else p for name, p in values.items()}
        zeros = X.copy()
        zeros[0] = 0
        yield "biases of zero", level, (zeros, y)
