"""Gradients where the softmax or sigmoid has saturated."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.central_differences import hold_gradient
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import NetworkFactory, NetworkUnderTest
from reference_mlp.testing.parameters import restored
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check
from reference_mlp.testing.twins import in_float64, twin_of

GAP = 60.0
"""How far apart logits are moved. e^-60 is 1e-26: a float32 still holds it, and a probability
that is clipped, or has an epsilon added to it, has long stopped there."""


@check("SAT")
def saturated_differences(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """The gradient of the output biases against differences of the loss, at logits 60 apart.

    Only the biases of the output are moved: all else stays of its usual size, and with it the
    error model of the differences. They are also what is judged, as their gradient is that of the
    logits, summed over the batch. A network without such biases is not judged, nor is the squared
    error, which doesn't saturate, or a loss that is nobody's but its author's.
    """
    for problem, network, X, y in at.cases(problems, make_network):
        if problem.loss not in {"softmax_cross_entropy", "sigmoid_binary_cross_entropy"}:
            continue
        if getattr(network, "recovers_loss", False):
            continue  # it is ours, of logits made of probabilities that have rounded to 0 and 1
        name = _output_bias(network, X, n_outputs=problem.sizes[-1])
        if name is None:
            continue
        b = network.params[name]
        b += against(y, problem).reshape(b.shape).astype(b.dtype)
        gradient = network.gradients(X, y).get(name)
        twin = twin_of(problem, make_network, network.params)
        loss, saturated = partial(twin.loss, *in_float64(X, y)), f"{problem.name}, saturated"
        yield hold_gradient(name, twin.params[name], gradient, loss, saturated, at)


def against(y: Array, problem: Problem) -> Array:
    """Return what to add to the logits (K,) so that the first sample is as wrong as can be.

    Softmax: from 0 down to -GAP in equal steps, the label of the first sample at the bottom.
    Sigmoid: GAP for each output whose target is below one half, -GAP for the others.
    """
    if problem.loss != "softmax_cross_entropy":
        return np.where(y[0] < 0.5, GAP, -GAP)
    label = int(y[0]) if y.ndim == 1 else int(y[0].argmax())
    move = np.linspace(-GAP, 0.0, problem.sizes[-1])
    return np.roll(move, label)


def _output_bias(network: NetworkUnderTest, X: Array, *, n_outputs: int) -> str | None:
    """Return the name of the parameter that is added to the logits of every row, if there is one.

    Known by what it does: whatever is added to it is added to each row of the logits.
    """
    move = np.linspace(1.0, 2.0, n_outputs)
    tolerance = 1e3 * float(np.finfo(X.dtype).eps)
    for name, p in network.params.items():
        if p.size != n_outputs:
            continue
        before = np.array(network.logits(X))
        with restored({name: p}):
            p += move.reshape(p.shape).astype(p.dtype)
            moved = network.logits(X) - before
        if moved.shape == (len(X), n_outputs) and np.abs(moved - move).max() <= tolerance:
            return name
    return None
