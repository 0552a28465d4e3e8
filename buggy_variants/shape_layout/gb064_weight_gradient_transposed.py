r"""Weight gradient transposed until it fits.

The book has column vectors, $z = W x$ and $\partial L / \partial W = \delta x^T$; the code has
samples in rows, and `x @ W`. Somebody copies the formula, `dz.T @ x`, and is told that the shapes
don't match. A transpose makes the error go away: `if dW.shape != W.shape: dW = dW.T`. The layer
works, and the line stays in, as it seems to do no harm.

It fails just where there is no error to make it run. A layer as wide as its input has a square
$W$, the transposed gradient has its shape, and is taken for the gradient. Two hidden
layers of 100 units each are enough, and usual. The entries are all there, in each other's places:
the norm is right to the last digit, so is the diagonal, and anything that watches the size of
gradients is content. What is wrong is the direction. In a tanh network with a square layer of six
units a small step bought between 71 and 93 % of the decrease that its length promised.

A step that still goes downhill still learns, so this is easily put down to the learning rate. On
5,000 digits, with three hidden layers of 32, it cost two points of accuracy in two epochs, and in
ten one of three runs fell from 87 % to 35 %.

A layer of three by two and one of two by two: whether the gradient is right, and its norm.

>>> import numpy as np
>>> rng = np.random.default_rng(0)
>>> for n_in in (3, 2):
...     x, dz = rng.normal(size=(4, n_in)), rng.normal(size=(4, 2))
...     params = {"W": np.ones((n_in, 2)), "b": np.zeros(2)}
...     dW = WeightGradientTransposed().backward(x, dz, params)[1]["W"]
...     print(np.allclose(dW, x.T @ dz), bool(np.isclose((dW**2).sum(), ((x.T @ dz) ** 2).sum())))
True True
False True
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Linear
from reference_mlp._arrays import Array, Params


class WeightGradientTransposed(Linear):
    def backward(
        self, cache: Array, dz: Array, params: Mapping[str, Array]
    ) -> tuple[Array, Params]:
        x = cache
        dx = dz @ params["W"].T
        dW = dz.T @ x  # BUG: the transpose, which the next line only mends where W isn't square
        dW = dW if dW.shape == params["W"].shape else dW.T
        db = dz.sum(axis=0)
        return dx, {"W": dW, "b": db}


bug = Bug(
    replaces={"linear": WeightGradientTransposed},
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
    right=r"$\dfrac{\partial L}{\partial W} = x^T \dfrac{\partial L}{\partial z}$",
    wrong=(
        r"$\dfrac{\partial L}{\partial W} = \Bigl( \dfrac{\partial L}{\partial z} \Bigr)^T x$ "
        "for square $W$"
    ),
    symptom=(
        "Networks with two hidden layers of one width learn more slowly than they should, and "
        "now and then diverge. Those with hidden layers of different widths are fine."
    ),
    preconditions="A layer with as many inputs as outputs, and more than one of them.",
    why_missed=(
        "Test sizes that all differ never reach it, and equal ones satisfy every assertion about "
        "shapes and norms. With one hidden layer there is no square matrix."
    ),
    fix="`dW = x.T @ dz`. A transpose has to be derived, not tried.",
    origin=("iamtrask/Grokking-Deep-Learning#23",),
    related=("GB065", "GB067"),
)
