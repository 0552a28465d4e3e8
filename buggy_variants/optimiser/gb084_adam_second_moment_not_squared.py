r"""Adam's second moment without the square.

First $v$ averages the gradient itself, by copying the line of $m$. The root of a negative average
is NaN, so that is found within a step; the repair that comes to mind is `np.abs`, and then
everything runs. What is lost is the one property that Adam is used for: that its steps don't
depend on the gradient's size.

With $v \approx |g|$ the step is $g / \sqrt{|g|} = \pm\sqrt{|g|}$ learning rates. Parameters with
large gradients take longer steps again, and those with small ones hardly any: a gradient of
$10^{-4}$ moves by a hundredth of the learning rate. That is halfway between Adam and gradient
descent, and it trains like something halfway between them, once a learning rate has been found
that suits the scale of the loss.

A loss that is multiplied by a constant should leave Adam's trajectory alone. Here the first step,
for gradients from $10^{-4}$ to $10^4$, is far from one learning rate at both ends:

>>> params = {"0.b": np.zeros(3)}
>>> AdamOfAbsolutes(1.0).step(params, {"0.b": np.array([1e-4, 1.0, 1e4])})
>>> -params["0.b"].round(2)
array([1.e-02, 1.e+00, 1.e+02])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Adam
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class AdamOfAbsolutes(Adam):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            t = self.t[name] = self.t.get(name, 0) + 1
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (np.abs(g) - v)  # BUG: g squared, as a root is taken of it
            c1, c2 = 1 - self.beta1**t, 1 - self.beta2**t
            rate = self.learning_rate * c2**0.5 / c1
            params[name] -= rate * m / (np.sqrt(v) + self.epsilon * c2**0.5)


bug = Bug(
    replaces={"adam": AdamOfAbsolutes},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=r"$v \leftarrow \beta_2 v + (1 - \beta_2)\,g^2$",
    wrong=r"$v \leftarrow \beta_2 v + (1 - \beta_2)\,|g|$",
    symptom=(
        "The learning rate that suits depends on the scale of the loss. Layers with small "
        "gradients hardly move."
    ),
    preconditions="Gradients whose size is not 1.",
    why_missed=("At gradients of order 1 the step is right, and the sign of the step always is."),
    fix="`g * g`.",
    origin=("synthetic",),
    related=("GB153",),
)
