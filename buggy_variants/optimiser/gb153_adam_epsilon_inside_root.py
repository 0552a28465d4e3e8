r"""Adam's epsilon under the root.

Epsilon is there so that nothing is divided by zero, and under the root it does that as well. But
there it counts by its root: $\sqrt{10^{-8}} = 10^{-4}$. The paper's $10^{-8}$ is below nearly any
gradient, and $10^{-4}$ is not. Parameters whose gradients are smaller than that get steps in
proportion to the gradient in place of steps of one learning rate, so that for them Adam has
turned into gradient descent with a rate of $10^4\,\eta$.

Gradients of $10^{-4}$ are common: in lower layers of a deep network, with a mean over a large
batch, late in training. Nothing fails. Those layers learn more slowly, and the run ends at a loss
that looks like all there was to gain. Some optimisers do put theirs inside, and mean a smaller
number by it: whoever comes from Adam has to square the epsilon that is used there.

The first step for gradients of 1, $10^{-4}$ and $10^{-6}$, which should all be one learning rate,
up to one part in a hundred for the last:

>>> params = {"0.b": np.zeros(3)}
>>> AdamEpsilonInside(1.0).step(params, {"0.b": np.array([1.0, 1e-4, 1e-6])})
>>> -params["0.b"].round(4)
array([1.    , 0.7071, 0.01  ])
"""

from collections.abc import Mapping

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Adam
from reference_mlp._arrays import Array, Params, require_same_shapes
from reference_mlp.optimisers import _remembered, _require_own


class AdamEpsilonInside(Adam):
    def step(self, params: Params, grads: Mapping[str, Array]) -> None:
        require_same_shapes(params, grads)
        _require_own(self.m, grads)
        for name, g in grads.items():
            t = self.t[name] = self.t.get(name, 0) + 1
            m, v = _remembered(self.m, name, params), _remembered(self.v, name, params)
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            m_hat, v_hat = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
            root = np.sqrt(v_hat + self.epsilon)  # BUG: epsilon's own root is 1e-4
            params[name] -= self.learning_rate * m_hat / root


bug = Bug(
    replaces={"adam": AdamEpsilonInside},
    severity=Severity.WORSE,
    flagged_by=("optimiser_rules",),
    right=(r"$\theta \leftarrow \theta - \eta\,\dfrac{\hat m}{\sqrt{\hat v} + \epsilon}$"),
    wrong=(r"$\theta \leftarrow \theta - \eta\,\dfrac{\hat m}{\sqrt{\hat v + \epsilon}}$"),
    symptom="Parameters with gradients below 1e-4 hardly move.",
    preconditions="Gradients of the size of the root of epsilon, or less.",
    why_missed="For gradients of order 1 the steps agree to eight digits.",
    fix="Add epsilon to the root, or square it inside.",
    origin=(
        "FluxML/Flux.jl#448",
        "CyberZHG/keras-radam#29",
    ),
    related=("GB084",),
)
