"""Velocity shared by parameters of one shape.

A velocity belongs to a parameter as a diary belongs to a person. Where the optimiser is an object
that layers call with nothing but their gradient, `self.optimizer(self.weight_grad)`, it can't
know whose gradient it holds. Plain gradient descent doesn't care. The day somebody gives that
object a velocity, it needs a key, and the shape is what is at hand: it makes the arrays fit, and
the first network, 784-100-10, has no two parameters of one shape.

In a network with two equal hidden layers the second layer's velocity then starts from the first
one's, is decayed a second time in the same step, and both layers are pushed along a mixture of
their gradients. It still descends, since each new gradient comes in with its right sign.
Gradients, losses and a convex regression with one weight matrix show nothing.

Two parameters of shape (1,), one of which has a gradient of exactly zero:

>>> params = {"0.b": np.array([0.0]), "2.b": np.array([0.0])}
>>> optimiser = MomentumByShape(0.1)
>>> for _ in range(5):
...     optimiser.step(params, {"0.b": np.array([1.0]), "2.b": np.array([0.0])})
>>> params["2.b"].round(3)
array([-1.053])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Momentum
from reference_mlp._arrays import Array, Params, require_same_shapes


class MomentumByShape(Momentum):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        for name, g in grads.items():
            key = str(g.shape)  # BUG: two layers of the same widths have one velocity
            v = self.velocity.setdefault(key, np.zeros_like(g))
            v *= self.momentum
            v -= self.learning_rate * g
            params[name] += v


bug = Bug(
    replaces={"momentum": MomentumByShape},
    severity=Severity.WORSE,
    flagged_by=(
        "optimiser_rules",
        "optimiser_manners",
    ),
    right=(r"$v_i \leftarrow m\,v_i - \eta\,g_i$, one $v_i$ for each parameter $i$"),
    wrong=r"$v_s \leftarrow m\,v_s - \eta\,g_i$, one $v_s$ for each shape $s$",
    symptom=(
        "Training with momentum is rougher as soon as two layers have the same widths. A "
        "parameter without a gradient moves."
    ),
    preconditions=("Two parameters of the same shape, and an optimiser that remembers something."),
    why_missed=(
        "Networks whose widths all differ behave rightly, and so does one without momentum."
    ),
    fix="Key the state by the parameter's name.",
    origin=(
        "notebook 003, line 58: latent, one optimiser for all",
        "synthetic",
    ),
    related=("GB157",),
)
