r"""Adam's averages with their weights exchanged.

Is it $\beta m + (1 - \beta) g$ or $(1 - \beta) m + \beta g$? Both are in use. In the second form,
that of exponential smoothing in statistics, the constant is what the newest number gets and is
small; in the paper's it is what the past keeps and is near 1. With the paper's 0.9 and 0.999 in
the other form the averages forget at once: $m$ is nine tenths the last gradient and $v$
practically its square. The step is $g / |g|$, the sign of the gradient, whatever came before.

Descent by sign is a method with a name, and it trains. What it lacks is Adam's way of getting
shorter where gradients disagree from batch to batch, so it rattles around the minimum at the full
learning rate. And since the correction still divides by $1 - 0.999^t$, the early steps are wrong
the other way round: $m / 0.1$ over $\sqrt{v / 0.001}$ is
$0.9 / 0.1 \cdot \sqrt{0.001 / 0.999} = 0.28$ learning rates.

With a gradient that changes its sign at each step Adam soon hardly moves. The lengths of the last
of a thousand steps, right and exchanged, in learning rates:

>>> def last_step(optimiser):
...     params = {"0.b": np.array([0.0])}
...     for t in range(1000):
...         before = params["0.b"].copy()
...         optimiser.step(params, {"0.b": np.array([(-1.0) ** t])})
...     return float(abs(params["0.b"] - before)[0].round(3))
>>> last_step(Adam(1.0)), last_step(AdamExchanged(1.0))
(0.053, 0.651)
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Adam
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class AdamExchanged(Adam):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            t = self.t[name] = self.t.get(name, 0) + 1
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            m += self.beta1 * (g - m)  # BUG: beta1 is what the past keeps
            v += self.beta2 * (g * g - v)
            c1, c2 = 1 - self.beta1**t, 1 - self.beta2**t
            rate = self.learning_rate * c2**0.5 / c1
            params[name] -= rate * m / (np.sqrt(v) + self.epsilon * c2**0.5)


bug = Bug(
    replaces={"adam": AdamExchanged},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=r"$m \leftarrow \beta_1 m + (1 - \beta_1)\,g$, and $v$ likewise",
    wrong=r"$m \leftarrow (1 - \beta_1)\,m + \beta_1\,g$, and $v$ likewise",
    symptom=("Steps of nearly full length at all times: the loss falls well, then stays noisy."),
    preconditions="Gradients that differ from step to step.",
    why_missed=("It trains, and reproductions in another framework come out comparable."),
    fix="Give the gradient the weight 1 - beta.",
    origin=("ryankiros/skip-thoughts#82",),
    related=("GB080",),
)
