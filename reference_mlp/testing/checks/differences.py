"""Gradients against differences of the loss, one entry at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.central_differences import drawn, hold_gradient
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory
from reference_mlp.testing.parameters import assign, flatten, restored
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.twins import in_float64, twin_of


@check("FD")
def parameter_differences(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Every gradient of a parameter against the central difference of the loss."""
    for problem, network, X, y in at.cases(problems, make_network):
        grads = network.gradients(X, y)
        twin = twin_of(problem, make_network, network.params)
        loss = partial(twin.loss, *in_float64(X, y))
        for name, p in twin.params.items():
            yield hold_gradient(name, p, grads.get(name), loss, problem.name, at)


@check("FDX")
def input_differences(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """The gradient of the inputs against the central difference of the loss."""
    for problem, network, X, y in at.cases(problems, make_network):
        dX = network.input_gradient(X, y)
        twin = twin_of(problem, make_network, network.params)
        X64, y64 = in_float64(X, y)
        yield hold_gradient("X", X64, dX, partial(twin.loss, X64, y64), problem.name, at)


@check("CG")
def scipy_check_grad(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """scipy.optimize.check_grad of the parameters: the norm of the differences from forward ones.

    Each forward difference at h = sqrt(u) errs by about sqrt(u) |L|, so the norm over P of them by
    sqrt(P u) |L|; and a float32 gradient by its own rounding besides.
    """
    # Here, not above: scipy.optimize takes longer to import than all the rest.
    from scipy.optimize import check_grad

    for problem, network, X, y in at.cases(problems, make_network):
        grads = network.gradients(X, y)
        gradient = flatten({name: grads[name] for name in network.params})
        twin = twin_of(problem, make_network, network.params)
        theta = flatten(twin.params)
        if gradient.size != theta.size:
            text = f"{gradient.size} entries of gradient for {theta.size} parameters"
            yield Evidence(np.inf, 0.0, problem.name, f"{text}; {problem.name}")
            continue
        (chosen,) = drawn(theta.shape, at.rng())
        with restored(twin.params):
            loss = _loss_at(partial(twin.loss, *in_float64(X, y)), twin.params, theta, chosen)
            step = float(np.sqrt(np.finfo(np.float64).eps))
            analytic = partial(_constant, gradient[chosen].astype(np.float64))
            error = float(check_grad(loss, analytic, theta[chosen], epsilon=step))
            size = max(abs(loss(theta[chosen])), 1.0)
        threshold = 10 * np.sqrt(len(chosen)) * (step + float(np.finfo(at.dtype).eps)) * size
        text = f"check_grad returns {error:.3g}, expected at most {threshold:.2g}; {problem.name}"
        yield Evidence(error, float(threshold), problem.name, text)


def _constant(value: Array, _: Array) -> Array:
    return value


def _loss_at(
    loss: Callable[[], Any], params: Params, theta: Array, chosen: Array
) -> Callable[[Array], float]:
    """Return the loss as a function of the chosen entries, the others being as in `theta`."""

    def of(part: Array) -> float:
        moved = theta.copy()
        moved[chosen] = part
        assign(params, moved)
        return float(loss())

    return of
