r"""Tanh where its derivative belongs.

The functions of an activation come in pairs, `tanh` and `dtanh`, and the second is written by
copying the first. When the body is not changed, `dtanh(x)` returns $\tanh x$. The table of
activations has all its entries, the names are right, and nothing distinguishes the two by shape.

What a unit passes down is then its value in place of its slope. A unit near 0, whose derivative is
1 and which should pass everything, passes nothing; a saturated one, which should pass nothing,
passes everything; and a negative one passes its gradient with the wrong sign. Since
hidden units start around 0 with either sign, the lower layers receive something that is
neither small nor large, and points in no direction in particular. The layer above the
activation is unaffected, and does what learning there is on top of features that drift.

Where the derivative is 1, 0.42 and nearly 0, this has 0, 0.76 and nearly 1:

>>> import numpy as np
>>> z = np.array([0.0, 1.0, -1.0, 5.0])
>>> for make in (Tanh, TanhForDerivative):
...     h, cache = make().forward(z)
...     print(make().backward(cache, np.ones(4)).round(4))
[1.0e+00 4.2e-01 4.2e-01 2.0e-04]
[ 0.      0.7616 -0.7616  0.9999]
"""

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import Sigmoid, Tanh
from reference_mlp._arrays import Array
from reference_mlp.functions import sigmoid, tanh


class TanhForDerivative(Tanh):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        dz: Array = dh * tanh(z)  # BUG: tanh itself, and not 1 - t^2
        return dz


class SigmoidForDerivative(Sigmoid):
    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        dz: Array = dh * sigmoid(z)
        return dz


bug = Bug(
    replaces={"tanh": TanhForDerivative},
    severity=Severity.WRONG,
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
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dz = dh \odot (1 - t^2)$",
    wrong=r"$dz = dh \odot t$",
    symptom="Lower layers wander; the network learns about as well as its last layer can alone.",
    preconditions="A hidden layer of tanh.",
    why_missed="The last layer learns, and a wide enough network gets far on random features.",
    fix="`dz = dh * (1 - t**2)`, $t$ being the tanh; test each such pair against differences.",
    origin=("andersbll/nnet#4",),
    related=("GB042", "GB045"),
    also=(Form({"sigmoid": SigmoidForDerivative}, "with a sigmoid"),),
)
