r"""Squeeze that drops a single output.

`np.squeeze` takes away axes of length 1. It is put there to turn (1, H) into (H,), does so, and
nobody thinks of it again. It doesn't know which axis was meant. A layer with one output has a bias
of shape (1,), and its gradient, squeezed, has shape (): a number.

Much of NumPy treats the two alike, which is why the line lives. `b -= learning_rate * db`
broadcasts the number and is right. Code that compares shapes raises. Code that joins all gradients
in one vector by `concatenate` raises too, since an array without axes can't be joined, and
code that iterates over them raises in a third way, always in the one network that predicts a single
value and never in those with ten classes that the layer was tested on.

The value is right to the last digit. Only a test that asks for shapes, at a width of 1, can object:

>>> x = np.ones((5, 2))
>>> for n_out in (3, 1):
...     params = {"W": np.ones((2, n_out)), "b": np.zeros(n_out)}
...     db = BiasGradientSqueezed().backward(x, np.ones((5, n_out)), params)[1]["b"]
...     print(params["b"].shape, np.shape(db))
(3,) (3,)
(1,) ()
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class BiasGradientSqueezed(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        dW = x.T @ dz
        db = np.squeeze(dz.sum(axis=0, keepdims=True))  # BUG: of one output nothing is left
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": BiasGradientSqueezed},
    severity=Severity.CRASH,
    flagged_by=(
        "parameter_differences",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "batch_cut",
        "after_training",
        "shapes_and_dtypes",
    ),
    crashes_in={
        "step_follows_gradient": ValueError,
        "parameters_move": ValueError,
        "first_order_decrease": ValueError,
    },
    right="$db$ has shape $(H,)$ for every $H$",
    wrong="$db$ has shape $(H,)$ for $H > 1$ and $()$ for $H = 1$",
    symptom=(
        "Classifiers work. The first regression with one output fails with an error about arrays "
        "of zero dimensions, somewhere else."
    ),
    preconditions="A layer with a single output.",
    why_missed="Layers are tested with several outputs, and an update in place broadcasts.",
    fix="`dz.sum(axis=0)`, or `squeeze(axis=0)` where an axis must go: it names the one meant.",
    origin=("synthetic",),
    related=("GB062", "GB143"),
)
