r"""Gradients remembered by the identity of the batch.

Full-batch descent passes the same two arrays at each call, and asks for the loss and the gradients
separately, each of which runs the whole forward pass. A dictionary keyed by `id(X)` saves the
second run. It also saves all later ones: the arrays are the same, and that the parameters
have moved in between is not part of the key.

So the gradient of the first step is used for good. Descent goes on in a straight line, with a
constant stride, through the valley and up the other side. With minibatches cut anew in each step
the identities differ, mostly, and nothing is seen; "mostly", since CPython gives the address of
a freed array to the next one that fits, and then a batch gets the gradient of its predecessor.

A gradient check asks once at one point, and is satisfied. After a step the remembered gradient is
still that of the start:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> net = mlp((3, 2), rng=rng, network=Remembering)
>>> X, y = rng.normal(size=(6, 3)), rng.integers(2, size=6)
>>> before = net.gradients(X, y)["0.b"].round(3)
>>> net.params["0.b"] += 5 * np.array([1.0, -1.0])
>>> before, net.gradients(X, y)["0.b"].round(3), net.gradients(X.copy(), y)["0.b"].round(3)
(array([-0.017,  0.017]), array([-0.017,  0.017]), array([ 0.5, -0.5]))
"""

from typing import Any

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array, Params


class Remembering(Network):
    memory: tuple[tuple[int, int], Array, Array, Params] | None = None

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[Any, Params]:
        key = (id(X), id(y))  # BUG: the parameters belong to the key, and addresses are reused
        if self.memory is None or self.memory[0] != key:
            # X and y are held, so that their addresses stay taken.
            self.memory = key, X, y, super().loss_and_gradients(X, y)[1]
        grads = {name: g.copy() for name, g in self.memory[3].items()}
        return self.loss(X, y), grads


bug = Bug(
    replaces={"network": Remembering},
    severity=Severity.WORSE,
    flagged_by=(
        "after_training",
        "convex_optimum",
    ),
    right=r"$g_t = \nabla L(\theta_t)$",
    wrong=r"$g_t = \nabla L(\theta_0)$ for as long as the batch is the same array",
    symptom="The loss falls, passes a minimum and rises in a straight line.",
    preconditions="The same arrays are passed again after a step.",
    why_missed="A gradient check doesn't move the parameters between two gradients of one batch.",
    fix="Ask for loss and gradients together: `loss_and_gradients`.",
    origin=("synthetic",),
    related=("GB111", "GB113"),
)
