"""Gradients against differences of the loss, one entry at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.parameters import assign, entry, flatten, misfit, restored
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check


@check("FD")
def parameter_differences(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Every gradient of a parameter against the central difference of the loss."""
    for problem, network, X, y in at.cases(problems, make_network):
        grads = network.gradients(X, y)
        twin, X64, y64 = _in_float64(problem, make_network, network, X, y)
        loss = partial(twin.loss, X64, y64)
        for name, p in twin.params.items():
            yield _compare(problem, name, p, grads.get(name), loss, at)


@check("FDX")
def input_differences(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """The gradient of the inputs against the central difference of the loss."""
    for problem, network, X, y in at.cases(problems, make_network):
        dX = network.input_gradient(X, y)
        twin, X64, y64 = _in_float64(problem, make_network, network, X, y)
        yield _compare(problem, "X", X64, dX, partial(twin.loss, X64, y64), at)


def _in_float64(
    problem: Problem, make_network: NetworkFactory, network: NetworkUnderTest, X: Array, y: Array
) -> tuple[NetworkUnderTest, Array, Array]:
    """Return the same network, inputs and targets in float64, where differences are sharp.

    In float32 the best central difference has four digits; of the loss in float64 it has ten,
    and float32 gradients can be held to their own rounding.
    """
    twin = problem.build(make_network, dtype=np.float64, rng=np.random.default_rng(0))
    for name, p in network.params.items():
        twin.params[name][...] = p
    return twin, X.astype(np.float64), y if y.dtype.kind in "iu" else y.astype(np.float64)


def _compare(
    problem: Problem, name: str, p: Array, analytic: Any, loss: Callable[[], Any], at: Setting
) -> Evidence:
    """Hold `analytic` against differences of `loss` in each entry of `p`, by D2's error model.

    D2 = (L(p + h) - L(p - h)) / 2h has a truncation error of h^2 M3 / 6 and a rounding error of
    u |L| / h, equal in order at h = u^(1/3), where both are of order u^(2/3).
    """
    if why := misfit(analytic, p):
        where = f"{name} of the {problem.name}"
        return Evidence(np.inf, 0.0, where, f"the gradient of {where} {why}")
    u = float(np.finfo(p.dtype).eps)
    h = u ** (1 / 3)
    centre = float(loss())
    below, above = _slopes(loss, p, h, centre)
    numeric = (below + above) / 2
    scale = max(abs(centre), float(np.abs(numeric).max()), float(np.finfo(p.dtype).tiny))
    threshold = 100 * (u ** (2 / 3) + float(np.finfo(at.dtype).eps)) * scale
    error = np.abs(analytic - numeric)
    # Between its one-sided slopes lies every subgradient: where a relu's kink falls inside the
    # step, the central difference is none of the loss's slopes, and the analytic one still is.
    outside = np.maximum(np.minimum(below, above) - analytic, analytic - np.maximum(below, above))
    error = np.where(error > threshold, np.maximum(outside, 0), error)
    worst = np.unravel_index(int(np.argmax(np.nan_to_num(error, nan=np.inf))), p.shape)
    where, a, n = entry(name, worst), float(analytic[worst]), float(numeric[worst])
    ratio = f" (ratio {a / n:.4g})" if n else ""
    return Evidence(
        measured=float(error[worst]),
        threshold=threshold,
        where=f"{where} of the {problem.name}",
        message=f"{where}: analytic {a:.6g}, numeric {n:.6g}{ratio}; {problem.name}",
    )


def _slopes(loss: Callable[[], Any], p: Array, h: float, centre: float) -> tuple[Array, Array]:
    """Return the slopes of `loss` below and above each entry of `p`, which is put back."""
    below, above = np.empty(p.shape), np.empty(p.shape)
    for at in np.ndindex(p.shape):
        value = p[at]
        try:
            # Divided by the step as realised: value + h is rounded.
            p[at] = value + h
            above[at] = (float(loss()) - centre) / (float(p[at]) - float(value))
            p[at] = value - h
            below[at] = (centre - float(loss())) / (float(value) - float(p[at]))
        finally:
            p[at] = value
    return below, above


@check("CG")
def scipy_check_grad(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """scipy.optimize.check_grad over all parameters: the norm of the differences from forward ones.

    Each forward difference at h = sqrt(u) errs by about sqrt(u) |L|, so the norm over P
    parameters by sqrt(P u) |L|.
    """
    # Here, not above: scipy.optimize takes longer to import than all the rest.
    from scipy.optimize import check_grad

    for problem, network, X, y in at.cases(problems, make_network):
        params = network.params

        def loss(theta: Array, net: Any = network, X: Array = X, y: Array = y) -> float:
            assign(net.params, theta)
            return float(net.loss(X, y))

        def gradient(theta: Array, net: Any = network, X: Array = X, y: Array = y) -> Array:
            assign(net.params, theta)
            grads = net.gradients(X, y)
            return flatten({name: grads[name] for name in net.params})

        theta = flatten(params)
        u = np.finfo(theta.dtype).eps
        with restored(params):
            size = gradient(theta).size
            if size != theta.size:
                text = f"{size} entries of gradient for {theta.size} parameters; {problem.name}"
                yield Evidence(np.inf, 0.0, problem.name, text)
                continue
            error = float(check_grad(loss, gradient, theta, epsilon=np.sqrt(u)))
            threshold = 10 * float(np.sqrt(theta.size * u)) * max(abs(loss(theta)), 1.0)
        text = f"check_grad returns {error:.3g}, expected at most {threshold:.2g}; {problem.name}"
        yield Evidence(error, threshold, problem.name, text)
