r"""Weights reshaped where they should be transposed.

A matrix product says that (3, 5) was expected and (5, 3) was given. `reshape` makes (3, 5) of it
and `.T` makes (3, 5) of it, and to whoever reads shapes only, these are two names for one thing.
Here it is the backward pass: `dz @ W.reshape(W.shape[::-1])`. It runs at every size and has every
shape right.

Transposing keeps row and column of each number and swaps them. Reshaping keeps the order in memory
and cuts it into rows of another length, so that most numbers land in a row that they never
belonged to. For a vector the two agree, thus for a last layer with one output there is no fault.
For a square $W$ reshaping to its own shape does nothing, and the transpose is missing altogether.

What goes down is then the error through a matrix that has nothing to do with $W$ but its
numbers. With one hidden layer that is not as bad as it sounds: the last layer is trained rightly,
and can make do with features that are hardly trained. Lillicrap et al. (2016) had networks learn
with random matrices in the backward pass on purpose. So 5,000 digits come out at 84 % after two
epochs and 89 % after ten, where 87 % and 90 % are right, and nobody looks for a fault. With three
hidden layers of 32, three runs out of three ended in NaN.

The identity for an upstream gradient brings down the matrix that was used, row by row, where the
rows of $W^T$ are 1, 3, 5 and 2, 4, 6:

>>> import numpy as np
>>> params = {"W": np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), "b": np.zeros(2)}
>>> ReshapeForTranspose().backward(np.zeros((2, 3)), np.eye(2), params)[0]
array([[1., 2., 3.],
       [4., 5., 6.]])
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class ReshapeForTranspose(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].reshape(params["W"].shape[::-1])  # BUG: W^T in shape only
        dW = x.T @ dz
        db = dz.sum(axis=0)
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": ReshapeForTranspose},
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
        "class_names",
        "after_training",
        "equal_arrays",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$\dfrac{\partial L}{\partial x} = \dfrac{\partial L}{\partial z} \, W^T$",
    wrong=(
        r"$\dfrac{\partial L}{\partial x} = \dfrac{\partial L}{\partial z} \, V$, "
        "with $V$ of the shape of $W^T$ and the entries of $W$ in the order of $W$"
    ),
    symptom=(
        "A network with one hidden layer ends one to three points below its accuracy, a deeper one "
        "doesn't train or diverges. A linear classifier has nothing wrong with it."
    ),
    preconditions=(
        "A $W$ of more than one row and more than one column, and a layer below it, or somebody "
        "who uses the gradient of the inputs."
    ),
    why_missed=(
        "Shapes are right at every size, and a shallow network learns nearly as well as with the "
        "right gradient. Every gradient check finds it."
    ),
    fix="`W.T`. `reshape` never swaps axes.",
    origin=("Andrej Karpathy, 1 July 2018: thinking view() and permute() are the same thing",),
    related=("GB065", "GB066"),
)
