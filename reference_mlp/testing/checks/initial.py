"""Initial weights: their laws, their independence, and the network that starts from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.initialisers import Initialiser
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.global_generators import numpy_state
from reference_mlp.testing.implementation import NetworkFactory
from reference_mlp.testing.layouts import readings
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check

SIGMAS = 6.5
"""Of a normal law less than one draw in 10^10 is that far off."""

SHAPES = ((240, 80), (80, 240))
"""Both ways round, so that fan-in isn't taken for fan-out."""


@dataclass(frozen=True)
class _Law:
    """A variance by the fans, the kurtosis, and the distribution of w / std."""

    variance: Any
    kurtosis: float
    distribution: Any


def _uniform(t: Array) -> Array:
    return np.asarray(np.clip(0.5 + t / np.sqrt(12), 0, 1))


def _normal(t: Array) -> Array:
    # Here, not above: scipy.special takes longer to import than all the rest.
    from scipy.special import ndtr

    return np.asarray(ndtr(t))


_LAWS: Mapping[str, _Law] = {
    "glorot_uniform": _Law(lambda n_in, n_out: 2 / (n_in + n_out), 1.8, _uniform),
    "glorot_normal": _Law(lambda n_in, n_out: 2 / (n_in + n_out), 3.0, _normal),
    "he_uniform": _Law(lambda n_in, n_out: 2 / n_in, 1.8, _uniform),
    "he_normal": _Law(lambda n_in, n_out: 2 / n_in, 3.0, _normal),
}


@check("LAW")
def initial_law(at: Setting, initialisers: Mapping[str, Initialiser]) -> Iterator[Evidence]:
    """Each initialiser draws from its law: mean, variance and distribution, at both fans.

    The mean of n draws has the standard deviation sigma / sqrt(n), that of their squares
    sigma^2 sqrt((kurtosis - 1) / n), and by Dvoretzky, Kiefer, Wolfowitz and Massart the empirical
    distribution strays by sqrt(log(2 / p) / 2n) with probability p at most, here 1e-10.
    """
    for name in initialisers.keys() & (_LAWS.keys() | {"zeros"}):
        for shape in SHAPES:
            W = np.asarray(initialisers[name](*shape, rng=at.rng(), dtype=at.dtype))
            where = f"{name} of shape {shape}"
            if W.shape != shape or W.dtype != at.dtype:
                text = f"drew {W.dtype} of shape {W.shape}, expected {np.dtype(at.dtype)}; {where}"
                yield Evidence(np.inf, 0.0, where, text)
            elif name == "zeros":
                text = f"{np.count_nonzero(W)} entries are not zero; {where}"
                yield Evidence(float(np.count_nonzero(W)), 0.0, where, text)
            else:
                yield from _follows(_LAWS[name], W.astype(np.float64), where)


def _follows(law: _Law, W: Array, where: str) -> Iterator[Evidence]:
    n, std = W.size, float(np.sqrt(law.variance(*W.shape)))
    mean, size = float(W.mean()), float(np.sqrt((W * W).mean()))
    text = f"mean {mean:.3g}, expected 0 at a standard deviation of {std:.3g}; {where}"
    yield Evidence(abs(mean) / std, SIGMAS / np.sqrt(n), where, text)
    text = f"root mean square {size:.4g}, expected {std:.4g} (ratio {size / std:.4g}); {where}"
    yield Evidence(
        abs((size / std) ** 2 - 1), SIGMAS * np.sqrt((law.kurtosis - 1) / n), where, text
    )
    below = law.distribution(np.sort(W, axis=None) / std)
    steps = np.arange(n + 1) / n
    distance = float(max((steps[1:] - below).max(), (below - steps[:-1]).max()))
    text = f"the distribution is off by {distance:.3g} in probability; {where}"
    yield Evidence(distance, float(np.sqrt(np.log(2 / 1e-10) / (2 * n))), where, text)


@check("DRW")
def initial_draws(at: Setting, initialisers: Mapping[str, Initialiser]) -> Iterator[Evidence]:
    """Initial weights come from the generator that was passed: from it, all of it, it alone."""
    for name in initialisers.keys() & _LAWS.keys():
        draw, seed, where = initialisers[name], at.seed, name
        state = numpy_state()
        rng = at.rng()
        first, second = (np.asarray(draw(30, 20, rng=rng, dtype=at.dtype)) for _ in range(2))
        again = np.asarray(draw(30, 20, rng=at.rng(), dtype=at.dtype))
        other = np.asarray(draw(30, 20, rng=np.random.default_rng(seed + 1), dtype=at.dtype))
        faults = {
            "the same seed gave other weights": not np.array_equal(first, again),
            "another seed gave the same weights": np.array_equal(first, other),
            "two layers of one shape got the same weights": np.array_equal(first, second),
            "NumPy's global generator was used": state != numpy_state(),
            # Of 600 floats drawn at random hardly any two are the same.
            "most weights are equal": np.unique(first).size < first.size / 2,
            "the weights have not full rank": np.linalg.matrix_rank(first) < min(first.shape),
        }
        found = [fault for fault, there in faults.items() if there]
        text = f"{'; '.join(found) or 'drawn as they should be'}; {where}"
        yield Evidence(float(len(found)), 0.0, where, text)


