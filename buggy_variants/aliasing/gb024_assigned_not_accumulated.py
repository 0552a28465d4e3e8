r"""Gradient assigned where it should be added.

`grads["W"] = x.T @ dz` is right in every network that uses each weight once, which is every
network in a first course. Let two layers share a weight matrix, as a recurrent network does at
each time step or a language model does between its embedding and its output, and the chain rule
asks for a sum: $W$ moves the loss along both paths. The assignment keeps the path that was
visited last and forgets the others.

Since the backward pass goes from the top down, what survives is the share of the lowest use. The
gradients further down are unaffected, for they flow through $dx$. So the network trains, by a
truncated gradient that sees only the earliest step, and in a recurrent network that is taken for
the usual trouble with long sequences.

Chains hide it by construction: a test has to contain a parameter with two uses. In the unrolled
network below `2.W` is used twice, and a small step along a direction $v$ changes the loss by
other than the gradient says:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> net = mlp((4, 5, 5, 5, 3), rng=rng, activation="tanh", tied=True, network=Assigning)
>>> X, y, v = rng.normal(size=(6, 4)), rng.integers(3, size=6), rng.normal(size=(5, 5))
>>> slope = (net.gradients(X, y)["2.W"] * v).sum()
>>> before = net.loss(X, y)
>>> net.params["2.W"] += 1e-6 * v
>>> round(float(slope), 4), round(float((net.loss(X, y) - before) / 1e-6), 4)
(0.7965, 0.525)
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params
from reference_mlp.network import Tape


class Assigning(Network):
    def backward_from(self, tape: Tape, dz: Array) -> tuple[Params, Array]:
        grads: Params = {}
        for i in reversed(range(len(self.layers))):
            dz, of_layer = self.layers[i].backward(tape.caches[i], dz, self._params_of(i))
            for own, g in of_layer.items():
                name = self._names[i][own]
                grads[name] = g  # BUG: another use of the same parameter is forgotten
        for name, g in self._penalty_gradients().items():
            grads[name] = grads[name] + g
        return {name: grads[name] for name in self.params}, dz


bug = Bug(
    replaces={"network": Assigning},
    severity=Severity.WRONG,
    flagged_by=("tied_weights",),
    right=r"$\dfrac{\partial L}{\partial W} = \sum_{l\,:\,W_l = W} h_{l-1}^\top dz_l$",
    wrong=r"$\dfrac{\partial L}{\partial W} = h_{l-1}^\top dz_l$ for the lowest such $l$",
    symptom="A network with shared weights learns, but as if it were used only in one place.",
    preconditions="A parameter that is used more than once.",
    why_missed=(
        "In a plain stack of layers each parameter has one use, and there the assignment and the "
        "sum are the same."
    ),
    fix="`grads[name] = grads.get(name, 0) + g`, starting from an empty dict each time.",
    origin=(
        "karpathy/nn-zero-to-hero#52",
        "notebook 002, line 190: latent",
    ),
    related=("GB022",),
)
