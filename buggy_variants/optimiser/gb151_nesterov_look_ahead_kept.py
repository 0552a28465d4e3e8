r"""Nesterov's look-ahead never taken back.

Nesterov's gradient is taken at a point ahead, $\theta + m v$. The natural program goes there,
asks for the gradient, updates the velocity and then makes the step, $\theta + v'$. If it steps
from the point ahead, in place of from where it stood, the stretch $m v$ is walked twice: once to
look, once because $v' = m v - \eta g$ has it too.

From one point ahead to the next, the move should be $m v' - \eta g$, and here it is
$(1 + m)\,v'$. Put $d = (1 + m)\,v$, and what is left is $d' = m d - (1 + m)\,\eta g$: Polyak's
momentum, at a learning rate of $1 + m$ times as much. The look ahead has cancelled out, and with
it what it is for, to damp the swings across a narrow valley. The loss falls as before, and along
a gentle slope nearly twice as fast.

Across a narrow valley, the parabola $5 x^2$ from $x = 1$, Nesterov's method and this one are
after sixty steps at

>>> import numpy as np
>>> def end(optimiser):
...     params = {"0.b": np.array([1.0])}
...     for _ in range(60):
...         optimiser.step(params, {"0.b": 10 * params["0.b"]})
...     return float(abs(params["0.b"][0]))
>>> f"{end(Nesterov(0.12)):.1e}", f"{end(NesterovTwice(0.12)):.1e}"
('1.6e-11', '6.0e-02')
"""

from collections.abc import Mapping

from buggy_variants.bug import Bug, Severity
from reference_mlp import Nesterov
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class NesterovTwice(Nesterov):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.velocity, grads)
        for name, g in grads.items():
            v = _remembered(self.velocity, name, params)
            v *= self.momentum
            v -= self.learning_rate * g
            params[name] += v  # BUG: m v of it was walked already, to look ahead
            params[name] += self.momentum * v


bug = Bug(
    replaces={"nesterov": NesterovTwice},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=(r"$\theta \leftarrow \theta + m\,v' - \eta\,g$, from one point ahead to the next"),
    wrong=r"$\theta \leftarrow \theta + (1 + m)\,v'$",
    symptom=(
        "Where the curvature is large it swings like momentum; where it is small it runs at "
        "nearly twice the speed."
    ),
    preconditions="A second step, and momentum.",
    why_missed="It descends, and the first step from rest is exact.",
    fix=("`params[name] += m * v - learning_rate * g`, or go back before the step."),
    origin=("oysteijo/simd_neuralnet#17",),
    related=("GB150",),
)
