r"""Adam counting its steps from zero.

Loops count from 0, `for t in range(n_steps)`, and Adam's algorithm counts from 1. With $t = 0$
the corrections are $1 - \beta^0 = 0$, both moments are divided by zero, and infinity over
infinity is NaN. It goes into every parameter that has a gradient, in the first step, for good.

How loud that is depends on the types. Python's own floats raise `ZeroDivisionError`; NumPy's
arrays warn once and go on; in a notebook in which warnings are switched off there is a loss of
`nan` from the second batch, and a learning rate that gets the blame. Some guard the quotient with
an epsilon in both denominators, `1 - beta**t + 1e-8`, which turns the first step into one of
31,600 learning rates. A parameter whose first gradient is exactly 0, such as a dead unit's, is
0/0 too.

>>> params, optimiser = {"0.b": np.zeros(2)}, AdamFromZero(0.001)
>>> with np.errstate(all="ignore"):
...     optimiser.step(params, {"0.b": np.array([1.0, 0.0])})
>>> params["0.b"]
array([nan, nan])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Adam
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class AdamFromZero(Adam):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            t = self.t.setdefault(name, 0)  # BUG: 1 - beta**0 is 0
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            m_hat, v_hat = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
            params[name] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)
            self.t[name] += 1


bug = Bug(
    replaces={"adam": AdamFromZero},
    severity=Severity.NAN,
    flagged_by=("optimiser_rules",),
    right=r"$t = 1, 2, \dots$ in $1 - \beta^t$",
    wrong=r"$t = 0, 1, \dots$",
    symptom=(
        "NumPy warns of a division by zero in the first step, and all parameters are NaN after it."
    ),
    preconditions="None.",
    why_missed=(
        "Gradients are checked before the first step. Where warnings are off, the NaN is "
        "taken for divergence."
    ),
    fix="Increment `t` before it is used.",
    origin=(
        "keras-team/keras#10129: foreseen in its review",
        "synthetic",
    ),
    related=("GB082",),
)
