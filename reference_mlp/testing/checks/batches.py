"""A mean over a batch: of its samples one by one, and of the batch twice over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest, if_provided
from reference_mlp.testing.parameters import misfit
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check


@check("PS")
def per_sample(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Logits, loss and gradients of a batch are those of its samples, one by one and averaged."""
    for problem, network, X, y in at.cases(problems, make_network):
        rows = [(X[i : i + 1], y[i : i + 1]) for i in range(len(X))]
        singly = [_gradients(network, *row) for row in rows]
        expected = {
            "logits": np.concatenate([network.logits(row) for row, _ in rows]),
            "loss": np.mean([float(network.loss(*row)) for row in rows]),
            **{name: np.mean([g[name] for g in singly], axis=0) for name in singly[0]},
        }
        got = {
            "logits": network.logits(X),
            "loss": np.asarray(network.loss(X, y)),
            **network.gradients(X, y),
        }
        if (dX := if_provided(network.input_gradient, X, y)) is not None:
            got["dL/dX"] = dX
            dx = [network.input_gradient(*row) for row in rows]
            expected["dL/dX"] = np.concatenate(dx) / len(X)
        where = f"batch against its samples, {problem.name}"
        yield _hold(got, expected, where, at, blur=_blur(network))


@check("DUP")
def duplicated_batch(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Loss and gradients of a batch stay the same when every sample is there twice."""
    for problem, network, X, y in at.cases(problems, make_network):
        twice = np.concatenate([X, X]), np.concatenate([y, y])
        expected = {"loss": np.asarray(network.loss(X, y)), **_gradients(network, X, y)}
        got = {"loss": np.asarray(network.loss(*twice)), **network.gradients(*twice)}
        where = f"batch twice over against once, {problem.name}"
        yield _hold(got, expected, where, at, blur=_blur(network))


def _gradients(network: NetworkUnderTest, X: Array, y: Array) -> Params:
    # Copies: a network may hand out the same buffers at each call.
    return {name: np.array(g) for name, g in network.gradients(X, y).items()}


def _blur(network: NetworkUnderTest) -> float:
    """Return how large the numbers are of whose rounding gradients are made, where not of 1."""
    return float(getattr(network, "blur", 0.0))


def _hold(
    got: Mapping[str, Array],
    expected: Mapping[str, Array],
    where: str,
    at: Setting,
    *,
    blur: float,
) -> Evidence:
    """Compare array by array, in units of rounding of the largest entry of each."""
    u = float(np.finfo(at.dtype).eps)
    off = {}
    for name, right in expected.items():
        if why := misfit(got[name], np.asarray(right)):
            return Evidence(np.inf, 0.0, where, f"{name} {why}; {where}")
        # A gradient may sum to nothing where its terms do not: 1 is the size of the problems.
        size = max(1.0, blur, float(np.abs(right).max()))
        error = np.abs(got[name] - right).max()
        off[name] = float(np.nan_to_num(error, nan=np.inf)) / (u * size)
    name = max(off, key=lambda key: off[key])
    text = f"{name} is off by {off[name]:.3g} roundings; {where}"
    return Evidence(off[name], 100.0, where, text)
