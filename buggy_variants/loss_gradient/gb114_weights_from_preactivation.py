r"""Weight gradient from the pre-activation.

A forward pass leaves two arrays for every layer, $z_l$ and $h_l = f(z_l)$. Backward needs both:
the derivative is taken at $z_l$, the gradient of the next weights is $h_l^\top dz$. Two lists, `zs`
and `activations`, differ by one letter in most people's memory, and both have an
entry of the same shape at each index. Take the wrong one in the line of the weights, and every
bias and everything that flows down is still right.

For units near zero $\tanh z \approx z$, so at small weights the two are the same to several
digits. For a relu that is on they are equal. Where it is off, $h$ is 0 and $z$ negative, and
weights that had no part in the output are changed. Wherever hidden units are large or off, then,
the weights above the first layer follow something that grows with $z$, while the activation is
bounded. The first layer, whose input has no pre-activation, is right in any case.

Seen entry by entry, `0.W` is right and `2.W` is not:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> X, y = rng.normal(size=(6, 4)), rng.integers(3, size=6)
>>> right, wrong = (mlp((4, 5, 3), rng=np.random.default_rng(1), activation="tanh", network=kind)
...                 for kind in (Network, KeepingPreactivations))
>>> [round(float(np.abs(right.gradients(X, y)[k] - wrong.gradients(X, y)[k]).max()), 3)
...  for k in right.params]
[0.0, 0.0, 0.111, 0.0]
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, require_rows
from reference_mlp.network import Tape


class KeepingPreactivations(Network):
    def forward(self, X: Array) -> tuple[Array, Tape]:
        x = require_rows("X", X, width=self._width(), dtype=self.dtype)
        caches = []
        z = x
        for i, layer in enumerate(self.layers):
            before = x
            x, cache = layer.forward(x, self._params_of(i))
            if self._names[i] and i:
                cache = z  # BUG: the layer's input was the activation of z
            z = before
            caches.append(cache)
        return x, Tape(x, tuple(caches))


bug = Bug(
    replaces={"network": KeepingPreactivations},
    severity=Severity.WORSE,
    flagged_by=(
        "parameter_differences",
        "scipy_check_grad",
        "certified_gradients",
        "symmetric_jacobian",
        "tied_weights",
        "after_training",
        "equal_arrays",
        "first_order_decrease",
        "overfits_32_digits",
    ),
    right=r"$dW_{l+1} = h_l^\top dz_{l+1}$",
    wrong=r"$dW_{l+1} = z_l^\top dz_{l+1}$",
    symptom="It learns, less well, and worse the more its hidden units saturate.",
    preconditions="A hidden layer, with units that are off or saturated.",
    why_missed=(
        "At small weights $\\tanh z$ and $z$ agree, biases and the first layer are right, and the "
        "shapes are the same."
    ),
    fix="Keep with each layer the array that it was given.",
    origin=("notebook 001, line 238: latent, the list of activations holds h twice",),
    related=("GB116", "GB021"),
)
