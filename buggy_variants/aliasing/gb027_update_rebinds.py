r"""An update that rebinds a name.

`for W in weights: W = W - learning_rate * dW` computes the updated weights, every one of them,
and then throws them away. In Python the assignment gives the local name `W` to a new array; the
old one stays where it was, in the list. `W -= learning_rate * dW` would have written into it.
The two lines differ by a character's place and by everything else.

The network stays as it was initialised. Every loss is finite, every gradient passes its check,
the progress bar moves, and with shuffled batches the printed loss even wobbles as it does in
real training. What it doesn't do is fall. On ten classes the accuracy is one in ten, and hours
can go by in search of a better learning rate.

The opposite mistake exists too: where two names are meant to be separate, an update in place
changes both. Which of the two a line does is a matter of contract, and the contract of an
optimiser is that the arrays of `params` are moved.

>>> import numpy as np
>>> params = {"0.b": np.array([1.0])}
>>> RebindingSGD(0.5).step(params, {"0.b": np.array([1.0])})
>>> params
{'0.b': array([1.])}
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import SGD
from reference_mlp._arrays import Array, Params, require_same_shapes


class RebindingSGD(SGD):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        for name, g in grads.items():
            p = params[name]
            p = p - self.learning_rate * g  # BUG: a new array, which only the local name has


bug = Bug(
    replaces={"sgd": RebindingSGD},
    severity=Severity.WRONG,
    flagged_by=(
        "optimiser_rules",
        "optimiser_manners",
        "step_follows_gradient",
        "parameters_move",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$\theta \leftarrow \theta - \eta g$",
    wrong=r"$\theta' = \theta - \eta g$, and $\theta$ is left alone",
    symptom=r"The loss stays at its first value, about $\ln K$, give or take the batch.",
    preconditions="None.",
    why_missed=(
        "Gradients are right, and nothing raises. A test of the formula on the arrays returned "
        "by a function would pass; here nothing is returned."
    ),
    fix="`params[name] -= learning_rate * g`, or `params[name] = ...` where rebinding is meant.",
    origin=("synthetic: the contract of notebook 002's parameters, which it updates in place",),
    related=("GB022", "GB106"),
)
