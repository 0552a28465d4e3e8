r"""Bias gradient as a row.

With `keepdims=True` a sum keeps its axis, at length 1. That is what one wants for a softmax, where
the sum goes back into a division, and the habit carries over: `dz.sum(axis=0, keepdims=True)` is a
row (1, H). The bias it belongs to is a vector (H,). The numbers are right.

Two conventions for a bias, the vector and the row, are both in use, and each is fine by itself.
Mixed they broadcast, nearly always as intended. `b - learning_rate * db` makes a (1, H) out of
the bias, adds to (N, H) as before, and the saved model has another shape than the fresh one. `b -=`
raises. An optimiser that keeps a velocity in the shape of the first gradient works for as long as
nobody loads a checkpoint. And whoever compares with `np.allclose` is told that all is well, because
it broadcasts as well.

>>> import numpy as np
>>> x, dz, params = np.ones((5, 2)), np.ones((5, 3)), {"W": np.ones((2, 3)), "b": np.zeros(3)}
>>> db = BiasGradientRow().backward(x, dz, params)[1]["b"]
>>> np.allclose(db, dz.sum(axis=0)), db.shape, (params["b"] - 0.1 * db).shape
(True, (1, 3), (1, 3))
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class BiasGradientRow(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        dW = x.T @ dz
        db = dz.sum(axis=0, keepdims=True)  # BUG: (1, H) for a bias of shape (H,)
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": BiasGradientRow},
    severity=Severity.CRASH,
    flagged_by=(
        "parameter_differences",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "tied_weights",
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
    right="$db$ has the shape $(H,)$ of $b$",
    wrong="$db$ has shape $(1, H)$",
    symptom=(
        "An update in place raises a `ValueError`; any other silently turns the bias into a row, "
        "which a saved model or an optimiser's state then disagrees with."
    ),
    preconditions="None.",
    why_missed="All numbers are right, and comparisons broadcast.",
    fix="`dz.sum(axis=0)` for a bias of shape (H,); one convention, asserted.",
    origin=("synthetic",),
    related=("GB062", "GB142"),
)
