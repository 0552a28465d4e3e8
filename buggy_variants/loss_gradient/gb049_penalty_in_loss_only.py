r"""A penalty that is only reported.

`loss = data_loss + reg_loss` is added in the forward pass, and the backward pass is left as it
was: it starts from the logits, where the penalty is nowhere to be seen. The penalty reaches the
gradient by another way, directly at the weights, and that line is easy to forget because no
chain of derivatives leads there.

So the penalty is computed, printed and plotted, and has no effect. Raising its strength raises the
loss by a constant amount and leaves every weight as it is. A search over strengths
finds the smallest to be the best if it goes by the training loss, and finds no difference if it
goes by accuracy. What looks like a network that is robust to regularisation is a network that
has none.

The weights below are the same after training at two strengths, and the losses aren't:

>>> import numpy as np
>>> from reference_mlp import SGD, mlp, train_step
>>> def trained(strength):
...     rng = np.random.default_rng(0)
...     net = mlp((3, 2), rng=rng, l2=strength, penalty=PenaltyReportedOnly)
...     X, y, step = rng.normal(size=(8, 3)), rng.integers(2, size=8), SGD(0.5)
...     losses = [train_step(net, step, X, y) for _ in range(50)]
...     return round(losses[-1], 3), round(float(np.linalg.norm(net.params["0.W"])), 3)
>>> trained(0.0), trained(0.5)
((0.291, 2.846), (2.296, 2.846))
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import L2Penalty
from reference_mlp._arrays import Array, Params


class PenaltyReportedOnly(L2Penalty):
    def gradient(self, params: Mapping[str, Array]) -> Params:
        return {}  # BUG: the gradient of the penalty is strength * W


bug = Bug(
    replaces={"penalty": PenaltyReportedOnly},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "tied_weights",
        "after_training",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$dW = x^\top dz + \lambda W$",
    wrong=r"$dW = x^\top dz$, while $L$ contains $\tfrac{\lambda}{2} \lVert W \rVert^2$",
    symptom="The strength of the penalty changes the printed loss and nothing else.",
    preconditions="A strength above 0.",
    why_missed="Checks made without the penalty pass, and training looks as it did before.",
    fix="Add `strength * W` to the gradient of each weight.",
    origin=("synthetic",),
    related=("GB047", "GB121"),
)
