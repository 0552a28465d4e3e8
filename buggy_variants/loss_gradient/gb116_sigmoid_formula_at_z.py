r"""The formula x (1 - x), at the pre-activation.

`def sigmoid_derivative(x): return x * (1 - x)` is in a thousand tutorials. It is right if `x` is
the sigmoid's output, which the name doesn't say, and the plain reading of a derivative is that it
takes the same argument as the function. Called with $z$, it returns $z (1 - z)$: a parabola,
which is positive between 0 and 1 only.

Most pre-activations are outside of that interval. A unit with negative $z$ passes its gradient with
the wrong sign, and so does one above 1. At $z = -3$ the factor is $-12$, where the derivative
is 0.045. The layers below therefore receive large gradients that point away from the minimum as
often as towards it, which sends more units far from zero, where the factor is larger still. The
layer above the activation is right, and may learn something before the inputs it relies on have
run away.

Compare the factors:

>>> import numpy as np
>>> z = np.array([-3.0, -1.0, 0.0, 0.5, 2.0])
>>> for make in (Sigmoid, SigmoidFormulaAtZ):
...     s, cache = make().forward(z)
...     print(make().backward(cache, np.ones(5)).round(3))
[0.045 0.197 0.25  0.235 0.105]
[-12.    -2.     0.     0.25  -2.  ]
"""

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import Sigmoid, Tanh
from reference_mlp._arrays import Array


class SigmoidFormulaAtZ(Sigmoid):
    def backward(self, cache: Array, dh: Array) -> Array:
        x = cache
        dz: Array = dh * x * (1 - x)  # BUG: the formula is for the output, and x is z
        return dz


class TanhFormulaAtZ(Tanh):
    def backward(self, cache: Array, dh: Array) -> Array:
        x = cache
        dz: Array = dh * (1 - x * x)
        return dz


bug = Bug(
    replaces={"sigmoid": SigmoidFormulaAtZ},
    severity=Severity.WRONG,
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
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dz = dh \odot s (1 - s), \quad s = \sigma(z)$",
    wrong=r"$dz = dh \odot z (1 - z)$",
    symptom="Hidden units run away from zero; the loss is erratic, and ends high.",
    preconditions="A hidden layer of sigmoids.",
    why_missed="The formula is the familiar one, and the name of its argument says nothing.",
    fix="Keep $s$ in the forward pass and hand that to the formula.",
    origin=("synthetic",),
    related=("GB115", "GB114"),
    also=(Form({"tanh": TanhFormulaAtZ}, "with a tanh"),),
)
