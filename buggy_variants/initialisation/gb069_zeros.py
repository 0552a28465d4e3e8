r"""Weights that start at zero.

Zero is where one starts when nothing is known, and for a linear classifier it is a good start. In a
hidden layer it is a trap. All units compute the same, get the same gradient and so remain the
same: a layer of a hundred is a layer of one.

With relu it is worse still. Every pre-activation is 0, every output 0, and so is the derivative
that goes back, by the convention for the kink. The hidden layer receives no gradient, and the layer
above none for its weights, as it has nothing but zeros for inputs. What remains is the last bias.
It learns how frequent the classes are, and with that the loss goes from $\ln K$ to the entropy of
the labels, which for balanced classes is no step at all.

No formula is at fault, and no gradient check can find one: the gradients are zero, and zero is
right.

>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> network = mlp((4, 8, 3), rng=rng, initialiser=he_normal)
>>> grads = network.gradients(rng.normal(size=(6, 4)), np.array([0, 0, 0, 1, 1, 2]))
>>> {name: int(np.count_nonzero(g)) for name, g in grads.items()}
{'0.W': 0, '0.b': 0, '2.W': 0, '2.b': 2}
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array


def he_normal(
    n_in: int, n_out: int, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> Array:
    W: Array = np.zeros((n_in, n_out), dtype)  # BUG: all units alike, and they stay so
    return W


bug = Bug(
    replaces={"he_normal": he_normal},
    severity=Severity.WORSE,
    flagged_by=(
        "initial_law",
        "initial_draws",
        "initial_network",
        "initial_spread",
        "overfits_32_digits",
        "convergence",
    ),
    right=r"$W_{jk} \sim N(0, 2 / n_{in})$",
    wrong=r"$W_{jk} = 0$",
    symptom="The loss stays at $\\ln K$ or a hair below, whatever the learning rate.",
    preconditions="A hidden layer.",
    why_missed=(
        "All gradients are right, those that are zero included. Tests that set weights of their "
        "own never see the ones that the network starts from."
    ),
    fix="Draw weights at random; only biases may be zero, and a last layer.",
    origin=("synthetic",),
    related=("GB070",),
)
