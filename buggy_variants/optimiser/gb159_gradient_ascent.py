"""Gradient ascent.

Up or down is a convention that is settled in two places. If the output error is defined as
$y - p$, as in the perceptron's rule and in many texts on backpropagation, then all "gradients"
have the minus in them and the update adds. If it is $p - y$, the update subtracts. A team of two,
or one person on two evenings, can write one half each.

Of all bugs of an optimiser this is the least silent, and it still costs time, for the first thing
people do when a loss rises is to lower the learning rate. That makes it rise more slowly. With a
softmax the loss of a wrong answer grows only linearly in the logits, so the numbers stay finite
for long, and accuracy settles below chance. That is the sign to look for: a classifier that is
wrong more often than a coin has learnt something.

A loss that should shrink, on a parabola:

>>> import numpy as np
>>> params, places = {"0.b": np.array([1.0])}, [1.0]
>>> for _ in range(4):
...     GradientAscent(0.5).step(params, {"0.b": params["0.b"].copy()})
...     places.append(float(params["0.b"][0]))
>>> [p * p / 2 for p in places]
[0.5, 1.125, 2.53125, 5.6953125, 12.814453125]
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import SGD
from reference_mlp._arrays import Array, Params, require_same_shapes


class GradientAscent(SGD):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        for name, g in grads.items():
            params[name] += self.learning_rate * g  # BUG: up the slope of a loss


bug = Bug(
    replaces={"sgd": GradientAscent},
    severity=Severity.WRONG,
    flagged_by=(
        "optimiser_rules",
        "step_follows_gradient",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$\theta \leftarrow \theta - \eta\,\nabla L$",
    wrong=r"$\theta \leftarrow \theta + \eta\,\nabla L$",
    symptom=(
        "The loss rises from the first step, at every learning rate; accuracy falls below chance."
    ),
    preconditions="None.",
    why_missed=("Gradients are right. It is only missed by those who check nothing else."),
    fix="`params[name] -= learning_rate * g`.",
    origin=("synthetic",),
    related=("GB158",),
)
