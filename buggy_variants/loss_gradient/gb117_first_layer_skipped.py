r"""The loop ends before the first layer.

`for i in range(n_layers - 1, 0, -1)` counts down to 1, since `range` stops before its end. The
layers are numbered from 0. So the lowest one is never visited; its gradients are those that
`grads = {k: np.zeros_like(v) for k, v in params.items()}` was kind enough to provide. Without
that line there would have been a `KeyError`.

What is left is a network on fixed random features, and those are good features. A first layer of a
few hundred random relu units, with the layers above it trained, goes a long way on digits. In one
of the notebooks behind this catalog the lower layers are switched off on purpose in the same way,
to show just that: it reaches 41 % with only the last layer trained. Deep networks with narrow
first layers suffer more, and so does whatever needs its first layer, such as convolutions.

Zero is the least suspicious of gradients, as dead units have it too. A whole array of zeros is
something else:

>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> net = mlp((4, 5, 3), rng=rng, activation="tanh", network=FirstLayerSkipped)
>>> grads = net.gradients(rng.normal(size=(6, 4)), rng.integers(3, size=6))
>>> {name: round(float(np.abs(g).max()), 2) for name, g in grads.items()}
{'0.W': 0.0, '0.b': 0.0, '2.W': 0.32, '2.b': 0.14}
"""

import numpy as np

from buggy_variants.bug import Bug, Form, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params
from reference_mlp.network import Tape


class FirstLayerSkipped(Network):
    def backward_from(self, tape: Tape, dz: Array) -> tuple[Params, Array]:
        grads = {name: np.zeros_like(p) for name, p in self.params.items()}
        for i in range(len(self.layers) - 1, 0, -1):  # BUG: layer 0 is never visited
            dz, of_layer = self.layers[i].backward(tape.caches[i], dz, self._params_of(i))
            for own, g in of_layer.items():
                grads[self._names[i][own]] += g
        for name, g in self._penalty_gradients().items():
            grads[name] = grads[name] + g
        return grads, dz


class LastLayerOnly(Network):
    def backward(self, tape: Tape, y: Array) -> tuple[Params, Array]:
        grads, dX = super().backward(tape, y)
        last = self._names[len(self.layers) - 1].values()
        return {name: g if name in last else np.zeros_like(g) for name, g in grads.items()}, dX


bug = Bug(
    replaces={"network": FirstLayerSkipped},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "input_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "tied_weights",
        "after_training",
        "equal_arrays",
        "shapes_and_dtypes",
        "convex_optimum",
        "first_order_decrease",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$dW_l = h_{l-1}^\top dz_l$ for all $l$",
    wrong=r"$dW_l = h_{l-1}^\top dz_l$ for all $l$ but the lowest, where it is $0$",
    symptom="The first layer stays as it was drawn, or only decays under a penalty.",
    preconditions="None.",
    why_missed="The rest learns, on random features. Zeros pass every test of shape and size.",
    fix="`reversed(range(n_layers))`, and gradients that exist only once they are computed.",
    origin=(
        "notebook 004, lines 120-137: zeros as defaults, and lower layers switched off on purpose",
        "blog.primen.dk, Numerical Gradient Checking",
    ),
    related=("GB053", "GB054"),
    also=(Form({"network": LastLayerOnly}, "with all layers but the last left out"),),
)
