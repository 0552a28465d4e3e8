"""Questions to a network: at usual parameters and saturated, once and again, of other batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.implementation import NetworkFactory, NotProvidedError
from reference_mlp.testing.layouts import Reading
from reference_mlp.testing.probes.observation import Answers, probe
from reference_mlp.testing.probes.seen import Seen, batches, parameters, seen
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting

STEEP = 400.0
"""By how much the last weights are scaled where a softmax is to be saturated."""


@probe
def networks(
    at: Setting, answers: Answers, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> None:
    """Ask a network of each problem for outputs, loss and gradients, of a batch and of one row."""
    for place in _places(at, answers, problems, make_network):
        place.fresh(place.values).everything("at usual parameters", place.batch)
        place.fresh(place.values).of("one row", place.single)


@probe
def repeats(
    at: Setting, answers: Answers, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> None:
    """Ask it again: after other calls, of other batches, and beside another network."""
    for place in _places(at, answers, problems, make_network):
        if not place.derived:
            _once_more(place.fresh(place.values), place.batch, place.other)
        _twins(place, place.fresh(place.values))


@probe
def extremes(
    at: Setting, answers: Answers, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> None:
    """Ask it where formulas overflow, round or have a kink."""
    for place in _places(at, answers, problems, make_network):
        for where, extreme, pair in _extremes(place.problem, place.values, place.batch):
            place.fresh(extreme).of(where, pair)


@dataclass(frozen=True)
class _Place:
    """A problem with its parameters and batches, and what builds networks to be asked there."""

    problem: Problem
    values: Params
    batch: tuple[Array, Array]
    other: tuple[Array, Array]
    single: tuple[Array, Array]
    derived: bool
    build: Callable[[], Seen]
    answers: Answers

    def fresh(self, params: Params) -> _Asking:
        """Return another network for each place: what a call leaves is asked for where meant."""
        another = self.build()
        another.write(params)
        return _Asking(self.answers, self.problem.name, another, self.derived)


def _places(
    at: Setting, answers: Answers, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[_Place]:
    for problem in problems:
        try:
            network = seen(problem, make_network, at)
        except NotProvidedError:
            continue
        if network is None:
            continue
        values, (batch, other, single) = parameters(problem, at), batches(problem, at)

        def build(problem: Problem = problem, reading: Reading = network.reading) -> Seen:
            network = problem.fresh(make_network, dtype=at.dtype, rng=at.rng())
            return Seen(network, reading, problem.loss)

        derived = derives(network, values, batch)
        yield _Place(problem, values, batch, other, single, derived, build, answers)


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
        # Else it is ours, of logits made of probabilities that may have rounded to 0 and 1.
        if not getattr(network.network, "recovers_loss", False):
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


def _twins(place: _Place, ask: _Asking) -> None:
    """Ask which parameters are other ones when those of another network are written."""
    place.build().write({name: -p for name, p in place.values.items()})
    now = ask.network.params()
    wrong = [name for name, p in place.values.items() if not _same(now[name], p)]
    ask.answers.keep(f"{place.problem.name}, overwritten by a twin", ", ".join(wrong) or "nothing")


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
