r"""The tape is used up by the backward pass.

`while self.tape: layer = self.tape.pop()` walks through the operations in reverse, without an
index and without `reversed`, and it frees the memory on the way. It also means that the tape is
empty afterwards. The second backward pass over it has no operation to undo: the loop ends
before it begins, and whatever the gradients were initialised with is returned, zeros.

Frameworks that free their graphs say so. PyTorch raises "Trying to backward through the graph a
second time". Here nothing is said, and zeros are the most plausible wrong gradients there are:
finite, of the right shape, and met often enough in networks with dead units. Whoever needs two
backward passes, for the sum of two losses, for the rows of a Jacobian, or in a gradient check
that asks twice to see whether the answer is stable, gets the first one right and then
nothing.

>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> net = mlp((4, 5, 3), rng=rng, network=NetworkPoppingTape)
>>> _, tape = net.forward(rng.normal(size=(6, 4)))
>>> for _ in range(2):
...     grads, _ = net.backward(tape, np.zeros(6, int))
...     print([round(float(np.linalg.norm(g)), 3) for g in grads.values()])
[0.592, 0.384, 0.613, 0.868]
[0.0, 0.0, 0.0, 0.0]
"""

from typing import Any

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params


class NetworkPoppingTape(Network):
    def forward(self, X: Array) -> tuple[Array, Any]:
        logits, tape = super().forward(X)
        return logits, (logits, list(enumerate(tape.caches)))

    def backward(self, tape: Any, y: Array) -> tuple[Params, Array]:
        logits, caches = tape
        dz = self.loss_function.gradient(logits, y)
        grads = {name: np.zeros_like(p) for name, p in self.params.items()}
        while caches:
            i, cache = caches.pop()  # BUG: the caller's tape is empty afterwards
            dz, of_layer = self.layers[i].backward(cache, dz, self._params_of(i))
            for own, g in of_layer.items():
                grads[self._names[i][own]] += g
        for name, g in self._penalty_gradients().items():
            grads[name] = grads[name] + g
        return grads, dz


bug = Bug(
    replaces={"network": NetworkPoppingTape},
    severity=Severity.WRONG,
    flagged_by=("asked_twice",),
    right=r"$\nabla L$, each time the backward pass of a tape is run",
    wrong=r"$\nabla L$ the first time, and $0$ (or the penalty's part alone) after it",
    symptom="The second backward pass over one forward pass returns zeros.",
    preconditions="One forward pass, two backward passes.",
    why_missed="A training step, like a gradient check, runs forward before every backward pass.",
    fix="Iterate over `reversed(caches)` and leave the tape to whoever made it.",
    origin=("synthetic: after PyTorch's retain_graph",),
    related=("GB017", "GB022", "GB099"),
)
