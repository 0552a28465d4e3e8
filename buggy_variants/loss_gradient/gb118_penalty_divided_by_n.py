r"""Penalty divided by the batch size in the gradient.

Two conventions meet here. In one the cost is $\tfrac1N \bigl(\sum_i L_i + \tfrac{\lambda}{2}
\lVert W \rVert^2 \bigr)$, and its gradient contains $\tfrac{\lambda}{N} W$. In the other the
penalty stands outside of the mean, and the $N$ is missing in both places. A gradient written as
`(x.T @ dz + l2 * W) / n` belongs to the first; the loss that is printed beside it, `data_loss + l2
/ 2 * sum(W ** 2)`, to the second.

The regularisation that is in effect is $\lambda / N$. With batches of 100 a strength of 0.01 acts
like one of 0.0001, which is to say hardly. It weakens when the batch grows, so a change of the
batch size changes what the network converges to, and not only how fast; and in the first
convention, where $N$ was meant to be the size of the training set, dividing by that of a batch is
the opposite error.

A check made on one sample agrees to the last bit. With four the penalty's share of the gradient is
a quarter of what it should be:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> def share(n):
...     X, y = np.zeros((n, 1)), np.zeros(n)
...     net = mlp((1, 1), rng=np.random.default_rng(0), loss="squared_error", l2=0.1,
...               network=PenaltyDividedByN)
...     return round(float((net.gradients(X, y)["0.W"] / net.params["0.W"]).item()), 4)
>>> share(1), share(4)
(0.1, 0.025)
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params
from reference_mlp.network import Tape


class PenaltyDividedByN(Network):
    def backward_from(self, tape: Tape, dz: Array) -> tuple[Params, Array]:
        grads: Params = {}
        for i in reversed(range(len(self.layers))):
            dz, of_layer = self.layers[i].backward(tape.caches[i], dz, self._params_of(i))
            for own, g in of_layer.items():
                name = self._names[i][own]
                # Parameters that two layers share have the sum of both gradients.
                grads[name] = grads[name] + g if name in grads else g
        for name, g in self._penalty_gradients().items():
            grads[name] = grads[name] + g / len(dz)  # BUG: the loss adds the penalty undivided
        return {name: grads[name] for name in self.params}, dz


bug = Bug(
    replaces={"network": PenaltyDividedByN},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "tied_weights",
        "per_sample",
        "duplicated_batch",
        "batch_cut",
        "after_training",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$dW = x^\top dz + \lambda W$",
    wrong=r"$dW = x^\top dz + \tfrac{\lambda}{N} W$",
    symptom="The penalty has next to no effect, and less with larger batches.",
    preconditions="A strength above 0 and a batch of more than one sample.",
    why_missed="Checks without a penalty, or on one sample, agree.",
    fix="Put the penalty inside the mean or outside of it, in loss and gradient alike.",
    origin=("synthetic",),
    related=("GB048", "GB034"),
)
