"""Biases left out of the update.

The gradients of the biases are there, right to the last digit, and nobody uses them. It happens
when the update is written as a loop over weight matrices, when a list of parameters was made
before biases were added to the layer, or when the filter that keeps biases out of the L2 penalty
is applied to the step as well.

Biases start at zero, so the network trains as one without any. Every hyperplane of the first
layer goes through the origin, and the output can't learn how frequent a class is. On pixels
between 0 and 1, where some columns are nearly constant, a weight can stand in for the bias and
accuracy hardly drops; on centred data with unequal classes it does.

A check of gradients has nothing to say here. What finds it is to compare all parameters before
and after a step and to ask which are still the same array of numbers:

>>> import numpy as np
>>> from reference_mlp import SGD, mlp
>>> net = mlp((4, 8, 3), rng=np.random.default_rng(0))
>>> X, y = np.random.default_rng(1).normal(size=(6, 4)), np.array([0, 0, 0, 0, 0, 2])
>>> before = {name: p.copy() for name, p in net.params.items()}
>>> losses = [train_step(net, SGD(0.5), X, y) for _ in range(100)]
>>> [name for name, p in net.params.items() if (p == before[name]).all()]
['0.b', '2.b']
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def train_step(network: Any, optimiser: Any, X: Array, y: Array) -> float:
    loss, grads = network.loss_and_gradients(X, y)
    weights = [name for name in network.trainable if name.endswith("W")]
    optimiser.step(network.params, {name: grads[name] for name in weights})  # BUG: and biases?
    return float(loss)


bug = Bug(
    replaces={"train_step": train_step},
    severity=Severity.WORSE,
    flagged_by=(
        "step_follows_gradient",
        "parameters_move",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$W \leftarrow W - \eta\,dW$ and $b \leftarrow b - \eta\,db$",
    wrong=r"$W \leftarrow W - \eta\,dW$",
    symptom=(
        "Biases keep their initial values, zeros as a rule. The loss ends a little above "
        "where it could."
    ),
    preconditions="Data on which a bias is worth something.",
    why_missed=(
        "Gradients are all right, the loss falls, and on digits the accuracy is nearly the same."
    ),
    fix=("Update every trainable parameter: `{name: grads[name] for name in network.trainable}`."),
    origin=("synthetic",),
    related=("GB077",),
)
