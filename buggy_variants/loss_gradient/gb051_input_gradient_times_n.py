r"""The layers divide by N, the loss doesn't.

The mean over the batch puts a factor of $1/N$ somewhere. It may stand in the gradient of the
loss, from where it flows down on its own, or each layer may put it into its own `dW` and `db`:
`self.dW = (1 / n) * x.T @ dz`. The second way gives the same parameters' gradients. But what runs
from layer to layer is then $N$ times $\partial L / \partial h$, and at the bottom the gradient by
the inputs comes out without the factor.

A perceptron that is only trained never looks at that gradient. An adversarial example does, and a
saliency map, an embedding below the network, a generator trained through a discriminator,
and any network that is put under this one as a further layer with the division in another place.
They all receive steps that grow with the batch. Under Python 2, where `1 / n` is an integer
division, the same line made every gradient 0.

By the parameters nothing is wrong, by the inputs a factor of six:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> X, y = rng.normal(size=(6, 4)), rng.integers(3, size=6)
>>> right, wrong = (mlp((4, 3), rng=np.random.default_rng(1), network=kind)
...                 for kind in (Network, DividingInLayers))
>>> np.allclose(wrong.gradients(X, y)["0.W"], right.gradients(X, y)["0.W"])
True
>>> round(float((wrong.input_gradient(X, y) / right.input_gradient(X, y)).mean()), 6)
6.0
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params
from reference_mlp.network import Tape


class DividingInLayers(Network):
    def backward_from(self, tape: Tape, dz: Array) -> tuple[Params, Array]:
        n = len(dz)
        dz = n * dz  # BUG: undone for the layers' own only
        grads: Params = {}
        for i in reversed(range(len(self.layers))):
            dz, of_layer = self.layers[i].backward(tape.caches[i], dz, self._params_of(i))
            for own, g in of_layer.items():
                name = self._names[i][own]
                # Parameters that two layers share have the sum of both gradients.
                grads[name] = grads[name] + g / n if name in grads else g / n
        for name, g in self._penalty_gradients().items():
            grads[name] = grads[name] + g
        return {name: grads[name] for name in self.params}, dz


bug = Bug(
    replaces={"network": DividingInLayers},
    severity=Severity.WRONG,
    flagged_by=(
        "input_differences",
        "per_sample",
        "batch_cut",
    ),
    right=r"$\partial L / \partial X = \tfrac{1}{N} (\ldots)$, as every other gradient",
    wrong=r"$\partial L / \partial X = (\ldots)$, $N$ times as large",
    symptom="None in training. Steps on the inputs grow with the batch.",
    preconditions="A batch of more than one sample, and somebody who uses the input's gradient.",
    why_missed="Gradient checks go through the parameters, all of which are right.",
    fix="Divide once, in the gradient of the loss.",
    origin=("notebook 002, lines 246 and 307",),
    related=("GB031", "GB123"),
)
