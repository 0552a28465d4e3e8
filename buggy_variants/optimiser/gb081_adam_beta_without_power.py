r"""Adam's correction without the power of t.

In the paper the exponent is a small superscript $t$ beside a subscript, $\beta_1^t$, and a reader
who takes it for another index writes $1 - \beta_1$. At $t = 1$ the two agree, so a test of the
first step passes to the last digit.

From then on a correction that should die away stays for good. Once the moments have filled,
$m / 0.1$ is ten times the mean gradient and $\sqrt{v / 0.001}$ is 31.6 times its root mean
square. As $m$ fills faster than $v$, the steps first grow to twice a learning rate, and end at
$\sqrt{0.001} / 0.1 = 0.316$ of one. A factor of three on the learning rate is what people tune
away without a thought. A popular collection of algorithms from scratch was asked about its
missing exponent in 2018.

How long the steps are under a constant gradient: the first, the tenth, the hundredth, the
thousandth and the five-thousandth.

>>> params, optimiser = {"0.b": np.array([0.0])}, AdamCorrectedAlways(1.0)
>>> places = [0.0]
>>> for _ in range(5000):
...     optimiser.step(params, {"0.b": np.array([1.0])})
...     places.append(float(params["0.b"][0]))
>>> -np.diff(places)[[0, 9, 99, 999, 4999]].round(3)
array([1.   , 2.064, 1.025, 0.398, 0.317])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Adam
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class AdamCorrectedAlways(Adam):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            c1, c2 = 1 - self.beta1, 1 - self.beta2  # BUG: of the first step only, not 1 - beta**t
            rate = self.learning_rate * c2**0.5 / c1
            params[name] -= rate * m / (np.sqrt(v) + self.epsilon * c2**0.5)


bug = Bug(
    replaces={"adam": AdamCorrectedAlways},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=(r"$\hat m = \dfrac{m}{1 - \beta_1^t}, \quad \hat v = \dfrac{v}{1 - \beta_2^t}$"),
    wrong=(r"$\hat m = \dfrac{m}{1 - \beta_1}, \quad \hat v = \dfrac{v}{1 - \beta_2}$"),
    symptom=(
        "Steps that are right at first grow, and end 3.2 times too short at the usual settings."
    ),
    preconditions="A second step.",
    why_missed=(
        "The first step is exact, and a wrong constant factor on Adam's step is one on its "
        "learning rate."
    ),
    fix="`1 - beta1**t` with t counted from 1.",
    origin=(
        "eriklindernoren/ML-From-Scratch#35",
        "ufal/npfl114#79",
    ),
    related=(
        "GB080",
        "GB082",
    ),
)
