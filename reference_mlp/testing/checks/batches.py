"""A mean over a batch: of its samples one by one, and of the batch twice over."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest, if_provided
from reference_mlp.testing.parameters import copied
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.roundings import hold_in_roundings


@check("PS")
def per_sample(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Logits, loss and gradients of a batch are those of its samples, one by one and averaged."""
    for problem, network, X, y in at.cases(problems, make_network):
        rows = [(X[i : i + 1], y[i : i + 1]) for i in range(len(X))]
        singly = [copied(network.gradients(*row)) for row in rows]
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
        yield hold_in_roundings(got, expected, where, dtype=at.dtype, floor=_size(network))


@check("DUP")
def duplicated_batch(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Loss and gradients of a batch stay the same when every sample is there twice."""
    for problem, network, X, y in at.cases(problems, make_network):
        twice = np.concatenate([X, X]), np.concatenate([y, y])
        expected = {"loss": np.asarray(network.loss(X, y)), **copied(network.gradients(X, y))}
        got = {"loss": np.asarray(network.loss(*twice)), **network.gradients(*twice)}
        where = f"batch twice over against once, {problem.name}"
        yield hold_in_roundings(got, expected, where, dtype=at.dtype, floor=_size(network))


def _size(network: NetworkUnderTest) -> float:
    """Return how large the numbers are of whose rounding gradients are made: 1, or a blur."""
    return max(1.0, float(getattr(network, "blur", 0.0)))
