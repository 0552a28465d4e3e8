r"""The first row of the weights left out.

Written with loops, a weight gradient is `for i in range(n_in): for j in range(n_out): ...`.
Where the bias is kept as weight number 0, its loop is a separate one and the other begins at 1.
Bring the two conventions together, a loop from 1 and a bias of its own, and weight
number 0 belongs to neither. It keeps the value that it was drawn with.

The network is hardly worse for it. One input in each layer is connected by fixed random
weights, all others are trained, and the biases and the other units make up for what it
contributes. On images the first pixel is black in every sample anyway. A check that samples ten
entries of a matrix with 784 rows meets row 0 about once in eighty times, and one that
compares norms sees a difference in the third digit.

It takes every entry. The right gradient of the first row is 3 and 3:

>>> x, dz = np.array([[1.0, 2.0], [2.0, 0.0]]), np.ones((2, 2))
>>> params = {"W": np.ones((2, 2)), "b": np.zeros(2)}
>>> FirstRowLeftOut().backward(x, dz, params)[1]["W"]
array([[0., 0.],
       [2., 2.]])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class FirstRowLeftOut(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        dW = np.zeros_like(params["W"])
        for i in range(1, len(dW)):  # BUG: row 0 is a weight like all others
            dW[i] = x[:, i] @ dz
        db = dz.sum(axis=0)
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": FirstRowLeftOut},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "layer_adjoints",
        "layer_differences",
        "tied_weights",
        "after_training",
        "equal_arrays",
        "convex_optimum",
        "first_order_decrease",
    ),
    right=r"$dW_{ij} = \sum_n x_{ni}\, dz_{nj}$ for $i = 0, 1, \ldots$",
    wrong=r"$dW_{ij} = \sum_n x_{ni}\, dz_{nj}$ for $i = 1, 2, \ldots$, and $dW_{0j} = 0$",
    symptom="The first input of every layer keeps its initial weights.",
    preconditions="None.",
    why_missed="Most entries are right: a sample of ten, or a norm, passes.",
    fix="`range(n_in)`, or no loop: `x.T @ dz`. Check every entry, or random directions.",
    origin=("blog.primen.dk, Numerical Gradient Checking: the off by 1",),
    related=("GB120", "GB117"),
)
