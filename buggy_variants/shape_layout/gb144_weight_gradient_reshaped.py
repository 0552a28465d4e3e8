r"""Weight gradient reshaped to fit.

The product comes out as (H, D) and the weights are (D, H). Two ways lead from one shape to the
other, and the error message, which knows only shapes, is content with either. `reshape(W.shape)`
is often the one that is found first, since it says in so many words what is wanted.

It moves no number. The entries stay in the order in which they lie in memory and are cut into rows
of another length, so that the derivative by the weight from input 0 to unit 1 is credited to
some other weight. For a layer with one output or one input both ways agree. For all others
it is a gradient with its entries shuffled, whose norm, mean and largest entry are exactly right.

What is left of the direction is chance: of the numbers in a wide matrix hardly more than the first
and the last stay in place. The step still has some of the right sign, and the layers above have
right gradients. A network may learn a little, which makes matters worse.

>>> import numpy as np
>>> x, dz = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 10.0]])
>>> params = {"W": np.zeros((3, 2)), "b": np.zeros(2)}
>>> WeightGradientReshaped().backward(x, dz, params)[1]["W"].tolist()
[[1.0, 2.0], [3.0, 10.0], [20.0, 30.0]]
>>> Linear().backward(x, dz, params)[1]["W"].tolist()
[[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]]
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class WeightGradientReshaped(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        dW = (dz.T @ x).reshape(params["W"].shape)  # BUG: a transpose in shape only
        db = dz.sum(axis=0)
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": WeightGradientReshaped},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "tied_weights",
        "class_names",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$\dfrac{\partial L}{\partial W} = x^T \dfrac{\partial L}{\partial z}$",
    wrong=(
        r"the entries of $\Bigl( \dfrac{\partial L}{\partial z} \Bigr)^T x$, in their order, "
        "in rows of the length of those of $W$"
    ),
    symptom="The loss falls a little or not at all, though all shapes and norms are right.",
    preconditions="A $W$ of more than one row and more than one column.",
    why_missed=(
        "Assertions about shapes and norms hold. Any gradient check that compares entries finds it "
        "at once, except in a layer with a single output."
    ),
    fix="`dW = x.T @ dz`, or `.T` of the other; `reshape` never swaps axes.",
    origin=("Andrej Karpathy, 1 July 2018: thinking view() and permute() are the same thing",),
    related=("GB064", "GB067"),
)
