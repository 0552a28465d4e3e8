r"""Gradients clipped on the way, without a word.

Exploding gradients are cut off with `np.clip(g, -c, c)`, and the line tends to be put where the
gradients are made, inside the backward pass, with a constant that nobody passes in. From then on
the function no longer returns the gradient of anything. For entries below the constant nothing
changes; the others are cut, each by itself, so that the direction turns towards the corners
of a cube. Clipping by the norm would at least keep it.

The caller can't know. A gradient check made with small weights and standardised inputs never
reaches the limit. Training on inputs of 0 to 255 reaches it in every entry of the first layer, and
what remains there of the gradient is its sign. Losses of several terms are clipped together with
whatever dominates. And the explosion that the line was meant for is still there, only
quieter.

As a step of the optimiser, under its name and with its limit as an argument, clipping is a
sound method. What is wrong is the place.

>>> X, dz = 100 * np.array([[1.0, -0.00004, 2.0]]), np.array([[0.5]])
>>> _, grads = ClippingLinear().backward(X, dz, {"W": np.ones((3, 1)), "b": np.zeros(1)})
>>> (X.T @ dz).ravel(), grads["W"].ravel()
(array([ 5.e+01, -2.e-03,  1.e+02]), array([ 0.005, -0.002,  0.005]))
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class ClippingLinear(Linear):
    limit = 0.005

    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        dx, grads = super().backward(cache, dz, params)
        c = self.limit
        return dx, {name: np.clip(g, -c, c) for name, g in grads.items()}  # BUG: not what was asked


bug = Bug(
    replaces={"linear": ClippingLinear},
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
        "saturated_differences",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dW = x^\top dz$",
    wrong=r"$dW = \min(\max(x^\top dz, -c), c)$, entry by entry",
    symptom="With large inputs the first layer's gradient is a table of $c$ and $-c$.",
    preconditions="A gradient with an entry beyond the limit.",
    why_missed="Small weights and standardised inputs keep every entry below the limit.",
    fix="Clip in the training step, by the norm, where the caller asks for it.",
    origin=("synthetic",),
    related=("GB129",),
    also=forms("linear", ClippingLinear, "clipped at", limit=(0.01, 0.1, 0.5, 1, 5, 10)),
)
