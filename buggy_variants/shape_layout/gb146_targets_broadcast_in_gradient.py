r"""Targets broadcast in the gradient only.

The loss flattens both sides, `z.ravel() - y`, and is right. The gradient was written
on another day, has `z - y` with z of shape (N, 1) and y of shape (N,), and becomes a table (N, N).
That doesn't fit into the backward pass, so somebody averages the extra axis away. Every shape is
now right.

Averaged over the targets, $z_i - y_j$ is $z_i - \bar y$: each prediction is pulled to the mean of
the batch's targets, and no row knows its own. The gradient is that of another loss, which the
network follows while the true one is printed. It falls until predictions are the mean, then
stays, at half the variance of the targets. People take this for noise in the data.

It differs from the mistake made in both places, where the gradient fits the loss. Here differences
of the loss disagree at once. Predictions that are perfect should have no gradient at all:

>>> import numpy as np
>>> y = np.array([0.0, 1.0, 5.0])
>>> MeanTargetSquaredError().value(y[:, None], y)
np.float64(0.0)
>>> MeanTargetSquaredError().gradient(y[:, None], y).ravel().round(3)
array([-0.667, -0.333,  1.   ])
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import SquaredError
from reference_mlp._arrays import Array


class MeanTargetSquaredError(SquaredError):
    def gradient(self, z: Array, y: Array) -> Array:
        if y.ndim == 2:
            return super().gradient(z, y)
        r = (z - y).mean(axis=1, keepdims=True)  # BUG: (N, 1) less (N,) is (N, N)
        dz: Array = r / z.dtype.type(len(z))
        return dz


bug = Bug(
    replaces={"squared_error": MeanTargetSquaredError},
    severity=Severity.WRONG,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "layer_adjoints",
        "per_sample",
        "batch_cut",
        "after_training",
        "first_order_decrease",
    ),
    right=r"$\dfrac{\partial L}{\partial z_i} = \dfrac{z_i - y_i}{N}$",
    wrong=r"$\dfrac{\partial L}{\partial z_i} = \dfrac{z_i - \bar y}{N}$",
    symptom="All predictions come out at the mean of the targets, and the loss at their variance.",
    preconditions="One output, targets of shape (N,), and a batch of more than one sample.",
    why_missed=(
        "Shapes are right, a loss that falls and levels off looks like a hard problem, and a check "
        "with one sample finds the gradient exact."
    ),
    fix="`y.reshape(z.shape)` once, before loss and gradient both.",
    origin=("notebook 002, line 282: latent", "pytorch/pytorch#16045"),
    related=("GB061",),
)
