r"""Unknown activation that counts as linear.

Activations are chosen by name, and the last `else` has to return something. The identity seems
harmless, and is what an output layer needs, so it becomes the default. Then somebody writes "relu"
where the table has "ReLU", or "leaky_relu" where it has no such thing, and gets a network without
any activation. No message appears.

Two linear layers make one linear layer. The network can't bend a boundary, however many units it
has, and can still do what a linear classifier can: nine tenths of the digits, say, which looks like
a network that needs a little tuning. Where classes are separable by planes nothing is lost at all.

Forward and backward pass ask the same table, so they agree, and the gradient is that of a
linear network to the last digit. The check that sees it evaluates the network at a point and at
its opposite. A relu network isn't odd, and this one is:

>>> h, _ = ReluByName().forward(np.array([-2.0, 0.5]))
>>> h
array([-2. ,  0.5])
"""

from collections.abc import Callable

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp import Relu
from reference_mlp._arrays import Array

Pair = tuple[Callable[[Array], Array], Callable[[Array], Array]]

LINEAR: Pair = (lambda z: z, np.ones_like)
FUNCTIONS: dict[str, Pair] = {
    "Tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
}


class ReluByName(Relu):
    name = "relu"

    def forward(self, z: Array) -> tuple[Array, Array]:
        return self._functions()[0](z), z

    def backward(self, cache: Array, dh: Array) -> Array:
        z = cache
        return dh * self._functions()[1](z)

    def _functions(self) -> Pair:
        return FUNCTIONS.get(self.name, LINEAR)  # BUG: a misspelt name is no activation at all


bug = Bug(
    replaces={"relu": ReluByName},
    severity=Severity.WORSE,
    flagged_by=(
        "relu_at_zero",
        "forward_formulas",
        "extreme_activations",
    ),
    right=r"$h = \max(z, 0)$, or an error for a name that isn't known",
    wrong=r"$h = z$",
    symptom=(
        "The network does as well as a linear classifier, whatever its depth and width. "
        "No unit is ever off."
    ),
    preconditions="A name that the table doesn't hold, be it for an upper case letter.",
    why_missed=(
        "A gradient check compares a linear network with itself. On data that a plane separates, "
        "the learning curve is good too."
    ),
    fix="`FUNCTIONS[name]`, which raises, with a message that lists the names there are.",
    origin=(
        "notebook 002, line 143",
        "notebook 002, line 566: latent, the activation None, which no check there ran",
    ),
    related=("GB141",),
)
