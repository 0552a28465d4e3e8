"""What training reports, keeps and can replay."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.checks.scores import half_right, hold_loss, means_over_rows
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.parameters import flatten
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check


class _Descent:
    """Gradient descent, our own so that `fit` alone is judged; at a rate of 0 it stands still."""

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        for name, g in grads.items():
            if self.learning_rate:
                params[name] -= self.learning_rate * g


@check("HIS")
def history_reported(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    fit: Callable[..., list[Any]],
) -> Iterator[Evidence]:
    """The history has an entry an epoch, the mean loss over its rows, and the validation after it.

    With an optimiser that stands still every loss is known; with one that moves, the last
    validation is that of the network as it was left.
    """
    for problem, network, *_ in at.cases(problems, make_network):
        if problem.targets not in {"labels", "one-hot"}:
            continue  # without classes there is no accuracy to report
        # A stream of its own: the network's weights were drawn from the start of the other.
        rng = at.rng().spawn(1)[0]
        X, y = problem.batch(dtype=at.dtype, rng=rng, n_rows=11)
        valid, other = (
            half_right(network, *problem.batch(dtype=at.dtype, rng=rng, n_rows=7)) for _ in range(2)
        )
        before = flatten(network.params)
        history = fit(
            network,
            X,
            y,
            optimiser=_Descent(0),
            epochs=3,
            rng=at.rng(),
            batch_size=4,
            validation=valid,
        )
        where = f"an optimiser that stands still, {problem.name}"
        moved = int((flatten(network.params) != before).sum())
        text = f"fit changed {moved} parameters without its optimiser; {where}"
        yield Evidence(float(moved), 0.0, where, text)
        numbers = [epoch.number for epoch in history]
        text = f"3 epochs are reported as {numbers}, expected [1, 2, 3]; {where}"
        yield Evidence(float(numbers != [1, 2, 3]), 0.0, where, text)
        right = means_over_rows(network, X, y)[0]
        for epoch in history:
            what = f"the training loss of epoch {epoch.number}, three batches of 4, 4 and 3 rows,"
            yield hold_loss(epoch.loss, right, what, where, at)
            yield from _validated(epoch.validation, network, valid, where, at)
        if not moved:
            first, second = (
                _trained(_twin(network, problem, make_network, at), fit, (X, y), held_out, at)
                for held_out in (valid, other)
            )
            yield from _of_moving(first, second, valid, problem, at)


def _twin(
    network: NetworkUnderTest, problem: Problem, make_network: NetworkFactory, at: Setting
) -> NetworkUnderTest:
    """Return another network with the parameters of `network`, however they were drawn."""
    twin = problem.build(make_network, dtype=at.dtype, rng=at.rng())
    for name, p in twin.params.items():
        p[...] = network.params[name]
    return twin


def _trained(
    network: NetworkUnderTest,
    fit: Callable[..., list[Any]],
    pairs: tuple[Array, Array],
    validation: tuple[Array, Array],
    at: Setting,
) -> tuple[float, Any, list[Any]]:
    """Return the loss at first, the network after two large steps, and the history."""
    at_first = means_over_rows(network, *pairs)[0]
    history = fit(
        network,
        *pairs,
        optimiser=_Descent(0.5),
        epochs=2,
        rng=at.rng(),
        batch_size=None,
        validation=validation,
    )
    return at_first, network, history


def _of_moving(
    first: tuple[float, Any, list[Any]],
    second: tuple[float, Any, list[Any]],
    validation: tuple[Array, Array],
    problem: Problem,
    at: Setting,
) -> Iterator[Evidence]:
    at_first, network, history = first
    where = f"two steps of descent, {problem.name}"
    yield hold_loss(history[0].loss, at_first, "the loss of the first step", where, at)
    yield from _validated(history[-1].validation, network, validation, where, at)
    influenced = int((flatten(network.params) != flatten(second[1].params)).sum())
    text = f"{influenced} parameters depend on the validation set; {where}"
    yield Evidence(float(influenced), 0.0, where, text)


def _validated(
    got: Any, network: Any, validation: tuple[Array, Array], where: str, at: Setting
) -> Iterator[Evidence]:
    """Hold what was reported of the validation set against the network as it is."""
    if got is None:
        yield Evidence(np.inf, 0.0, where, f"nothing is reported of the validation set; {where}")
        return
    loss, accuracy = means_over_rows(network, *validation)
    yield hold_loss(got.loss, loss, "the validation loss after the epoch", where, at)
    if accuracy is not None:
        text = f"the validation accuracy is {got.accuracy:.6g}, expected {accuracy:.6g}; {where}"
        yield Evidence(abs(got.accuracy - accuracy), 1e-6, where, text)


@check("RPL")
def fit_replays(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    fit: Callable[..., list[Any]],
) -> Iterator[Evidence]:
    """Training from one seed gives one set of weights, bit for bit, and no global state moves."""
    for problem, network, *_ in at.cases(problems, make_network):
        again = problem.build(make_network, dtype=at.dtype, rng=at.rng())
        batch = problem.batch(dtype=at.dtype, rng=at.rng().spawn(1)[0], n_rows=11)
        state = np.random.get_state(legacy=False), random.getstate()  # noqa: NPY002 - watched
        for twin in (network, again):
            fit(twin, *batch, optimiser=_Descent(0.01), epochs=2, rng=at.rng(), batch_size=4)
        now = np.random.get_state(legacy=False), random.getstate()  # noqa: NPY002 - watched
        moved = repr(now[0]) != repr(state[0]) or now[1] != state[1]
        # As it was, for whoever comes next.
        np.random.set_state(state[0])  # noqa: NPY002 - put back
        random.setstate(state[1])
        off = int((flatten(network.params) != flatten(again.params)).sum())
        text = f"{off} parameters differ between two runs from seed {at.seed}; {problem.name}"
        yield Evidence(float(off), 0.0, problem.name, text)
        text = f"training {'drew from or seeded' if moved else 'left'} the global generator"
        yield Evidence(float(moved), 0.0, problem.name, f"{text}; {problem.name}")


@check("ESP")
def early_stopping_restores(
    at: Setting, early_stopping: Callable[[int], Any]
) -> Iterator[Evidence]:
    """It stops after `patience` epochs without a new lowest loss, and restores the best weights."""
    courses = {
        "a new low after a bad epoch": (3, [3.0, 2.0, 2.5, 1.0, 1.5, 1.2, 1.1]),
        "a patience of one epoch": (1, [2.0, 1.0, 1.5]),
        "two bad epochs, a low, two bad epochs": (3, [1.0, 1.5, 1.4, 0.9, 1.3, 1.2, 1.1]),
        "a loss that stays as it is": (2, [1.0, 1.0, 1.0]),
    }
    for name, (patience, losses) in courses.items():
        start = {"0.W": at.rng().normal(size=(3, 2)).astype(at.dtype), "0.b": np.ones(2, at.dtype)}
        params = {key: p.copy() for key, p in start.items()}
        live = dict(params)
        stopper = early_stopping(patience)
        stopped = len(losses) + 1
        for epoch, loss in enumerate(losses, start=1):
            for key, p in params.items():
                p[...] = start[key] + epoch
            if stopper.update(loss, params):
                stopped = epoch
                break
        where = f"{name}, patience {patience}"
        text = f"training stops after epoch {stopped}, expected {len(losses)}; losses {losses}"
        yield Evidence(float(stopped != len(losses)), 0.0, where, f"{text}; {where}")
        best = int(np.argmin(losses)) + 1
        for when in ("restored", "restored, trained on and restored again"):
            stopper.restore(params)
            off = sum(int((live[key] != start[key] + best).sum()) for key in live)
            text = f"{off} of 8 parameters are not those of epoch {best}, the best, when {when}"
            yield Evidence(float(off), 0.0, where, f"{text}; {where}")
            for p in live.values():
                p += 1
