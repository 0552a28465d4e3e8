"""Gradients against differences of the loss, one entry at a time.

Of large arrays a draw of entries: differences of all would be a matter of minutes, and along
directions, as the certified check takes them, every entry is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.parameters import assign, entry, flatten, misfit, restored
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check

MOST = 1000
"""Of arrays with more entries than this, as many are drawn."""


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
    params = {name: p.copy() for name, p in network.params.items()}
    twin = problem.build(make_network, dtype=np.float64, rng=np.random.default_rng(0))
    for name, p in params.items():
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
    chosen = _drawn(p.shape, at.rng())
    analytic = np.asarray(analytic)[chosen]
    below, above = _slopes(loss, p, chosen, h, centre)
    numeric = (below + above) / 2
    scale = max(abs(centre), float(np.abs(numeric).max()), float(np.finfo(p.dtype).tiny))
    threshold = 100 * (u ** (2 / 3) + float(np.finfo(at.dtype).eps)) * scale
    error = np.abs(analytic - numeric)
    # Between its one-sided slopes lies every subgradient: where a relu's kink falls inside the
    # step, the central difference is none of the loss's slopes, and the analytic one still is.
    outside = np.maximum(np.minimum(below, above) - analytic, analytic - np.maximum(below, above))
    error = np.where(error > threshold, np.maximum(outside, 0), error)
    worst = int(np.argmax(np.nan_to_num(error, nan=np.inf)))
    where = entry(name, tuple(i[worst] for i in chosen))
    a, n = float(analytic[worst]), float(numeric[worst])
    ratio = f" (ratio {a / n:.4g})" if n else ""
    return Evidence(
        measured=float(error[worst]),
        threshold=threshold,
        where=f"{where} of the {problem.name}",
        message=f"{where}: analytic {a:.6g}, numeric {n:.6g}{ratio}; {problem.name}",
    )


def _drawn(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[Array, ...]:
    """Return the indices of all entries of an array, or of `MOST` where there are more."""
    size = int(np.prod(shape))
    flat = np.arange(size) if size <= MOST else rng.choice(size, MOST, replace=False)
    return np.unravel_index(flat, shape)


def _slopes(
    loss: Callable[[], Any], p: Array, chosen: tuple[Array, ...], h: float, centre: float
) -> tuple[Array, Array]:
    """Return the slopes of `loss` below and above the chosen entries of `p`, which is put back."""
    below, above = np.empty(len(chosen[0])), np.empty(len(chosen[0]))
    for i, at in enumerate(zip(*chosen, strict=True)):
        value = p[at]
        try:
            # Divided by the step as realised: value + h is rounded.
            p[at] = value + h
            above[i] = (float(loss()) - centre) / (float(p[at]) - float(value))
            p[at] = value - h
            below[i] = (centre - float(loss())) / (float(value) - float(p[at]))
        finally:
            p[at] = value
    return below, above


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
        twin, X64, y64 = _in_float64(problem, make_network, network, X, y)
        theta = flatten(twin.params)
        if gradient.size != theta.size:
            text = f"{gradient.size} entries of gradient for {theta.size} parameters"
            yield Evidence(np.inf, 0.0, problem.name, f"{text}; {problem.name}")
            continue
        (chosen,) = _drawn(theta.shape, at.rng())
        with restored(twin.params):
            loss = _loss_at(partial(twin.loss, X64, y64), twin.params, theta, chosen)
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
