r"""Weights rounded to float32 at each step.

Training is asked to run in float64, and does: inputs, activations, gradients. The update rounds
to float32 before it stores, by a cast that was once there to save memory in checkpoints. A step
smaller than half the spacing of the float32 numbers around a weight is then no step. Around 1
that spacing is $10^{-7}$. With a learning rate of $10^{-3}$, weights whose gradients are below $6
\cdot 10^{-5}$ have stopped learning, and a million such steps in the same direction move them no
further than one.

In early training gradients are larger than that. The loss falls as it should, test accuracy is
the same, and the weights are float64 arrays. It shows at the end: with a small learning rate
after a decay, or in fine-tuning, or wherever full-batch descent is supposed to run into a
minimum, the loss stops a little above. In float32 networks this happens as well, and there it is
the price that was agreed on; in half precision it happens within the first epoch, which is why
mixed-precision training keeps a master copy of the weights.

A thousand steps of $10^{-8}$ from 1, which should arrive at 0.99999:

>>> params = {"0.W": np.array([[1.0]])}
>>> for _ in range(1000):
...     RoundedSGD(1e-8).step(params, {"0.W": np.array([[1.0]])})
>>> float(params["0.W"][0, 0])
1.0
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import SGD
from reference_mlp._arrays import Array, Params, require_same_shapes


class RoundedSGD(SGD):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        for name, g in grads.items():
            moved = params[name] - self.learning_rate * g
            params[name][...] = moved.astype(np.float32)  # BUG: small steps round to none


bug = Bug(
    replaces={"sgd": RoundedSGD},
    severity=Severity.WORSE,
    flagged_by=(
        "optimiser_rules",
        "step_follows_gradient",
        "first_order_decrease",
    ),
    right=r"$p \leftarrow p - \eta g$",
    wrong=r"$p \leftarrow \mathrm{fl}_{32}(p - \eta g)$",
    symptom=(
        "The loss levels off a little above its minimum, and weights stop changing in the last "
        "digits though their gradients are not zero."
    ),
    preconditions="A float64 network and steps below $6 \\cdot 10^{-8}$ of the weights.",
    why_missed=(
        "Gradients are right, and curves of the first epochs can't be told from the right ones. "
        "Comparing a step with its formula to six digits shows nothing."
    ),
    fix="`params[name] -= self.learning_rate * g`, in the parameters' own dtype.",
    origin=("synthetic",),
    related=("GB095",),
    dtypes=("float64",),
)
