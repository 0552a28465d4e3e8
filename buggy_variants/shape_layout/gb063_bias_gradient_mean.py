r"""Bias gradient averaged twice.

Every formula with a batch in it has a $1/N$ somewhere, and it must be there once. Here the loss
has it: its gradient is divided by N already, so each row of `dz` is a share, and the bias's
gradient is the sum of the shares. `dz.mean(axis=0)` divides again. The line doesn't look odd beside
a mean loss, and with the sum in the weights hidden in a matrix product, `x.T @ dz`, there is no
other to compare it with.

So biases learn N times slower than weights. At a batch of 100 that is next to not at all,
and nobody misses them much: the weights of a first layer with standardised inputs do most of the
work. Optimisers that divide by the gradient's own size, such as Adam, repair it unasked.

The direction of the bias's gradient is right, so its cosine with a numerical one is 1, and with a
batch of one even its length is. Ratios tell, entry by entry:

>>> import numpy as np
>>> x, dz = np.ones((4, 3)), np.array([[1.0], [2.0], [3.0], [6.0]])
>>> params = {"W": np.ones((3, 1)), "b": np.zeros(1)}
>>> BiasGradientMean().backward(x, dz, params)[1]["b"], Linear().backward(x, dz, params)[1]["b"]
(array([3.]), array([12.]))
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class BiasGradientMean(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        dW = x.T @ dz
        db = dz.mean(axis=0)  # BUG: the loss has divided by N already
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": BiasGradientMean},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "tied_weights",
        "per_sample",
        "duplicated_batch",
        "batch_cut",
        "saturated_differences",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$\dfrac{\partial L}{\partial b_k} = \sum_i \dfrac{\partial L}{\partial z_{ik}}$",
    wrong=(
        r"$\dfrac{\partial L}{\partial b_k} = "
        r"\dfrac1N \sum_i \dfrac{\partial L}{\partial z_{ik}}$"
    ),
    symptom="Biases hardly move, the less the larger the batch. Accuracy suffers little.",
    preconditions="A batch of more than one sample.",
    why_missed=(
        "With one sample sum and mean are the same. A cosine similarity is blind to a factor, and "
        "a check of the weights alone doesn't ask."
    ),
    fix="`db = dz.sum(axis=0)`; the mean belongs into the loss, once.",
    origin=("synthetic",),
    related=("GB031", "GB062", "GB143"),
)
