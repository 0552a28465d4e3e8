r"""Relu's cache overwritten in its backward pass.

Relu's derivative is 1 where the output is positive and 0 elsewhere. Keeping the output
$h = \max(z, 0)$ for the backward pass is enough, then, and turning it into the mask takes one
line, `h[h > 0] = 1`. What is kept, however, is not relu's own: it is the very array that was
returned, and the next layer keeps it too, as its input.

The layers above have run their backward passes by the time relu's comes, so nobody in this pass
reads the array again and every gradient is right. But the tape is spoiled. Where $h$ was, there
are now zeros and ones, and a second backward pass of the same forward pass gives the next
layer's weights $\partial L / \partial W = m^\top dz$ in place of $h^\top dz$: finite, of a likely
size, and wrong. Relu's own derivative, oddly, stays right, because the mask of a mask is the same
mask. The same goes for anybody who asked for the hidden activations in order to plot them or to
feed a second head.

A network that runs forward before each backward never shows it. It takes two backward passes
over one tape, as for two losses on one network or for the rows of a Jacobian.

The gradient comes out right, and the activations, 2 and 3, become ones:

>>> h, cache = ReluOverwritingCache().forward(np.array([-1.0, 2.0, 3.0]))
>>> ReluOverwritingCache().backward(cache, np.ones(3)), h
(array([0., 1., 1.]), array([0., 1., 1.]))
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Relu
from reference_mlp._arrays import Array


class ReluOverwritingCache(Relu):
    def forward(self, z: Array) -> tuple[Array, Array]:
        h = np.maximum(z, 0)
        return h, h

    def backward(self, cache: Array, dh: Array) -> Array:
        h = cache
        h[h > 0] = 1  # BUG: the next layer's input is this same array
        dz: Array = dh * h
        return dz


bug = Bug(
    replaces={"relu": ReluOverwritingCache},
    severity=Severity.WRONG,
    flagged_by=(
        "modules_unchanged",
        "asked_twice",
    ),
    right=r"$dz = dh \odot m, \quad m = [h > 0]$, and $h$ is left alone",
    wrong=r"$h \leftarrow m = [h > 0], \quad dz = dh \odot h$",
    symptom=(
        "The first backward pass is right. After it the hidden activations are all 0 or 1, and a "
        "second backward pass of the same tape returns other gradients for the layer above."
    ),
    preconditions="The tape of one forward pass is used twice, or its activations are read.",
    why_missed=(
        "Training and gradient checks run forward before each backward pass, and by the time the "
        "array is overwritten the layer above has used it."
    ),
    fix="`dz = dh * (h > 0)`: a mask of its own.",
    origin=("notebook 003, lines 85-88",),
    related=("GB016", "GB017", "GB018", "GB044", "GB045"),
)