@check("INI")
def initial_network(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """A fresh wide network isn't loud, has weights of both signs, and no two units are the same.

    Only what no honest law does: biases may be small and random, the last layer zero, weights
    He's, Glorot's, LeCun's, orthogonal. Wide, so that chance is out of it.
    """
    for problem in problems:
        wide = _widened(problem)
        network = wide.fresh(make_network, dtype=at.dtype, rng=at.rng())
        found = readings(network.params, wide.sizes)
        for reading in found[:1]:
            layers = range(len(reading.weights))
            weights = {reading.weights[i]: reading.weight(network.params, i) for i in layers}
            yield from _loudness(weights, wide)
            yield from _signs(weights, wide)
            yield from _unrelated(weights, wide)
            yield from _distinct_units(weights, wide)
            yield from _quiet_biases({b: network.params[b] for b in reading.biases}, wide)


@check("SPR")
def initial_spread(
    at: Setting,
    problems: tuple[Problem, ...],
    make_network: NetworkFactory,
    initialisers: Mapping[str, Initialiser],
) -> Iterator[Evidence]:
    """Through ten relu layers the mean square of what is handed on stays as it is.

    He et al. 2015, section 2.2: each layer multiplies it by n_in E[W^2] / 2. Half lost in each
    would be 2^10 in all, and half of that exponent is the limit. Of implementations that have
    initialisers to choose from: others may have their own ways.
    """
    for problem in problems:
        if set(problem.activation) == {"relu"}:
            deep = replace(
                problem, sizes=(128,) * 11 + problem.sizes[-1:], activation=("relu",) * 10
            )
            network = deep.fresh(make_network, dtype=at.dtype, rng=at.rng())
            for reading in readings(network.params, deep.sizes)[:1]:
                hidden = [reading.weight(network.params, i).astype(np.float64) for i in range(10)]
                lost = -sum(float(np.log2(len(W) * (W * W).mean() / 2)) for W in hidden)
                text = f"a mean square {2.0**-lost:.3g} times the inputs' after ten relu layers"
                yield Evidence(abs(lost), 5.0, problem.name, f"{text}; as {problem.name}")
            return


WIDTH = 320
LOUDEST = 6.5
"""By how much a layer may raise the size of what it is given: He's and Glorot's laws come to
sqrt(2) at most, to 5.7 with the gain of 4 that Glorot advises for sigmoid; weights of variance 1
come to 18, fan-out for fan-in before ten outputs to 5.7, before five to 8."""
LOUDEST_BIAS = 0.5
"""Half of what a unit is given by standardised inputs; honest constants and draws are below 0.1."""


def _widened(problem: Problem) -> Problem:
    hidden = [WIDTH] * (len(problem.sizes) - 2)
    return replace(problem, sizes=(WIDTH + 16, *hidden, problem.sizes[-1]))


def _loudness(weights: Mapping[str, Array], wide: Problem) -> Iterator[Evidence]:
    for name, W in weights.items():
        # z = x W has a variance of n_in E[x^2] E[W^2].
        gain = float(np.sqrt(len(W) * (W.astype(np.float64) ** 2).mean()))
        text = f"{name} makes what it is given {gain:.3g} times as large"
        yield Evidence(gain, LOUDEST, name, f"{text}, expected at most {LOUDEST}; {wide.name}")


def _signs(weights: Mapping[str, Array], wide: Problem) -> Iterator[Evidence]:
    for name, W in weights.items():
        # Zeros are there by design: a silent last layer, an identity, a sparse draw.
        if (n := W.size) > SIGMAS**2 and W.all():
            positive = int((W > 0).sum())
            text = f"{positive} of {n} weights in {name} are positive; {wide.name}"
            yield Evidence(float(abs(2 * positive - n) / np.sqrt(n)), SIGMAS, name, text)


def _unrelated(weights: Mapping[str, Array], wide: Problem) -> Iterator[Evidence]:
    """Hold arrays against each other number by number, as a seed used twice leaves them."""
    for one, other in combinations(weights, 2):
        n = min(weights[one].size, weights[other].size)
        a, b = (np.ravel(weights[name], order="K")[:n].astype(np.float64) for name in (one, other))
        norm = float(np.linalg.norm(a) * np.linalg.norm(b))
        if n > SIGMAS**2 and norm > 0:
            r = abs(float(a @ b)) / norm
            text = f"{one} and {other} have correlation {r:.3g} number by number; {wide.name}"
            yield Evidence(r, SIGMAS / np.sqrt(n), f"{one}, {other}", text)


def _distinct_units(weights: Mapping[str, Array], wide: Problem) -> Iterator[Evidence]:
    """No two hidden units have the same weights: nothing would ever tell them apart."""
    for name, W in list(weights.items())[:-1]:
        twins = W.shape[1] - len({unit.tobytes() for unit in W.T})
        text = f"{twins} of {W.shape[1]} units in {name} are copies of others; {wide.name}"
        yield Evidence(float(twins), 0.0, name, text)


def _quiet_biases(biases: Mapping[str, Array], wide: Problem) -> Iterator[Evidence]:
    for name, b in biases.items():
        size = float(np.sqrt((b.astype(np.float64) ** 2).mean()))
        text = f"{name} has root mean square {size:.3g}, expected at most {LOUDEST_BIAS}"
        yield Evidence(size, LOUDEST_BIAS, name, f"{text}; {wide.name}")
