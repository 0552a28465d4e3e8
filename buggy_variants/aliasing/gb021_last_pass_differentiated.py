r"""The backward pass takes the last forward pass, whichever that was.

`backward(self, input_, gradient)` receives the input that it is to be differentiated at, and
ignores it. What it uses was left behind by `forward`: `self.inputs`, `self.output`. As long as
every backward pass directly follows its own forward pass the two are the same thing, and the
argument is decoration.

The order is easily disturbed. A validation score between forward and backward, a second
batch sent through for a comparison, a line search that tries the loss somewhere else, or two
losses over one network: each leaves its own activations, and the next backward pass combines the
upstream gradient of one batch with the layer inputs of another. If the batches differ in size
the matrix product raises. If they have the same size, which is what batches are made to have,
the result is a gradient of nothing in particular.

Its cosine with the right one is that of two vectors that have something in common by chance:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> net = mlp((5, 8, 3), rng=rng, network=NetworkOfLastPass)
>>> (X, other), y = rng.normal(size=(2, 6, 5)), rng.integers(3, size=6)
>>> right = net.gradients(X, y)["0.W"]
>>> tape, _ = net.forward(X)[1], net.logits(other)
>>> wrong = net.backward(tape, y)[0]["0.W"]
>>> cosine = (right * wrong).sum() / np.linalg.norm(right) / np.linalg.norm(wrong)
>>> round(float(cosine), 2)
0.7
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params
from reference_mlp.network import Tape


class NetworkOfLastPass(Network):
    caches: tuple[Any, ...]

    def forward(self, X: Array) -> tuple[Array, Tape]:
        logits, tape = super().forward(X)
        self.caches = tape.caches
        return logits, tape

    def backward(self, tape: Tape, y: Array) -> tuple[Params, Array]:
        latest = Tape(tape.logits, self.caches)  # BUG: of the latest pass, not of the one on tape
        return super().backward(latest, y)


bug = Bug(
    replaces={"network": NetworkOfLastPass},
    severity=Severity.WRONG,
    flagged_by=(
        "certified_gradients",
        "interleaved_forwards",
    ),
    right=r"$dW_l = h_{l-1}^\top dz_l$, with $h_{l-1}$ of the batch that $dz_l$ belongs to",
    wrong=r"$dW_l = {h'}_{l-1}^\top dz_l$, with $h'_{l-1}$ of the batch seen last",
    symptom=(
        "None while forward and backward alternate. With another forward pass in between, wrong "
        "gradients, or a `ValueError` about shapes where the batches differ in size."
    ),
    preconditions="A forward pass of another batch between a forward pass and its backward pass.",
    why_missed=(
        "A gradient check and the usual loop run each backward pass right after its own forward "
        "pass."
    ),
    fix="Let `forward` return what `backward` needs, and let `backward` use what it is given.",
    origin=("notebook 000, lines 60-71", "notebook 000, line 35"),
    related=("GB020",),
)
