"""The same network in float32 and in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest, if_provided
from reference_mlp.testing.parameters import copied, misfit
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.twins import in_float64, twin_of

Results = dict[str, Array]

U32 = float(np.finfo(np.float32).eps) / 2
U64 = float(np.finfo(np.float64).eps) / 2
LAMBDA = 6.0
"""A sum of n products errs by more than LAMBDA sqrt(n) u of each with a chance below 1e-7."""
SAMPLES = 8
"""How often the rounding of float32 is imitated in float64."""
POINTS = 8
"""At how many points something must jump."""
SMOOTH = frozenset({"tanh", "sigmoid", "identity"})
"""Activations without a kink."""


@check("XPR")
def cross_precision(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Float32 results are the float64 ones to float32's rounding, which those are free of.

    Each result is of a fresh network: what one call leaves to the next is not judged here. A
    network that has one precision only is not judged.
    """
    for problem, network, X, y in Setting(at.seed, np.float32).cases(problems, make_network):
        got = _results(network, X, y)
        twin = twin_of(problem, make_network, network.params)
        X64, y64 = in_float64(X, y)
        if _dtypes(network) != {np.dtype(np.float32)} or _dtypes(twin) != {np.dtype(np.float64)}:
            continue
        exactly = partial(_results_at, problem, make_network, y64)
        centre = {**copied(twin.params), "X": X64}
        yield _rounding(got, exactly, centre, problem, at.rng())
        yield _noise(exactly, centre, problem, at.rng())


def _rounding(
    got: Results,
    exactly: Callable[[Params], Results],
    centre: Params,
    problem: Problem,
    rng: np.random.Generator,
) -> Evidence:
    """Hold float32 against float64 by what rounding can do, seen in float64.

    Sums of n products in float32 are sums in float64 of products that are changed by LAMBDA
    sqrt(n) u32 each at most (Higham and Mary 2019, theorem 2.4). So all parameters and inputs
    are changed by as much, at random; a relu within rounding of its kink then shows both of its
    slopes. Terms that cancel, as in p - y, are of the size of the problem, which is 1.
    """
    right = exactly(centre)
    change = LAMBDA * U32 * float(np.sqrt(max(n for a in centre.values() for n in a.shape)))
    spread = dict.fromkeys(right, 0.0)
    for _ in range(SAMPLES):
        for name, a in exactly(_moved(centre, change, rng)).items():
            spread[name] = max(spread[name], _largest(a - right[name]))
    off, bound = {}, {}
    for name, a in right.items():
        if why := misfit(got.get(name), a):
            text = f"{name} in float32 {why}; {problem.name}"
            return Evidence(np.inf, 0.0, problem.name, text)
        off[name] = _largest(got[name] - a)
        bound[name] = spread[name] + change * max(1.0, _largest(a))
    name = _worst(off, bound)
    text = (
        f"{name} in float32 is off by {off[name]:.2g} from float64, expected at most "
        f"{bound[name]:.2g}; {problem.name}"
    )
    return Evidence(off[name], bound[name], f"{name} of the {problem.name}", text)


