"""Velocity forgotten at every step.

The line that makes the velocity stands in the step, or the optimiser itself is made anew inside
the loop over batches. Both happen when the set-up of the state is moved to where the shapes are
known. Zero times the momentum is zero, so what is left is gradient descent under another name,
and the argument `momentum=0.9` does nothing.

Nothing breaks, because gradient descent is right. It is only ten times slower than was asked for:
under a steady gradient momentum multiplies the learning rate by $1 / (1 - m)$. People then find
that momentum "doesn't help on this problem", and that the learning rate for momentum and for
plain descent is strangely the same. In a library the same was found by noticing that every value
of the momentum gave losses that agree in all digits.

A test with one step can't see it, as the first step has no past. Two constant gradients are
enough, and after fifty steps the distance is

>>> def distance(optimiser):
...     params = {"0.b": np.array([0.0])}
...     for _ in range(50):
...         optimiser.step(params, {"0.b": np.array([1.0])})
...     return float(params["0.b"][0].round(2))
>>> distance(Momentum(0.1)), distance(MomentumForgetting(0.1))
(-41.05, -5.0)
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Momentum
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _require_own


class MomentumForgetting(Momentum):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.velocity, grads)
        for name, g in grads.items():
            v = self.velocity[name] = np.zeros_like(g)  # BUG: anew at every step
            v *= self.momentum
            v -= self.learning_rate * g
            params[name] += v


bug = Bug(
    replaces={"momentum": MomentumForgetting},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=r"$v_t = m\,v_{t-1} - \eta\,g_t$",
    wrong=r"$v_t = m \cdot 0 - \eta\,g_t$",
    symptom=("The setting of the momentum has no influence on the losses, down to the last digit."),
    preconditions="A second step.",
    why_missed=(
        "It is a right gradient descent: it converges, to the same optimum where there is one."
    ),
    fix="Make the velocity once, where it is missing, and keep it.",
    origin=("kozistr/pytorch_optimizer#516",),
    related=("GB150",),
)
