"""What training reports, keeps and can replay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.checks.scores import half_right, hold_loss, means_over_rows
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.global_generators import global_state, put_back
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.parameters import copied, flatten
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.twins import twin_of


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
            # From the same numbers, however each network's were drawn.
            start = copied(network.params)
            first, second = (
                _trained(twin_of(problem, make_network, start, at.dtype), fit, (X, y), held_out, at)
                for held_out in (valid, other)
            )
            yield from _of_moving(first, second, valid, problem, at)


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
        with put_back():
            state = global_state()
            for twin in (network, again):
                fit(twin, *batch, optimiser=_Descent(0.01), epochs=2, rng=at.rng(), batch_size=4)
            moved = state != global_state()
        off = int((flatten(network.params) != flatten(again.params)).sum())
        text = f"{off} parameters differ between two runs from seed {at.seed}; {problem.name}"
        yield Evidence(float(off), 0.0, problem.name, text)
        text = f"training {'drew from or seeded' if moved else 'left'} the global generator"
        yield Evidence(float(moved), 0.0, problem.name, f"{text}; {problem.name}")
