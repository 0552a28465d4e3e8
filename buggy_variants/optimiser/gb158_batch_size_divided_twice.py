r"""Divided by the batch size again in the update.

The mean over the batch has to be taken once, and there are three places for it: the loss, the
layers and the update. Code put together from two sources often has it twice. The loss's gradient
comes out as $(p - y) / N$, and the training loop, from a book whose loss is a sum, divides by the
batch size because "the gradients are summed".

The direction is right, so everything that looks at directions agrees: differences of the loss
confirm the gradient, as it is only spoilt later, and the cosine is 1. What suffers is the
learning rate, $\eta / N$. With a batch of 32 a rate of 0.1 acts as 0.003, and people arrive at
rates like 3 or 10 that astonish readers of their code. It also hides a dependence on $N$:
doubling the batch halves each step, and a smaller last batch makes larger steps than the others.
Adam, which divides by the size of the gradient, notices nothing.

After one step on 8 rows, the gradient by which the weights have moved, over the true one:

>>> import numpy as np
>>> from reference_mlp import SGD, mlp
>>> net = mlp((3, 2), rng=np.random.default_rng(0))
>>> X, y = np.random.default_rng(1).normal(size=(8, 3)), np.arange(8) % 2
>>> before, g = net.params["0.W"].copy(), net.gradients(X, y)["0.W"]
>>> loss = train_step(net, SGD(0.5), X, y)
>>> float(((before - net.params["0.W"]) / 0.5 / g).mean().round(6))
0.125
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def train_step(network: Any, optimiser: Any, X: Array, y: Array) -> float:
    loss, grads = network.loss_and_gradients(X, y)
    grads = {name: grads[name] / len(X) for name in network.trainable}  # BUG: means already
    optimiser.step(network.params, grads)
    return float(loss)


bug = Bug(
    replaces={"train_step": train_step},
    severity=Severity.WORSE,
    flagged_by=(
        "step_follows_gradient",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=(r"$\theta \leftarrow \theta - \eta\,\nabla L$ with $L$ a mean over the batch"),
    wrong=r"$\theta \leftarrow \theta - \dfrac{\eta}{N}\,\nabla L$",
    symptom=(
        "Training is N times slower than the learning rate says, and slower for larger batches."
    ),
    preconditions="A batch of more than one row; an optimiser that doesn't normalise.",
    why_missed=(
        "The gradients are right where they are checked, and the direction of the step is too."
    ),
    fix="Take the mean in one place.",
    origin=("synthetic",),
    related=(
        "GB031",
        "GB159",
    ),
)
