r"""Backward pass that transposes the weights only where it must.

Forwards it is `x @ W`, so backwards `dz @ W` comes to mind. It raises in the first layer tried,
and a transpose helps. Code that has to work for all layers then asks which of the two fits, by
comparing shapes or with a `try`. That settles every layer but one kind: of a square $W$ both fit,
and the first guess is the wrong one.

$W$ and $W^T$ have the same entries, the same norm and the same singular values, so
nothing vanishes or explodes at once. The gradient that arrives below is simply not the one of the
loss. For the weights of the square layer itself it still is, for all below it no longer: the error
begins one layer beneath, and grows with every square layer on the way. Looked at from the top the
backward pass is in order.

A network can learn in spite of it, since the layers above the fault are trained properly on
whatever features they are given. With three hidden layers of 32, two epochs of 5,000 digits gave
78 and 80 % instead of 86 and 90 %, and in a third run a network that gives the same answer for
every digit.

One unit of error at the first output should come back as the first column of $W$, here 1 and 3:

>>> import numpy as np
>>> params = {"W": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": np.zeros(2)}
>>> x, dz = np.zeros((1, 2)), np.array([[1.0, 0.0]])
>>> WeightsUntransposed().backward(x, dz, params)[0]
array([[1., 2.]])
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class WeightsUntransposed(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        W = params["W"]
        dx = dz @ (W if len(W) == dz.shape[1] else W.T)  # BUG: a square W fits untransposed too
        dW = x.T @ dz
        db = dz.sum(axis=0)
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": WeightsUntransposed},
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
        "after_training",
        "equal_arrays",
        "first_order_decrease",
    ),
    right=r"$\dfrac{\partial L}{\partial x} = \dfrac{\partial L}{\partial z} \, W^T$",
    wrong=r"$\dfrac{\partial L}{\partial x} = \dfrac{\partial L}{\partial z} \, W$ for square $W$",
    symptom=(
        "Networks with two hidden layers of one width lose accuracy or don't learn at all; those "
        "with hidden layers of different widths are fine."
    ),
    preconditions=(
        "A layer with as many inputs as outputs whose $W$ isn't symmetric, and a layer below it, "
        "or somebody who uses the gradient of the inputs."
    ),
    why_missed=(
        "All shapes are right, and so are the gradients of the square layer and of every layer "
        "above. A gradient check of a network with one hidden layer has no square matrix in it."
    ),
    fix="`dx = dz @ W.T`, at every size.",
    origin=("synthetic",),
    related=("GB064", "GB067"),
)
