"""Gradients where nobody looks: after some training, and where two parameters are equal."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.checks.independence import train
from reference_mlp.testing.evidence import Evidence, worst
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.parameters import copied, misfit, restored
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.slopes import hold_slope
from reference_mlp.testing.twins import in_float64, twin_of


@check("AFT")
def after_training(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """After five steps of training the gradients are still those of the loss, along directions."""
    for problem, network, X, y in at.cases(problems, make_network):
        train(network, X, y, n_steps=5)
        grads = copied(network.gradients(X, y))
        twin = twin_of(problem, make_network, network.params)
        yield _along_directions(f"after training, {problem.name}", grads, twin, X, y, at)


@check("EQV")
def equal_arrays(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Two parameters that hold the same numbers have gradients of their own, along directions."""
    for problem, network, X, y in at.cases(problems, make_network):
        first_of_shape: dict[tuple[int, ...], str] = {}
        for name, p in network.params.items():
            p[...] = network.params[first_of_shape.setdefault(p.shape, name)]
        alike = [k for k, p in network.params.items() if first_of_shape[p.shape] != k]
        alike += [first_of_shape[network.params[k].shape] for k in alike]
        if alike:
            grads = copied(network.gradients(X, y))
            twin = twin_of(problem, make_network, network.params)
            where = f"with {' and '.join(dict.fromkeys(alike))} equal, {problem.name}"
            yield _along_directions(where, grads, twin, X, y, at)


def _along_directions(
    where: str, grads: Params, twin: NetworkUnderTest, X: Array, y: Array, at: Setting
) -> Evidence:
    """Hold each of `grads` along two directions against the loss of the twin in float64."""
    rng = at.rng()
    X, y = in_float64(X, y)
    centre = float(twin.loss(X, y))
    evidence = []
    for name, p in twin.params.items():
        if why := misfit(grads.get(name), p):
            return Evidence(np.inf, 0.0, where, f"the gradient of {name} {why}; {where}")
        g = np.asarray(grads[name], np.float64)
        for _ in range(2):
            v = rng.normal(size=p.shape)
            v /= np.linalg.norm(v)
            # Each entry of g may be off by roundings of the largest; along v these add up.
            size = max(abs(centre), float(np.abs(g).max())) * float(np.abs(v).sum())
            value = partial(_loss_along, twin, name, v, X, y)
            analytic = float((g * v).sum())
            slope = hold_slope(analytic, value, size=size, dtype=at.dtype, centre=centre)
            text = f"gradient of {name} along a direction: {slope.text}; {where}"
            evidence.append(Evidence(slope.error, slope.threshold, f"{name} {where}", text))
    return worst(evidence)


def _loss_along(
    network: NetworkUnderTest, name: str, v: Array, X: Array, y: Array, t: float
) -> float:
    p = network.params[name]
    with restored({name: p}):
        p += t * v
        return float(network.loss(X, y))