def _noise(
    exactly: Callable[[Params], Results],
    centre: Params,
    problem: Problem,
    rng: np.random.Generator,
) -> Evidence:
    """Look for jumps in float64 results that are too large for its rounding.

    The difference of order k of a smooth function over relative steps d is of order d^k, here
    1e-14 or 1e-17; to that comes the rounding of its values, of order u64 or, where they passed
    through a float32, u32. The threshold lies half way between the two in digits. A longer step
    crosses the steps of coarser numbers, too, and the kinks of a relu: where there are some, the
    shorter one is taken. Where there are none, eight differences are taken in a row, as one
    difference of five roundings may happen to be 0. What jumps is looked at elsewhere, as a kink,
    of the loss perhaps, is not everywhere.

    A steep network's d^k has a large factor: what differences over eight times the step are 8^k
    times larger by is curvature, and taken off.
    """
    smooth = SMOOTH.issuperset(problem.activation)
    order, step, n = (4, 2.0**-14, 12) if smooth else (2, 2 * U32, 3)
    off: dict[str, float] = {}
    for _ in range(POINTS):
        here = _moved(centre, 1e-3, rng)
        signs = {name: rng.choice([-1.0, 1.0], a.shape) for name, a in here.items()}
        line = _line(exactly, here, signs, step, n)
        least = float(np.sqrt(U32 * U64))
        bound = {name: least * max(1.0, _largest(a)) for name, a in line[0].items()}
        jump = _differences(line, order)
        if not all(jump[name] <= bound[name] for name in jump):
            longer = _differences(_line(exactly, here, signs, 8 * step, n), order)
            jump = {name: np.maximum(j - longer[name] / 8**order, 0) for name, j in jump.items()}
        off = {name: float(np.minimum(off.get(name, np.inf), j)) for name, j in jump.items()}
        if all(off[name] <= bound[name] for name in off):
            break
    slopes = sum(_largest(a) for name, a in line[0].items() if name.startswith("the gradient"))
    if slopes and len({float(f["the loss"]) for f in line}) == 1:
        # Not a digit of it has moved: its jumps lie further apart than the line is long.
        off["the loss"] = np.inf
    name = _worst(off, bound)
    text = (
        f"{name} in float64 jumps by {off[name]:.2g} over a step of {step:.1g}, expected at most "
        f"{bound[name]:.2g}: something on the way has fewer digits; {problem.name}"
    )
    return Evidence(off[name], bound[name], f"{name} of the {problem.name}", text)


def _line(
    exactly: Callable[[Params], Results], here: Params, signs: Params, step: float, n: int
) -> list[Results]:
    """Return the results at `n` points in a row, each array's entries by relative steps apart."""
    return [
        exactly({name: a * (1 + k * step * signs[name]) for name, a in here.items()})
        for k in range(n)
    ]


def _differences(line: Sequence[Results], order: int) -> dict[str, float]:
    """Return by name a difference of an order between results in a row: of eight the third least.

    A kink is in half of them, as each spans four steps of eleven; rounding is in all. But of the
    loss, one number, they may happen to be 0, and it is the largest.
    """
    found = {}
    for name, a in line[0].items():
        differences = sorted(map(_largest, np.diff([f[name] for f in line], n=order, axis=0)))
        found[name] = differences[len(differences) // 4 if a.size > 1 else -1]
    return found


def _results_at(
    problem: Problem, make_network: NetworkFactory, y: Array, arrays: Params
) -> Results:
    """Return the results in float64 of a fresh network with the parameters and X of `arrays`."""
    params = {name: a for name, a in arrays.items() if name != "X"}
    return _results(twin_of(problem, make_network, params), arrays["X"], y)


def _results(network: NetworkUnderTest, X: Array, y: Array) -> Results:
    found = {"the logits": np.array(network.logits(X)), "the loss": np.array(network.loss(X, y))}
    found |= {f"the gradient of {k}": g for k, g in copied(network.gradients(X, y)).items()}
    if (dX := if_provided(network.input_gradient, X, y)) is not None:
        found["dL/dX"] = np.array(dX)
    return found


def _moved(centre: Params, change: float, rng: np.random.Generator) -> Params:
    return {name: a * (1 + change * rng.uniform(-1, 1, a.shape)) for name, a in centre.items()}


def _dtypes(network: NetworkUnderTest) -> set[np.dtype[np.generic]]:
    return {p.dtype for p in network.params.values()}


def _largest(a: Array) -> float:
    return float(np.abs(a).max())


def _worst(off: dict[str, float], bound: dict[str, float]) -> str:
    return max(off, key=lambda name: np.nan_to_num(off[name] / bound[name], nan=np.inf))
