r"""Bias gradient not summed over the batch.

The derivative of $z = x W + b$ by $b$ is 1, so the bias's gradient is the upstream gradient:
`db = dz`. For one sample that is the whole story. For a batch, broadcasting has added the same
$b$ to every row, and whoever is used N times collects N gradients: `dz.sum(axis=0)`.

What happens to a gradient of shape (N, H) for a bias of shape (H,) hangs on how the update is
written. `b -= learning_rate * db` raises, because NumPy won't grow an array in place, and the
optimisers here check shapes before they move anything. `b = b - learning_rate * db` is fine with
it. The bias becomes a table of N rows, the next forward pass adds it row by row, and every place
in the batch now has a bias of its own, trained on the samples that happened to land there. It
learns digits as well as the right code does. Then the last batch is smaller, or somebody predicts
a single sample, and a shape error appears in a line that has been right all along.

With a batch of one the shapes are (1, H) and (H,), and even a check of every entry passes once
one of them is flattened.

The bias after one update that isn't in place, and what a smaller batch then makes of it:

>>> import numpy as np
>>> x, dz, params = np.ones((5, 2)), np.ones((5, 3)), {"W": np.ones((2, 3)), "b": np.zeros(3)}
>>> layer = BiasGradientUnreduced()
>>> params["b"] = params["b"] - 0.1 * layer.backward(x, dz, params)[1]["b"]
>>> params["b"].shape
(5, 3)
>>> layer.forward(x[:4], params)  # doctest: +IGNORE_EXCEPTION_DETAIL
Traceback (most recent call last):
    ...
ValueError: operands could not be broadcast together with shapes (4,3) (5,3)
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class BiasGradientUnreduced(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        dW = x.T @ dz
        db = dz  # BUG: (N, n_out), one row a sample, for a bias of shape (n_out,)
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": BiasGradientUnreduced},
    severity=Severity.CRASH,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "tied_weights",
        "per_sample",
        "duplicated_batch",
        "row_order",
        "class_names",
        "batch_cut",
        "saturated_differences",
        "equal_arrays",
        "shapes_and_dtypes",
    ),
    crashes_in={
        "two_networks": ValueError,
        "after_training": ValueError,
        "step_follows_gradient": ValueError,
        "parameters_move": ValueError,
        "convex_optimum": ValueError,
        "first_order_decrease": ValueError,
        "overfits_32_digits": ValueError,
        "convergence": ValueError,
        "history_reported": ValueError,
        "fit_replays": ValueError,
    },
    right=r"$\dfrac{\partial L}{\partial b_k} = \sum_i \dfrac{\partial L}{\partial z_{ik}}$",
    wrong=(
        r"$\dfrac{\partial L}{\partial b_k} = \dfrac{\partial L}{\partial z_{ik}}$, "
        "one for each sample $i$"
    ),
    symptom=(
        "An update in place raises a `ValueError` about shapes. Any other update turns the bias "
        "into a matrix with as many rows as the batch, and the error comes later, at the first "
        "batch of another size."
    ),
    preconditions="None for the shape; a batch of more than one sample for the values.",
    why_missed=(
        "With one sample the values are right, and a comparison that broadcasts, such as "
        "`np.allclose(db, numeric)`, doesn't mind (1, H) beside (H,)."
    ),
    fix="`db = dz.sum(axis=0)`, and an assertion that each gradient has its parameter's shape.",
    origin=("jimfleming/differentiation#1", "deeplearning4j/nd4j#2424"),
    related=("GB063", "GB143"),
)
