r"""Activation's derivative applied twice.

One place to multiply by $f'(z)$ is the activation's own backward; another is the code around it,
the linear layer or the loss. When both do, or when one person writes the first and another the
second, the gradient below carries $f'(z)^2$.

For tanh the derivative lies between 0 and 1, so the square is smaller. At small pre-activations,
where $\tanh' \approx 1$, there is next to no difference, and that is where networks start. Away
from 0 the factor shrinks what a saturated unit passes on a second time: at
$z = 1$ the derivative is 0.42 and its square 0.18. Within the layer itself every entry keeps its
sign, so for a single sample each step still goes downhill, only shorter where units are
saturated. Over several layers the factors multiply, and gradients vanish sooner than they
should.

Relu hides this bug completely. Its derivative is 0 or 1 and so its own square, and a mask
applied twice is the mask. Code that was tested with relu alone may carry it for years and fail on
the day somebody asks for tanh.

The factor at 0, 1 and 2, right and squared:

>>> import numpy as np
>>> for tanh in (Tanh(), TanhTwiceDerived()):
...     _, cache = tanh.forward(np.array([0.0, 1.0, 2.0]))
...     print(tanh.backward(cache, np.ones(3)).round(3))
[1.    0.42  0.071]
[1.    0.176 0.005]
"""

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import Sigmoid, Tanh
from reference_mlp._arrays import Array
from reference_mlp.functions import sigmoid_derivative, tanh_derivative


class TanhTwiceDerived(Tanh):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        dz: Array = dh * tanh_derivative(z)
        dz *= tanh_derivative(z)  # BUG: dz has this factor in it already
        return dz


class SigmoidTwiceDerived(Sigmoid):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        dz: Array = dh * sigmoid_derivative(z) ** 2
        return dz


bug = Bug(
    replaces={"tanh": TanhTwiceDerived},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "tied_weights",
        "extreme_activations",
        "after_training",
        "equal_arrays",
        "first_order_decrease",
    ),
    right=r"$dz = dh \odot (1 - t^2)$",
    wrong=r"$dz = dh \odot (1 - t^2)^2$",
    symptom="Gradients below a saturated layer are too small; lower layers learn more slowly.",
    preconditions=r"An activation whose derivative is neither 0 nor 1, away from $z = 0$.",
    why_missed=(
        "Signs and shapes are right, the factor is close to 1 for small weights, and training "
        "ends where it should. With relu the bug is no bug."
    ),
    fix="Let exactly one place multiply by the derivative: the activation's backward.",
    origin=("synthetic",),
    related=("GB040", "GB041"),
    also=(Form({"sigmoid": SigmoidTwiceDerived}, "of the sigmoid"),),
)
