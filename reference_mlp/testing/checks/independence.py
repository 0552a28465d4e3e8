"""What must matter, and what must not: every parameter, every target, and other networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.parameters import copied, flatten, restored
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.roundings import hold_in_roundings
from reference_mlp.testing.twins import twin_of

TRIES = 300
"""Fresh networks in which something may matter before it counts as what never does.

Three relu units in a row, each off in half of all draws, let something through in one of eight:
all 300 are blocked with probability (7/8)^300 = 4e-18.
"""
TRIES_OF_TARGETS = 50
"""As many for targets, which no unit hides: only a gradient that goes by their sign may stay.

Where two of three draws leave it as it is, all 50 do with probability (2/3)^50 = 2e-9.
"""

Claims = dict[str, Callable[[], bool]]
"""What is claimed to matter, each with a question whether it does in one network."""


@check("SEN")
def everything_matters(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Each parameter moves logits and loss, each input the logits, each target loss and gradients.

    Bit for bit: what an array has no part in is the same to the last digit. A unit that is off
    hides what is below it, so something counts as idle only if it moves nothing in any of 300
    networks; a target, which no unit hides, in any of 50.
    """
    for problem in problems:
        if problem.targets in {"labels", "one-hot"} and problem.sizes[-1] == 1:
            continue  # one class has probability 1, whatever the network does
        for claims_of, tries in (
            (_of_parameters_and_inputs, TRIES),
            (_of_targets, TRIES_OF_TARGETS),
        ):
            rng = at.rng()
            idle: list[str] | None = None
            for _ in range(tries):
                network = problem.build(make_network, dtype=at.dtype, rng=rng)
                X, y = problem.batch(dtype=at.dtype, rng=rng)
                claims = claims_of(network, X, y, problem, rng)
                idle = [claim for claim in idle or claims if not claims[claim]()]
                if not idle:
                    break
            text = (
                f"in none of {tries} networks: {', '.join(idle)}" if idle else "all of it matters"
            )
            yield Evidence(float(len(idle or ())), 0.0, problem.name, f"{text}; {problem.name}")


def _of_parameters_and_inputs(
    network: NetworkUnderTest, X: Array, y: Array, _: Problem, rng: np.random.Generator
) -> Claims:
    logits, loss = np.array(network.logits(X)), np.array(network.loss(X, y))

    def moves_the_logits(X: Array = X) -> bool:
        return not np.array_equal(logits, network.logits(X))

    def moves_the_loss() -> bool:
        return not np.array_equal(loss, network.loss(X, y))

    def by_parameter(name: str, moves: Callable[[], bool]) -> bool:
        p = network.params[name]
        with restored({name: p}):
            p += rng.normal(size=p.shape).astype(p.dtype)
            return moves()

    def by_column(j: int) -> bool:
        other = X.copy()
        other[:, j] += rng.normal(size=len(X)).astype(X.dtype)
        return moves_the_logits(other)

    claims: Claims = {}
    for name in network.params:
        claims[f"{name} moves the logits"] = partial(by_parameter, name, moves_the_logits)
        claims[f"{name} moves the loss"] = partial(by_parameter, name, moves_the_loss)
    for j in range(X.shape[1]):
        claims[f"column {j} of X moves the logits"] = partial(by_column, j)
    return claims


def _of_targets(
    network: NetworkUnderTest, X: Array, y: Array, problem: Problem, rng: np.random.Generator
) -> Claims:
    loss, grads = np.array(network.loss(X, y)), flatten(network.gradients(X, y))

    def other_than(i: int) -> Array:
        other = y.copy()
        other[i] = _another_target(y[i], problem, rng)
        return other

    def moves_the_loss(i: int) -> bool:
        return not np.array_equal(loss, network.loss(X, other_than(i)))

    def moves_the_gradients(i: int) -> bool:
        return not np.array_equal(grads, flatten(network.gradients(X, other_than(i))))

    claims: Claims = {}
    for i in range(len(y)):
        claims[f"target {i} moves the loss"] = partial(moves_the_loss, i)
        claims[f"target {i} moves the gradients"] = partial(moves_the_gradients, i)
    return claims


def _another_target(target: Array, problem: Problem, rng: np.random.Generator) -> Array:
    if problem.targets == "labels":
        return np.asarray((target + 1) % problem.sizes[-1])
    if problem.targets == "one-hot":
        return np.roll(target, 1)
    return np.asarray(rng.uniform(size=np.shape(target)))


@check("TGT")
def other_targets(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Gradients asked for with these targets, others and these again are each their own.

    Each is what a fresh network of the same parameters returns, to 100 roundings.
    """
    hold = partial(hold_in_roundings, dtype=at.dtype, floor=0)
    for problem, network, X, y in at.cases(problems, make_network):
        _, other = problem.batch(dtype=at.dtype, rng=np.random.default_rng(at.seed + 1))
        for turn, targets in enumerate((y, other, y), start=1):
            fresh = twin_of(problem, make_network, network.params, at.dtype)
            expected = copied(fresh.gradients(X, targets))
            got = copied(network.gradients(X, targets))
            where = f"targets no. {turn} of three, {problem.name}"
            yield hold(got, expected, f"gradients for {where}")


@check("TWO")
def two_networks(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Of two networks built side by side, using and training one leaves the other as it was.

    Its parameters to the last bit, and its logits, loss and gradients to 100 roundings.
    """
    hold = partial(hold_in_roundings, dtype=at.dtype, floor=0)
    for problem in problems:
        rng = at.rng()
        one = problem.build(make_network, dtype=at.dtype, rng=rng)
        X, y = problem.batch(dtype=at.dtype, rng=rng)
        before, params = _answers(one, X, y), copied(one.params)
        halfway = one.forward(X)[1] if hasattr(one, "backward") else None
        other = problem.build(make_network, dtype=at.dtype, rng=rng)
        other_X, other_y = problem.batch(dtype=at.dtype, rng=rng)
        train(other, other_X, other_y, n_steps=2)
        where = f"of one network after another was used and trained, {problem.name}"
        changed = [k for k, p in params.items() if not _equal(p, one.params.get(k))]
        text = f"{', '.join(changed) or 'no parameter'} changed {where}"
        yield Evidence(float(len(changed)), 0.0, where, text)
        if halfway is not None:
            got = copied(one.backward(halfway, y)[0])
            expected = {k: before[k] for k in got}
            yield hold(got, expected, f"backward pass {where}")
        yield hold(_answers(one, X, y), before, f"answers {where}")


def train(network: NetworkUnderTest, X: Array, y: Array, *, n_steps: int) -> None:
    """Take steps of gradient descent, each meant to lower the loss by a tenth at most."""
    for _ in range(n_steps):
        loss, grads = network.loss_and_gradients(X, y)
        squared = sum(float((g * g).sum()) for g in grads.values())
        rate = 0.1 * min(1.0, abs(float(loss)) / squared) if squared else 0.0
        for name in network.trainable:
            network.params[name] -= (rate * grads[name]).astype(grads[name].dtype)


def _answers(network: NetworkUnderTest, X: Array, y: Array) -> Params:
    logits, loss = np.array(network.logits(X)), np.array(network.loss(X, y))
    return {"logits": logits, "loss": loss, **copied(network.gradients(X, y))}


def _equal(one: Array, other: Array | None) -> bool:
    return other is not None and np.array_equal(one, other)
