r"""Equal arrays taken for the same one.

Engines that build a graph like to have each constant once. They look nodes up by value, and two
arrays that hold the same numbers become one node. For constants that is a fine economy. For
parameters it is wrong: two biases that are both zero happen to be equal today, and are still two
variables.

Once merged they share a gradient, and get the sum of what belongs to each. Fresh biases of two
layers of the same width are merged from the first step, receive the same sum, move by the same
amount, and so remain equal for good. A network that should have two bias vectors has one, used
twice, and learns nearly as well. Weights are drawn at random and never collide, so everything
that tests have looked at is right; and a careful test fills the biases with random numbers
too, precisely in order to see them, which is what hides this.

Two networks, the first with its biases as they come, the second with one of them nudged. The
gradient of a bias can't jump for a change in the seventh digit:

>>> from reference_mlp import mlp
>>> def norm_of_bias_gradient(nudge):
...     rng = np.random.default_rng(0)
...     net = mlp((5, 6, 6, 3), rng=rng, activation="tanh", network=MergingNetwork)
...     net.params["2.b"][0] += nudge
...     db = net.gradients(rng.normal(size=(4, 5)), LABELS)["0.b"]
...     return round(float(np.linalg.norm(db)), 3)
>>> norm_of_bias_gradient(0.0), norm_of_bias_gradient(1e-7)
(0.196, 0.046)
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params
from reference_mlp.network import Tape

LABELS = np.array([0, 1, 2, 1])


class MergingNetwork(Network):
    def backward(self, tape: Tape, y: Array) -> tuple[Params, Array]:
        grads, dX = super().backward(tape, y)
        nodes: dict[tuple[object, ...], list[str]] = {}
        for name, p in self.params.items():
            key = (p.shape, p.tobytes())  # BUG: equal numbers are not the same variable
            nodes.setdefault(key, []).append(name)
        merged: Params = {}
        for names in nodes.values():
            total = sum((grads[name] for name in names[1:]), grads[names[0]])
            merged |= {name: total.copy() for name in names}
        return {name: merged[name] for name in self.params}, dX


bug = Bug(
    replaces={"network": MergingNetwork},
    severity=Severity.WRONG,
    flagged_by=("equal_arrays",),
    right=r"$g_a = \partial L / \partial a, \quad g_b = \partial L / \partial b$",
    wrong=r"$g_a = g_b = \partial L / \partial a + \partial L / \partial b$ where $a = b$",
    symptom="Zero-initialised biases of layers of equal width stay equal to each other for ever.",
    preconditions="Two parameters of one shape that hold the same numbers.",
    why_missed="Random parameters are never equal, and gradient checks use random parameters.",
    fix="Key variables by identity; merge only what can't be written to.",
    origin=("tinygrad/tinygrad#9597",),
    related=("GB024", "GB112"),
)
