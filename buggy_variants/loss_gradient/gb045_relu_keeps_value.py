r"""Relu's backward multiplies by its value.

"The gradient passes where the unit is active": so the backward pass multiplies by the
activation, which is zero where the unit is off. It should multiply by the *derivative* of the
activation, 1 where the unit is on, and what stands there instead is $h$, the value itself. The
habit comes from sigmoid and tanh, whose derivatives are written in terms of the output.

Inactive units are treated rightly, and every other entry has the right sign and the wrong size. A
unit just above 0 gets almost no gradient, and one with a value of 3 gets three times its share. A
layer's values are of order 1 when it was initialised with care, so the gradients are of the right
order too, and with one hidden layer and a single sample each step still goes downhill. On
digits the network trains to within a few points of the right one's accuracy, and learns 32 digits
by heart.

What it has in fact is a learning rate for each unit and sample, in proportion to how active the
unit is. With large inputs or several layers the factors multiply, and gradients grow or
vanish with the scale of the data: the derivative of relu does not depend on that scale, this does.

The derivative at $-1$, 0.1, 1 and 3, which should be 0, 1, 1 and 1:

>>> ReluKeepingValue().backward(np.array([-1.0, 0.1, 1.0, 3.0]), np.ones(4)) + 0.0
array([0. , 0.1, 1. , 3. ])
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Relu
from reference_mlp._arrays import Array


class ReluKeepingValue(Relu):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        dz: Array = dh * np.maximum(z, 0)  # BUG: an active unit's derivative is 1, not h
        return dz


bug = Bug(
    replaces={"relu": ReluKeepingValue},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "extreme_activations",
        "after_training",
        "first_order_decrease",
    ),
    right=r"$dz = dh \odot [z > 0]$",
    wrong=r"$dz = dh \odot \max(z, 0)$",
    symptom=(
        "Training is a little worse than it should be, and more sensitive to scale: inputs ten "
        "times larger bring two factors of ten into the first layer's gradient, not one."
    ),
    preconditions="An active unit whose value is not 1.",
    why_missed=(
        "Zeros are where they belong and signs are right, so the network learns. A layer test on "
        "ones and zeros can't tell $h$ from 1."
    ),
    fix="`dz = dh * (z > 0)`.",
    origin=("notebook 003, lines 85-88",),
    related=("GB041", "GB044", "GB099"),
)
