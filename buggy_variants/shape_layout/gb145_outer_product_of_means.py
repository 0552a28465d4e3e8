r"""Outer product of the means.

For one sample the gradient of the weights is an outer product, input by error. The batch is then
dealt with as an afterthought: average what there is to average and carry on. The mean input and the
summed error are each of the right shape, `np.outer` of them is (D, H), and the code that worked
for one sample works for many.

A mean of products isn't a product of means. The difference between them is the covariance of
input and error, and that is what a layer learns from: which inputs were large when the error was.
Left is a matrix of rank 1, in which every unit is moved along the same direction in the space of
inputs, that of the mean input. With standardised inputs the mean is about zero, and so is the
gradient, and training of the first layer comes to a halt.

Biases are right, and with a batch of one everything is. Two samples with opposite inputs and
opposite errors are all it takes:

>>> x, dz = np.array([[1.0], [-1.0]]), np.array([[0.5], [-0.5]])
>>> params = {"W": np.zeros((1, 1)), "b": np.zeros(1)}
>>> OuterOfMeans().backward(x, dz, params)[1]["W"], Linear().backward(x, dz, params)[1]["W"]
(array([[0.]]), array([[1.]]))
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class OuterOfMeans(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        db = dz.sum(axis=0)
        dW = np.outer(x.mean(axis=0), db)  # BUG: the mean of the products is another matrix
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": OuterOfMeans},
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
        "batch_cut",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dW = \sum_i x_i^T \, dz_i$",
    wrong=r"$dW = \bar x^T \sum_i dz_i$",
    symptom=(
        "Each weight gradient has rank 1. A network on standardised inputs hardly learns, least of "
        "all in large batches."
    ),
    preconditions="A batch of more than one sample.",
    why_missed="A check with a single sample finds every entry right, at any size of layer.",
    fix="`dW = x.T @ dz`, which sums the outer products of the samples.",
    origin=("synthetic",),
    related=("GB062", "GB063"),
)
