"""Gradients matched to parameters by their order.

Two dictionaries with the same keys, and a `zip` of their values. Dictionaries keep the order in
which they were filled: `params` was filled from the first layer to the last, and a backward pass
fills `grads` from the last to the first. Whether the two agree is up to a line elsewhere that
sorts them, or doesn't.

Often shapes come to the rescue: (784, 100) and (10,) don't fit, and the first step raises. Square
hidden layers do fit, biases broadcast against matrices of their width, and then weights are moved
by another layer's gradient, with no warning. `zip` also stops at the shorter one. If the first
layer is frozen and has no gradient, the second layer's gradient goes to the first, which was to
be left alone, and the last layer gets none.

`zip(..., strict=True)` catches the frozen case, and nothing but names catches the order. Two
biases, of which only the second has a gradient:

>>> import numpy as np
>>> params = {"0.b": np.zeros(2), "2.b": np.zeros(2)}
>>> SGDByOrder(0.1).step(params, {"2.b": np.ones(2)})
>>> params
{'0.b': array([-0.1, -0.1]), '2.b': array([0., 0.])}
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import SGD
from reference_mlp._arrays import Array, Params


class SGDByOrder(SGD):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        for p, g in zip(params.values(), grads.values()):  # BUG: not by name
            p -= self.learning_rate * g


bug = Bug(
    replaces={"sgd": SGDByOrder},
    severity=Severity.WRONG,
    flagged_by=("optimiser_manners",),
    crashes_in={"step_follows_gradient": ValueError},
    right=r"$\theta_{name} \leftarrow \theta_{name} - \eta\,g_{name}$",
    wrong=(r"$\theta_i \leftarrow \theta_i - \eta\,g_i$ for the $i$-th of each dictionary"),
    symptom=(
        "None while both are in one order. Otherwise a `ValueError` about shapes, or layers "
        "that follow each other's gradients."
    ),
    preconditions=("A frozen parameter, or gradients in another order than the parameters."),
    why_missed=(
        "The network returns gradients in the order of its parameters, and no test freezes any."
    ),
    fix="`for name, g in grads.items(): params[name] -= learning_rate * g`.",
    origin=("synthetic",),
    related=("GB164",),
)
