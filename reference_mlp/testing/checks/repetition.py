"""The same question asked again: at once, and after another one in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.checks.purity import arrays_in
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, if_provided
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check


@check("IDM")
def asked_twice(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Loss, gradients and the backward pass of one tape are the same the second time."""
    for problem, network, X, y in at.cases(problems, make_network):
        questions: dict[str, Callable[[], Any]] = {
            "loss": partial(network.loss, X, y),
            "gradients": partial(network.gradients, X, y),
        }
        if if_provided(network.input_gradient, X, y) is not None:
            questions["input_gradient"] = partial(network.input_gradient, X, y)
        if hasattr(network, "backward"):
            _, tape = network.forward(X)
            questions["backward"] = partial(network.backward, tape, y)
        for name, ask in questions.items():
            first = [a.copy() for a in _answer(ask)]
            yield _same(first, _answer(ask), f"{name} asked for twice, {problem.name}")


@check("INT")
def interleaved_forwards(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """A pass gives its own gradients, whatever other batch went through in between."""
    for problem, network, X, y in at.cases(problems, make_network):
        alone = [a.copy() for a in arrays_in(network.gradients(X, y))]
        # Of as many rows first: what takes the wrong batch may not notice.
        for n_rows in (problem.n_rows, problem.n_rows + 1):
            rng = np.random.default_rng(at.seed + 1)
            other, _ = problem.batch(dtype=at.dtype, rng=rng, n_rows=n_rows)
            if hasattr(network, "backward"):
                _, tape = network.forward(X)
                network.logits(other)
                grads = network.backward(tape, y)[0]
            else:
                network.logits(other)
                grads = network.gradients(X, y)
            where = f"gradients after a forward pass of {n_rows} other rows, {problem.name}"
            yield _same(alone, arrays_in(grads), where)


def _answer(ask: Callable[[], Any]) -> list[Array]:
    answer = ask()
    return arrays_in(answer) or [np.asarray(answer)]


def _same(first: list[Array], second: list[Array], where: str) -> Evidence:
    if [a.shape for a in first] != [a.shape for a in second]:
        return Evidence(np.inf, 0.0, where, f"{where}: other shapes than before")
    off = max(_difference(a, b) for a, b in zip(first, second, strict=True))
    text = f"{where}: off by {off:.3g}" if off else f"{where}: the same"
    return Evidence(off, 0.0, where, text)


def _difference(a: Array, b: Array) -> float:
    if np.array_equal(a, b, equal_nan=True):
        return 0.0
    return float(np.nan_to_num(np.abs(a - b), nan=np.inf).max())
