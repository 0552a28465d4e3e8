r"""Gradients never set back to zero.

A parameter that is used in several places needs `grad += ...`: every use adds its share. The
sum has to start somewhere, and the call that starts it, `zero_grad()`, belongs to the training
loop rather than to the derivation. It is a line that nothing seems to miss.

Without it the first batch has the right gradient, the second that of both, and batch $t$ the sum
of all so far. Seen from the optimiser this is momentum with coefficient 1, which never forgets.
The early steps even go faster than they should. Then the parameters run through the minimum at
full speed, since only gradients of the opposite sign can brake them, and swing back and forth
around it. With a learning rate small enough the loss still falls for a good while, so that the
bug passes as a problem of the learning rate.

On $L = \theta^2 / 2$ at a rate of 0.1 the right descent is at $0.9^{20} = 0.12$ after twenty
steps. This one passes through zero and comes back:

>>> from reference_mlp import SGD, mlp, train_step
>>> net = mlp((1, 1), rng=np.random.default_rng(0), loss="squared_error", network=Accumulating)
>>> net.params["0.W"][...] = 1
>>> zero, step = np.zeros(1), SGD(0.1)
>>> path = [train_step(net, step, np.ones((1, 1)), zero) and net.params["0.W"].item()
...         for _ in range(20)]
>>> [round(path[t], 2) for t in (0, 4, 9, 14, 19)]
[0.9, 0.1, 0.51, 0.89, -0.0]
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params
from reference_mlp.network import Tape


class Accumulating(Network):
    kept: Params | None = None

    def backward(self, tape: Tape, y: Array) -> tuple[Params, Array]:
        grads, dX = super().backward(tape, y)
        if self.kept is None:
            self.kept = {name: np.zeros_like(g) for name, g in grads.items()}
        for name, g in grads.items():
            self.kept[name] += g  # BUG: on top of all batches before, as nobody zeroes them
        return {name: g.copy() for name, g in self.kept.items()}, dX


bug = Bug(
    replaces={"network": Accumulating},
    severity=Severity.WORSE,
    flagged_by=(
        "certified_gradients",
        "per_sample",
        "duplicated_batch",
        "row_order",
        "class_names",
        "batch_cut",
        "asked_twice",
        "interleaved_forwards",
        "other_targets",
        "two_networks",
        "after_training",
        "step_follows_gradient",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$g_t = \nabla L_t(\theta_t)$",
    wrong=r"$g_t = \sum_{s \le t} \nabla L_s(\theta_s)$",
    symptom="Steps grow from batch to batch, and the loss oscillates or runs away.",
    preconditions="A second call.",
    why_missed=(
        "A gradient check makes a fresh network and asks once. In training a lower learning rate "
        "hides it."
    ),
    fix="Start every backward pass from zero, or return gradients in place of keeping them.",
    origin=("karpathy/micrograd#102",),
    related=("GB023", "GB024"),
)
