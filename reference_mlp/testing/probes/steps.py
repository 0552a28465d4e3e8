"""Questions to a network that is trained: what one step moves, and several."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.implementation import NetworkFactory
from reference_mlp.testing.probes.observation import Answers, probe
from reference_mlp.testing.probes.seen import Seen, batches, parameters, seen
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting

RATES = (2.0**-9, 0.5)
LOUD, LOUD_BIAS = 6.5, 0.5
"""The limits of the check of initial networks: by how much a layer may raise what it is given, and
how large biases may be."""


@probe
def steps(
    at: Setting,
    answers: Answers,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    train_step: Callable[..., float] | None = None,
    optimisers: Mapping[str, Callable[..., Any]] | None = None,
) -> None:
    """Ask what a step of plain gradient descent does to the parameters: the author's own or ours.

    A network that steps by itself has `after_step`; any other is stepped by `train_step`.
    """

    def own(network: Seen, X: Array, y: Array, rate: float) -> dict[str, Any]:
        before = network.params()
        after = network.turned(network.network.after_step(X, y, rate))
        return _moves(before, after, rate)

    def ours(network: Seen, X: Array, y: Array, rate: float) -> dict[str, Any]:
        assert train_step is not None  # noqa: S101 - for mypy: the caller has looked
        assert optimisers is not None  # noqa: S101
        before = network.params()
        train_step(network.network, optimisers["sgd"](rate), X, y)
        return _moves(before, network.params(), rate)

    for problem in problems:
        network = seen(problem, make_network, at)
        if network is None:
            continue
        if hasattr(network.network, "after_step"):
            step = own
        elif train_step is not None and optimisers is not None:
            step = ours
        else:
            return
        batch, _, single = batches(problem, at)
        values = parameters(problem, at)
        for rate in RATES:
            network.write(values)
            key = f"{problem.name}, a step at rate {rate:.3g}"
            answers.ask(key, step, network, *(a.copy() for a in batch), rate)
        network.write(values)
        answers.ask(
            f"{problem.name}, a step of one row", step, network, *(a.copy() for a in single), 0.5
        )


def _moves(before: Mapping[str, Any], after: Mapping[str, Any], rate: float) -> dict[str, Any]:
    return {
        name: None if after[name] is None else (before[name] - after[name]) / rate
        for name in before
    }


WIDE = (160, 120, 80)


@probe
def fresh_network(
    at: Setting,
    answers: Answers,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    initialisers: Mapping[str, Any] | None = None,
) -> None:
    """Ask for the parameters of a fresh wide network, in words: only what no honest law gives.

    Without relus a network is told to use He's law where it can be: bugs are written into that.
    """
    # The laws before a relu and before others differ.
    of_relus = [p for p in problems if set(p.activation) == {"relu"}]
    problem = (of_relus or problems)[0]
    hidden = len(problem.sizes) - 2
    wide = replace(problem, sizes=(WIDE[0], *WIDE[1:2] * hidden, problem.sizes[-1]))
    he = None if initialisers is None else initialisers.get("he_normal")
    make: Any = make_network
    if not of_relus and he and "initialiser" in inspect.signature(make).parameters:
        make = partial(make, initialiser=he)
    network = seen(wide, make, at)
    if network is None:
        return
    params = network.params()
    first = params["W1"]
    for name, p in params.items():
        size = float(np.sqrt((p.astype(np.float64) ** 2).mean()))
        if name[0] == "b":
            answers.keep(name, "loud" if size > LOUD_BIAS else "quiet")
            continue
        words = {
            "zero": not p.any(),
            "all the same": np.ptp(p) == 0,
            "of one sign": bool((p > 0).all() or (p < 0).all()),
            "loud": size * np.sqrt(len(p)) > LOUD,
            "the numbers of W1": name != "W1" and _related(first, p),
        }
        found = [word for word, holds in words.items() if holds]
        answers.keep(name, ", ".join(found) or "as it may be")


def _related(one: Array, other: Array) -> bool:
    n = min(one.size, other.size)
    a, b = np.ravel(one)[:n].astype(np.float64), np.ravel(other)[:n].astype(np.float64)
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return bool(n > 40 and norm > 0 and abs(a @ b) > 0.9 * norm and np.ptp(a) > 0)


@probe
def tied(at: Setting, answers: Answers, make_tied_network: NetworkFactory) -> None:
    """Ask a network whose hidden layers share their parameters for its gradients."""
    problem = Problem(
        "tied", (4, 6, 6, 6, 3), ("tanh",) * 3, "softmax_cross_entropy", "labels", n_rows=5
    )
    network: Any = problem.fresh(make_tied_network, dtype=at.dtype, rng=at.rng())
    values = parameters(problem, at)
    pool = {p.shape: p for p in reversed(values.values())}
    for p in network.params.values():
        p[...] = pool[p.shape]
    (X, y), *_ = batches(problem, at)
    answers.ask("loss", network.loss, X, y)
    grads = answers.ask("call", network.gradients, X, y) or {}
    for i, g in enumerate(grads.values()):
        answers.keep(f"gradients/{i}", g)
