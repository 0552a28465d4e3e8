r"""Learning rate in the velocity and in the step.

Sutskever's velocity has the learning rate in it, $v = m v - \eta g$, and is added as it is.
Torch's has none, $v = m v + g$, and is multiplied by it at the end. For a constant rate both walk
the same path. A version that takes its first line from one and its second from the other has the
rate twice, and the step is $\eta^2$.

At $\eta = 1$ nothing is wrong, and at $\eta = 0.5$ hardly anything: learning is half as fast. At
the usual 0.01 the parameters practically stand still, and since the loss does fall, a little, one
looks at data and initial weights before the optimiser. Those who tune find that 0.1 is their best
rate, where 0.01 is everybody else's, and that theirs reacts twice as strongly, for halving it
makes the steps four times smaller. A schedule is squared along with it.

How far ten steps go under a constant gradient, at two rates that differ by ten, right and wrong:

>>> import numpy as np
>>> def distance(optimiser):
...     params = {"0.b": np.array([0.0])}
...     for _ in range(10):
...         optimiser.step(params, {"0.b": np.array([1.0])})
...     return float(params["0.b"][0].round(5))
>>> distance(Momentum(0.1)), distance(Momentum(0.01))
(-4.13811, -0.41381)
>>> distance(MomentumSlow(0.1)), distance(MomentumSlow(0.01))
(-0.41381, -0.00414)
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Momentum
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class MomentumSlow(Momentum):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.velocity, grads)
        for name, g in grads.items():
            v = _remembered(self.velocity, name, params)
            v *= self.momentum
            v -= self.learning_rate * g
            params[name] += self.learning_rate * v  # BUG: v has it already


bug = Bug(
    replaces={"momentum": MomentumSlow},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=r"$v \leftarrow m\,v - \eta\,g, \quad \theta \leftarrow \theta + v$",
    wrong=(r"$v \leftarrow m\,v - \eta\,g, \quad \theta \leftarrow \theta + \eta\,v$"),
    symptom=(
        "Hardly any progress at small learning rates; a rate ten times smaller is a hundred "
        "times slower."
    ),
    preconditions="A learning rate other than 1.",
    why_missed="It descends, to the same optimum, at another learning rate.",
    fix="Multiply by the learning rate in one of the two lines.",
    origin=("synthetic",),
    related=(
        "GB085",
        "GB152",
    ),
)
