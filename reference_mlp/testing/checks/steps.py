"""A training step against the gradient that it should follow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.optimisers import Optimiser
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.parameters import copied, entry, misfit
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check

# The second is large enough for a layer that moves too early to be seen by those below it.
LEARNING_RATES = (2.0**-10, 0.5)


@check("STP")
def step_follows_gradient(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    optimisers: Mapping[str, Callable[..., Optimiser]],
    train_step: Callable[..., float],
) -> Iterator[Evidence]:
    """A step of gradient descent is -learning rate x gradient at the old parameters, no more.

    The gradient is asked for before the step, and may differ from the step's own by its
    rounding: 100 roundings, as between a batch and its samples. Parameters that the network
    holds frozen stay as they are, and the loss returned is that from before the step.
    """
    if "sgd" not in optimisers:
        return
    make = optimisers["sgd"]
    for learning_rate in LEARNING_RATES:
        for problem, network, X, y in at.cases(problems, make_network):
            where = f"learning rate {learning_rate:g}, {problem.name}"
            loss = float(network.loss(X, y))
            wanted, sizes = _expected(network, X, y, learning_rate)
            returned = float(train_step(network, make(learning_rate), X, y))
            yield _moved_to(network.params, wanted, sizes, where, at)
            off = abs(returned - loss) / (np.finfo(at.dtype).eps * max(1.0, abs(loss)))
            text = f"the step returned {returned:.6g}, before it the loss was {loss:.6g}; {where}"
            yield Evidence(float(off), 100.0, f"the loss, {where}", text)
    for problem, network, X, y in at.cases(problems, make_network):
        if frozen := _freeze_first_layer(network):
            wanted, sizes = _expected(network, X, y, 0.5)
            train_step(network, make(0.5), X, y)
            where = f"{', '.join(sorted(frozen))} frozen, {problem.name}"
            yield _moved_to(network.params, wanted, sizes, where, at)


@check("MOV")
def parameters_move(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    fit: Callable[..., object],
    optimisers: Mapping[str, Callable[..., Optimiser]],
) -> Iterator[Evidence]:
    """An epoch of training moves every entry of every parameter that has a gradient.

    The epoch is one step on the whole batch. An entry has a gradient where the step that it
    promises is ten times what rounding could undo.
    """
    if "sgd" not in optimisers:
        return
    u = float(np.finfo(at.dtype).eps)
    learning_rate = 0.1
    for problem, network, X, y in at.cases(problems, make_network):
        before = copied(network.params)
        grads = copied(network.gradients(X, y))
        # What rounding alone may have made of a gradient that is zero.
        floor = 100 * u * max(1.0, *(float(np.abs(g).max()) for g in grads.values()))
        optimiser = optimisers["sgd"](learning_rate)
        fit(network, X, y, optimiser=optimiser, epochs=1, batch_size=None, rng=at.rng())
        stuck: dict[str, int] = {}
        for name in network.trainable:
            p, g = before[name], np.abs(grads[name])
            if g.shape != p.shape:
                continue  # the gradient's shape is another check's matter
            due = (g > floor) & (learning_rate * g > 10 * u * np.abs(p))
            after = network.params[name]
            if count := int((due & (after == p)).sum()):
                stuck[name] = count
        text = (
            f"an epoch left {', '.join(f'{n} entries of {name}' for name, n in stuck.items())} "
            f"where they were, though their gradients are not 0; {problem.name}"
            if stuck
            else f"every parameter with a gradient has moved; {problem.name}"
        )
        yield Evidence(float(sum(stuck.values())), 0.0, problem.name, text)


def _expected(
    network: NetworkUnderTest, X: Array, y: Array, learning_rate: float
) -> tuple[Params, dict[str, float]]:
    """Return where a step should end, in float64, and the size of the terms of each array."""
    grads = copied(network.gradients(X, y))
    wanted, sizes = {}, {}
    for name, p in network.params.items():
        rate = learning_rate if name in network.trainable else 0.0
        g = np.asarray(grads[name], np.float64)
        wanted[name] = p - rate * g
        size = np.abs(g).max() if g.size else 0.0
        sizes[name] = float(np.abs(p).max() + rate * max(1.0, float(size)))
    return wanted, sizes


def _moved_to(
    params: Params, wanted: Params, sizes: Mapping[str, float], where: str, at: Setting
) -> Evidence:
    worst = Evidence(0.0, 100.0, where, f"every parameter moved by its gradient; {where}")
    for name, right in wanted.items():
        p = params[name]
        if why := misfit(p, right):
            return Evidence(np.inf, 100.0, where, f"after a step {name} {why}; {where}")
        off = np.abs(p - right) / (float(np.finfo(at.dtype).eps) * sizes[name])
        off = np.nan_to_num(off, nan=np.inf)
        i = np.unravel_index(int(np.argmax(off)), off.shape)
        if off[i] > worst.measured:
            spot = entry(name, i)
            text = (
                f"a step left {spot} at {float(p[i]):.8g}, by its gradient before "
                f"the step it should be at {float(right[i]):.8g}; {where}"
            )
            worst = Evidence(float(off[i]), 100.0, f"{spot}, {where}", text)
    return worst


def _freeze_first_layer(network: NetworkUnderTest) -> Collection[str]:
    """Freeze the first two parameters of a network that can freeze some; return their names."""
    if not isinstance(getattr(network, "frozen", None), frozenset):
        return ()
    frozen = frozenset(list(network.params)[:2])
    try:
        network.frozen = frozen  # type: ignore[attr-defined]  # more than the checks ask of one
    except AttributeError:
        return ()
    # A network may call something else frozen: then there is nothing to hold it to.
    left = set(network.params) - frozen
    return frozen if left and set(network.trainable) == left else ()
