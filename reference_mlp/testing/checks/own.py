"""Somebody's own network as it is written: its step, and the factor of its gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.adapters.gradients import TINY, quotients
from reference_mlp.testing.adapters.scales import SCALES, Sizes, names_of, scale_of
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import (
    NetworkFactory,
    NetworkUnderTest,
    NotProvidedError,
)
from reference_mlp.testing.parameters import assign, copied, entry, flatten, misfit, restored
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.slopes import Slope, hold_slope
from reference_mlp.testing.twins import in_float64, twin_of

ORDINARY = 0.5
"""A learning rate at which a layer that moves too early is seen by those below it."""


@check("STC")
def step_consistency(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    adapted: Callable[..., Any],
) -> Iterator[Evidence]:
    """A step of the author's own, over its learning rate, is the same at 2^-10 and at 1/2.

    Where a layer is updated before the gradient has gone through it, the layers below move
    otherwise at an ordinary learning rate, and at a tiny one by the gradient. The parameter's
    rounding counts 1024 times at the tiny one. A step that remembers those before is another
    each time, and can't be judged.
    """
    for problem, network, X, y in at.cases(problems, make_network):
        own: Any = network  # an Adapted, with a step of its author's
        if own.code.step is None or own.rate is not None:
            continue
        step = own.after_step
        before = copied(network.params)
        one, other, again = (
            quotients(before, step(X, y, rate), rate) for rate in (TINY, ORDINARY, TINY)
        )
        if bad := next((n for n, p in before.items() if misfit(other[n], p)), None):
            text = f"a step turns {bad} into shape {other[bad].shape}; {problem.name}"
            yield Evidence(np.inf, 0.0, f"{bad} of the {problem.name}", text)
        elif not any(q.any() for q in other.values()):
            text = f"a step moves none of {', '.join(before)}; {problem.name}"
            yield Evidence(np.inf, 0.0, problem.name, text)
        elif any(not np.array_equal(q, again[n], equal_nan=True) for n, q in one.items()):
            text = (
                "the same step taken twice is not the same: it remembers the one before, as "
                f"momentum does; let `step` start afresh each time; {problem.name}"
            )
            yield Evidence(np.inf, 0.0, problem.name, text, inconclusive=True)
        else:
            yield _same_step(before, one, other, problem)


def _same_step(before: Params, tiny: Params, ordinary: Params, problem: Problem) -> Evidence:
    found = []
    for name, p in before.items():
        u = float(np.finfo(p.dtype).eps)
        off = np.nan_to_num(np.abs(ordinary[name] - tiny[name]), nan=np.inf)
        worst = np.unravel_index(int(off.argmax()), off.shape)
        size = float(np.abs(p).max()) / TINY + float(np.abs(tiny[name]).max())
        where = entry(name, worst)
        text = (
            f"{where}: a step with learning rate {ORDINARY:g} is {ORDINARY:g} x "
            f"{ordinary[name][worst]:.6g}, one with {TINY:.3g} is {TINY:.3g} x "
            f"{tiny[name][worst]:.6g}"
        )
        if not off[worst] <= 8 * u * size:
            text += "; is the layer above it updated before the gradient goes through it?"
        found.append(Evidence(float(off[worst]), 8 * u * size, where, f"{text}; {problem.name}"))
    return max(found, key=lambda e: e.severity)


@check("SCL")
def gradient_scale(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    adapted: Callable[..., Any],
) -> Iterator[Evidence]:
    """The gradients are those of the loss, and not a multiple of them.

    A factor that all of them have is told apart from a wrong direction, of which this says
    nothing: training by it is training by another learning rate, and the author may have chosen
    so. What it is, if it is a number of rows, inputs or outputs, is told by two sizes of batch.
    """
    for problem, network, X, y in at.cases(problems, make_network):
        found = _factor(problem, make_network, network, X, y, at)
        if found is None:
            continue
        factor, blur = found
        if abs(factor - 1) <= blur:
            text = f"the gradients are those of the loss; {problem.name}"
        else:
            text = _told(problem, make_network, network, (factor, blur), (X, y), at)
        yield Evidence(abs(factor - 1), blur, problem.name, text)


def _told(
    problem: Problem,
    make_network: NetworkFactory,
    network: NetworkUnderTest,
    first: tuple[float, float],
    batch: tuple[Array, Array],
    at: Setting,
) -> str:
    """Say which factor it is, and how the author says that it is meant."""
    factor = first[0]
    names = _names(problem, len(batch[0]), first)
    n = 2 * len(batch[0]) + 1
    try:
        more = problem.batch(dtype=at.dtype, rng=at.rng(), n_rows=n)
        second = _factor(problem, make_network, network, *more, at)
    except NotProvidedError:
        second = None
    if second is not None:
        names = [name for name in names if name in _names(problem, n, second)]
    sizes = Sizes(len(batch[0]), problem.sizes[0], problem.sizes[-1])
    known = " or ".join(f"{name}, {SCALES[name][1]}" for name in names)
    said = f'scale="{names[0]}"' if names else f"scale={factor:.6g}"
    value = scale_of(names[0], sizes) if names else factor
    return (
        f"every gradient is {value:.6g} times that of the loss{': ' if known else ''}{known}. "
        f"Their direction is right: if the factor is meant, tell adapt {said}; {problem.name}"
    )


def _names(problem: Problem, n: int, found: tuple[float, float]) -> list[str]:
    factor, blur = found
    sizes = Sizes(n, problem.sizes[0], problem.sizes[-1])
    return list(names_of(factor, sizes, within=2 * blur))


def _factor(
    problem: Problem,
    make_network: NetworkFactory,
    network: NetworkUnderTest,
    X: Array,
    y: Array,
    at: Setting,
) -> tuple[float, float] | None:
    """Return the one factor of all gradients over those of the loss, and its relative error.

    None where they have none in common, or none that can be measured.
    """
    grads = copied(network.gradients(X, y))
    if any(misfit(grads.get(name), p) for name, p in network.params.items()):
        return None
    twin = twin_of(problem, make_network, network.params)
    X, y = in_float64(X, y)
    g = flatten({name: grads[name].astype(np.float64) for name in twin.params})
    norm = float(np.linalg.norm(g))
    if not norm or not np.isfinite(norm):
        return None
    hold = partial(_slope, twin, X, y, at)
    along = hold(norm, g / norm)
    if not along.numeric > 0:
        return None
    factor, blur = norm / along.numeric, along.threshold / along.numeric
    if blur > 0.01:
        return None
    rng = at.rng()
    directions = [rng.normal(size=g.shape) for _ in range(4)]
    start = 0
    for p in twin.params.values():
        directions.append(np.zeros(g.shape))
        directions[-1][start : start + p.size] = rng.normal(size=p.size)
        start += p.size
    for v in directions:
        v /= np.linalg.norm(v)
        slope = hold(float(g @ v) / factor, v)
        if not slope.error <= slope.threshold + blur * abs(slope.analytic):
            return None
    return factor, blur * max(1.0, factor)


def _slope(
    network: NetworkUnderTest, X: Array, y: Array, at: Setting, analytic: float, v: Array
) -> Slope:
    theta = flatten(network.params)

    def value(t: float) -> float:
        assign(network.params, theta + t * v)
        return float(network.loss(X, y))

    with restored(network.params):
        size = max(abs(value(0.0)), abs(analytic), 1.0) * float(np.abs(v).sum())
        return hold_slope(analytic, value, size=size, dtype=at.dtype)
