"""How notebook 001 is mended: labels that are one off, and a target that is never the digit's."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from buggy_variants.notebooks.as_written import nb001
from buggy_variants.notebooks.as_written.nb001 import Code
from buggy_variants.notebooks.recipes import RECIPES
from buggy_variants.notebooks.story import Mend, Step, Story
from reference_mlp import functions, minibatches, one_hot
from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation


def own_target(target: Array) -> Array:
    """Return the target that the backward pass is handed."""
    return target


def softmax(z: Array) -> Array:
    """Return the softmax of each column, or of each row where there are several."""
    return functions.softmax(z.T).T if z.shape[1] == 1 else functions.softmax(z)


def unit_normal(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return unit normal weights, or biases, from the generator that is passed."""
    return rng.normal(size=shape)


def shuffled(X: Array, y: Array, *, rng: np.random.Generator) -> Iterator[tuple[Array, Array]]:
    """Yield the digits one by one, in a fresh order."""
    yield from minibatches(X, y, 1, rng=rng)


def small_weights(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights of variance 1 / n_in, and biases of zero."""
    return rng.normal(0, shape[0] ** -0.5, shape) if len(shape) == 2 else np.zeros(shape)


LABELS = Mend("labels as they are", {"one_hot": one_hot}, "45", ("GB086",))
TARGET = Mend("each digit's own target", {"target": own_target}, "243", ("GB025",))
NUMERICS = Mend(
    "softmax with a shift and an axis, sigmoid without overflow",
    {"softmax": softmax, "sigmoid": functions.sigmoid},
    "212, 214",
    ("GB001", "GB068", "GB008"),
)
SHUFFLED = Mend(
    "one seeded generator, a fresh order each epoch",
    {"draw": unit_normal, "batches": shuffled},
)
SMALL = Mend(
    "small weights, biases of zero",
    {"draw": small_weights},
    "219-222",
    ("GB071", "GB149"),
)

STORY = Story(
    recipe=RECIPES["notebook-001"],
    code=Code(),
    looks=nb001.looks,
    stages=1,
    steps=(
        Step((), "It answers the first digit's label less one to all: it is taught nothing else."),
        Step(
            (LABELS,),
            "Now it answers the first digit's label: no better, and the test by hand fails too.",
            alone=True,
        ),
        Step(
            (TARGET,),
            "It learns, and calls each digit by the one before: hardly one answer is right.",
            alone=True,
        ),
        Step((LABELS, TARGET), "Only both: it learns, and says what it sees."),
        Step((NUMERICS,), "No figure moves: the logits are not large enough for it yet."),
        Step((SHUFFLED,), "Another draw of the same law.", recipe=True),
        Step((SMALL,), "Sigmoids that are not saturated from the start learn faster."),
    ),
)


def labels_mended() -> Implementation:
    """Return the notebook's network with labels as they are, for `gradbugs check`."""
    return nb001.make_all(STORY.code_at(1))


def target_mended() -> Implementation:
    """Return the notebook's network with each digit's own target, for `gradbugs check`."""
    return nb001.make_all(STORY.code_at(2))
