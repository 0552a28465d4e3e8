r"""Samples mixed by a reshape to features first.

The formulas want samples in columns, (D, N), and the data have them in rows, (N, D).
`X.reshape(D, N)` returns the shape that was asked for. It doesn't turn the array, though. It
reads the numbers in the order in which they lie in memory, one sample after the other, and deals
them out again in rows of N, so that each column holds a bit of every sample. The course exercise
that has everybody flatten images by `X.reshape(X.shape[0], -1).T` has a forum full of
`X.reshape(-1, X.shape[0])`.

What the network is given are N vectors of D numbers, none of which is anybody's picture, and the
labels in their old order. From there on everything is right. The gradients of the parameters are
those of the loss as computed, to ten digits, so a gradient check passes. Only the gradient of the
inputs comes back in the mixed order, and hardly anybody checks that.

With a batch of one it is no mistake at all, since (1, D) and (D, 1) lie in memory alike. Trained
in batches a network recognises 10 % of the digits. Trained sample by sample it recognises 89 %,
as long as it is asked sample by sample: the same network gets 10 % of the same test digits when
they come in one batch.

A batch of four with a single layer of ones, which returns the sum of each sample's features, and
the same samples one by one:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> network = mlp((3, 1), rng=np.random.default_rng(0), network=FeaturesFirstReshape)
>>> network.params["0.W"][...] = 1
>>> X = np.arange(12.0).reshape(4, 3)
>>> network.logits(X).ravel(), np.array([network.logits(row[None]).item() for row in X])
(array([12., 15., 18., 21.]), array([ 3., 12., 21., 30.]))
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, require_rows
from reference_mlp.network import Tape


class FeaturesFirstReshape(Network):
    def forward(self, X: Array) -> tuple[Array, Tape]:
        x = require_rows("X", X, width=self._width(), dtype=self.dtype)
        x = x.reshape(x.shape[::-1]).T  # BUG: (N, D) dealt out as (D, N), not turned
        caches = []
        for i, layer in enumerate(self.layers):
            x, cache = layer.forward(x, self._params_of(i))
            caches.append(cache)
        return x, Tape(x, tuple(caches))


bug = Bug(
    replaces={"network": FeaturesFirstReshape},
    severity=Severity.WRONG,
    flagged_by=(
        "input_differences",
        "per_sample",
        "duplicated_batch",
        "row_order",
        "batch_cut",
        "forward_formulas",
        "convex_optimum",
        "overfits_32_digits",
        "convergence",
        "evaluation_weights",
        "history_reported",
    ),
    right=r"$(X^T)_{di} = X_{id}$",
    wrong=r"$(X^T)_{di} = x_{dN + i}$, where $x_{iD + d} = X_{id}$",
    symptom=(
        "The loss stays at that of guessing, $\\ln K$. A single sample gets other logits in every "
        "batch that it is put into."
    ),
    preconditions="A batch of more than one sample, and more than one feature.",
    why_missed=(
        "Shapes are right, and the gradients of the parameters are those of the loss as it is "
        "computed. A test with one sample sees the right function."
    ),
    fix="`X.T`, or `X.reshape(N, -1).T` for images; `reshape` never swaps axes.",
    origin=(
        "community.deeplearning.ai, topic 149: flattening images in the logistic regression course",
    ),
    related=("GB056", "GB067"),
)
