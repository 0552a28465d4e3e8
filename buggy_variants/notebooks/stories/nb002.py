"""How notebook 002 is mended: it learns well, and never used the default that is wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from buggy_variants.notebooks.as_written import nb002
from buggy_variants.notebooks.as_written.nb002 import Activation, Code
from buggy_variants.notebooks.recipes import RECIPES
from buggy_variants.notebooks.story import Mend, Step, Story
from reference_mlp import SoftmaxCrossEntropy, minibatches, one_hot
from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation


def exact_loss(Y: Array, p: Array) -> object:
    """Return the mean of -log p, with no epsilon."""
    with np.errstate(divide="ignore"):
        return SoftmaxCrossEntropy().value(np.log(p), Y)


def small_normal(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return weights of standard deviation 0.01, from the generator that is passed."""
    return rng.normal(0, 0.01, shape)


def he_normal(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return weights of variance 2 / n_in."""
    return rng.normal(0, (2 / shape[0]) ** 0.5, shape)


def own_relus() -> Sequence[Activation | None]:
    """Return a relu for each hidden layer, of its own."""
    return Activation("relu"), Activation("relu"), None


DEFAULTS = Mend(
    "if both hidden layers, 70 wide, took the default relu",
    {"hidden": (70, 70), "activations": nb002.default_activations},
    "211",
    ("GB020",),
)
OWN = Mend(
    "the same with a relu for each of them",
    {"hidden": (70, 70), "activations": own_relus},
    "211",
    ("GB020",),
)
LOSS = Mend(
    "the loss without epsilon, one-hot rows of ten",
    {"loss": exact_loss, "one_hot": one_hot},
    "119, 316",
    ("GB005", "GB087"),
)
SHUFFLED = Mend(
    "one seeded generator, a fresh order each epoch, and all rows",
    {"weights": small_normal, "batches": minibatches},
    "219, 360",
    ("GB136", "GB091"),
)
LARGER = Mend("weights as large as their inputs ask for", {"weights": he_normal}, "219")

STORY = Story(
    recipe=RECIPES["notebook-002"],
    code=Code(),
    looks=nb002.looks,
    stages=12,
    steps=(
        Step((), "It learns. None of its defects is on the way of this network's gradients."),
        Step(
            (DEFAULTS,),
            "The lower layer would take the slopes of the upper one: its gradients would be wrong.",
            alone=True,
        ),
        Step(
            (OWN,),
            "Right gradients, and hardly another accuracy: learning is no test of them.",
            alone=True,
        ),
        Step((LOSS,), "No figure moves: the loss is only shown, and no digit is that far off."),
        Step((SHUFFLED,), "The same law and more varied batches.", recipe=True),
        Step((LARGER,), "Weights of 0.01 had cost the first epochs."),
    ),
)


def loss_mended() -> Implementation:
    """Return the notebook's network with the loss mended, for `gradbugs check`."""
    return nb002.make_network(STORY.code_at(3))
