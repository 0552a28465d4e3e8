r"""Adam multiplying by its correction.

The correction is remembered as "times $1 - \beta^t$", and the moments are multiplied by what they
should be divided by. The factors tend to 1, so in the long run it doesn't matter. In the first
step $m$ is a tenth of the gradient and is made a hundredth, $v$ is a thousandth of its square and
is made a millionth, and the step has

$$\frac{0.1^2}{\sqrt{0.001^2}} = 10$$

learning rates, where it should have one. It gets worse before it gets better. The reporter of the
issue below had wondered why Adam did so much worse than Adadelta on the digits of a demo page;
with a division, and the paper's settings, it did well.

The lengths of the first, the tenth, the hundredth and the thousandth step under a constant
gradient, in learning rates:

>>> params, optimiser = {"0.b": np.array([0.0])}, AdamMultiplying(1.0)
>>> places = [0.0]
>>> for _ in range(1000):
...     optimiser.step(params, {"0.b": np.array([1.0])})
...     places.append(float(params["0.b"][0]))
>>> -np.diff(places)[[0, 9, 99, 999]].round(2)
array([10.  , 42.61, 10.5 ,  1.58])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Adam
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class AdamMultiplying(Adam):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            t = self.t[name] = self.t.get(name, 0) + 1
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            c1, c2 = 1 - self.beta1**t, 1 - self.beta2**t
            m_hat, v_hat = m * c1, v * c2  # BUG: divided, by a number below 1
            params[name] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


bug = Bug(
    replaces={"adam": AdamMultiplying},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=r"$\hat m = m / (1 - \beta_1^t), \quad \hat v = v / (1 - \beta_2^t)$",
    wrong=r"$\hat m = m\,(1 - \beta_1^t), \quad \hat v = v\,(1 - \beta_2^t)$",
    symptom=(
        "Steps of many learning rates for the first hundreds of steps: the loss jumps, then "
        "recovers. Adam seems to need a tiny learning rate."
    ),
    preconditions="Fewer steps so far than a few times 1 / (1 - beta2).",
    why_missed=("It converges in the end, and the learning rate is tuned until it doesn't jump."),
    fix="Divide.",
    origin=("karpathy/convnetjs#70",),
    related=(
        "GB080",
        "GB081",
    ),
)
