r"""Relu's backward masks by the sign of the upstream gradient.

Relu is zero where its argument is negative, and so, by analogy, its backward pass is made to be
zero where *its* argument is negative: `dh * (dh > 0)`. Forward and backward then look alike,
which pleases the eye. But the argument of the backward pass is the upstream gradient, whose sign
says whether the loss would rise with the unit, not whether the unit was active.

Two kinds of entries come out wrong. An active unit whose upstream gradient is negative, one
that should grow, receives nothing. An inactive one whose upstream gradient is positive
receives a gradient that it shouldn't. Only positive gradients arrive at all, so biases only ever
fall, and with inputs that are not negative, such as pixels, weights too. On digits every hidden
unit is off within an epoch, the logits no longer depend on the input, and the loss stands at
$\ln 10 = 2.303$.

The rule is known by another name. It is how the deconvnet of Zeiler and Fergus sends signals
back through relu, for pictures of what a unit responds to. As a picture it has its uses; as a
gradient it is wrong, and code written for the one is sometimes taken for the other.

The four cases, active or not and upstream gradient positive or not:

>>> import numpy as np
>>> z, dh = np.array([1.0, 1.0, -1.0, -1.0]), np.array([2.0, -2.0, 2.0, -2.0])
>>> Relu().backward(z, dh) + 0.0, ReluMaskingByUpstream().backward(z, dh) + 0.0
(array([ 2., -2.,  0.,  0.]), array([2., 0., 2., 0.]))
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Relu
from reference_mlp._arrays import Array


class ReluMaskingByUpstream(Relu):
    def backward(self, cache: Array, dh: Array) -> Array:
        dz: Array = dh * (dh > 0)  # BUG: z, not dh, says which units were active
        return dz


bug = Bug(
    replaces={"relu": ReluMaskingByUpstream},
    severity=Severity.WRONG,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "relu_at_zero",
        "extreme_activations",
        "after_training",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dz = dh \odot [z > 0]$",
    wrong=r"$dz = dh \odot [dh > 0]$",
    symptom=(
        r"Hidden biases only fall. Sooner or later all units are off, the outputs are the same "
        r"for every input, and the loss is $\ln K$."
    ),
    preconditions="An active unit whose upstream gradient is negative, or the reverse.",
    why_missed=(
        "A test with positive arguments and an upstream gradient of ones finds nothing, because "
        "there both masks are 1 everywhere. Shapes and sparsity look right."
    ),
    fix="`dz = dh * (z > 0)`.",
    origin=(
        "notebook 003, lines 85-88",
        "notebook 003, line 199: no hidden layer, so that the relu was never run",
        "utkuozbulak/pytorch-cnn-visualizations#36",
    ),
    related=("GB041", "GB045", "GB099"),
)
