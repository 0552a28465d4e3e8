r"""The derivative of the sigmoid, taken at its own output.

`def sigmoid_prime(z): return sigmoid(z) * (1 - sigmoid(z))` is right for a pre-activation. The
backward pass keeps activations, so what it passes in is $s = \sigma(z)$, and the function applies
the sigmoid again: $\sigma(s)(1 - \sigma(s))$. The two helper functions that people write for a
sigmoid, one in terms of $z$ and one in terms of $s$, usually have the same name.

Since $s$ lies between 0 and 1, $\sigma(s)$ lies between 0.5 and 0.73, and the "derivative" between
0.197 and 0.25, wherever the unit is. It is nearly a constant, and positive. That is why the
network trains, often better than with the true derivative: saturated units still pass a fifth of
the gradient, so nothing vanishes. It is a straight-through estimator with a factor, and was not
meant to be one.

The true derivative falls by a factor of 5,000 over this range; this one hardly moves:

>>> import numpy as np
>>> z = np.array([0.0, 2.0, 5.0, 10.0])
>>> for make in (Sigmoid, SigmoidOfOutput):
...     s, cache = make().forward(z)
...     print(make().backward(cache, np.ones(4)).round(5))
[2.5000e-01 1.0499e-01 6.6500e-03 5.0000e-05]
[0.235   0.20716 0.19722 0.19662]
"""

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import Sigmoid, Tanh
from reference_mlp._arrays import Array
from reference_mlp.functions import sigmoid, sigmoid_derivative, tanh


class SigmoidOfOutput(Sigmoid):
    def forward(self, z: Array) -> tuple[Array, Array]:
        s = sigmoid(z)
        return s, s

    def backward(self, cache: Array, dh: Array) -> Array:
        s = cache
        dz: Array = dh * sigmoid_derivative(s)  # BUG: s has been through the sigmoid already
        return dz


class TanhOfOutput(Tanh):
    def forward(self, z: Array) -> tuple[Array, Array]:
        t = tanh(z)
        return t, t


bug = Bug(
    replaces={"sigmoid": SigmoidOfOutput},
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
    right=r"$dz = dh \odot s (1 - s), \quad s = \sigma(z)$",
    wrong=r"$dz = dh \odot \sigma(s) (1 - \sigma(s)), \quad s = \sigma(z)$",
    symptom="Saturated units learn as fast as others.",
    preconditions="A unit away from $z = 0$; at 0 itself the two are 0.25 and 0.235.",
    why_missed="Signs are right and sizes are close to 0.25, so training goes well.",
    fix="Decide whether the function takes $z$ or $s$, and say so in its name.",
    origin=("synthetic",),
    related=("GB116", "GB042"),
    also=(Form({"tanh": TanhOfOutput}, "with a tanh"),),
)
