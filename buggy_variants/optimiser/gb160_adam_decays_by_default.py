"""Adam with a weight decay that nobody asked for.

Decoupled weight decay shrinks each parameter by a fixed fraction a step, beside Adam's own move.
As an option it is sound. As a default it is a second penalty, on top of whatever L2 the loss has,
that no formula in the report mentions; `torch.optim.AdamW` has had 0.01 there from the start, and
code that was modelled on it inherits the number. Nor does the loop over arrays know weights from
biases, so scales, shifts and biases decay with the rest.

At a learning rate of 0.001 a step takes off one part in $10^5$, which no test of a few steps at a
tolerance of $10^{-4}$ can see. A hundred thousand steps take off the factor $e$. A parameter
without a gradient, such as the weights of a pixel that is always black, ought to stay for ever.
Here it dies away, and two runs with and without "no regularisation" agree suspiciously.

A bias that the loss doesn't depend on, after 100,000 steps' worth of decay in 1000:

>>> params, optimiser = {"0.b": np.array([1.0])}, AdamDecaying(0.1)
>>> for _ in range(1000):
...     optimiser.step(params, {"0.b": np.array([0.0])})
>>> params["0.b"].round(3)
array([0.368])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity, forms
from reference_mlp import Adam
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class AdamDecaying(Adam):
    weight_decay = 0.01

    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            t = self.t[name] = self.t.get(name, 0) + 1
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            params[name] *= 1 - self.learning_rate * self.weight_decay  # BUG: biases, and unasked
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            c1, c2 = 1 - self.beta1**t, 1 - self.beta2**t
            rate = self.learning_rate * c2**0.5 / c1
            params[name] -= rate * m / (np.sqrt(v) + self.epsilon * c2**0.5)


bug = Bug(
    replaces={"adam": AdamDecaying},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=(r"$\theta \leftarrow \theta - \eta\,\dfrac{\hat m}{\sqrt{\hat v} + \epsilon}$"),
    wrong=(
        r"$\theta \leftarrow (1 - 0.01\,\eta)\,\theta - \eta\,\dfrac{\hat m}{\sqrt{\hat v} + "
        r"\epsilon}$"
    ),
    symptom=(
        "Parameters without a gradient shrink. The training loss stays above where it could be."
    ),
    preconditions="Many steps, or a test to the last digits.",
    why_missed=(
        "One step changes a parameter by a part in 100,000, and regularisation often helps."
    ),
    fix="Default to 0, and leave biases out where it is asked for.",
    origin=("synthetic",),
    related=("GB083",),
    also=forms(
        "adam", AdamDecaying, "with a decay of", weight_decay=(1e-5, 1e-4, 5e-4, 0.001, 0.1)
    ),
)
