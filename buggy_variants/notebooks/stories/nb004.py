"""How notebook 004 is mended: it did what its title says, from weights that are too large."""

from __future__ import annotations

import numpy as np

from buggy_variants.notebooks.as_written import nb004
from buggy_variants.notebooks.as_written.nb004 import Code
from buggy_variants.notebooks.recipes import RECIPES
from buggy_variants.notebooks.story import Mend, Step, Story
from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation

RECIPE = RECIPES["notebook-004"]


def relu(x: Array) -> Array:
    """Return max(x, 0)."""
    return np.maximum(x, 0)


def slope_by_logits(p: Array, y: Array) -> Array:
    """Return d loss / d z, of a batch of any size."""
    dz = p.copy()
    dz[np.arange(len(y)), y] -= 1
    return dz / len(y)


def back_through_relu(dz: Array, h: Array) -> Array:
    """Return the gradient where the relu let something through."""
    return dz * (h > 0)


def latest(_: float | None, loss: float) -> float:
    """Return the loss of the last batch."""
    return loss


def by_fan_out(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights, or biases, by the number of outputs, from the generator that is passed."""
    return rng.normal(0, shape[-1] ** -0.5, shape)


def small_weights(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights of variance 1 / n_in, and biases of zero."""
    return rng.normal(0, shape[0] ** -0.5, shape) if shape[0] > 1 else np.zeros(shape)


def every_layer(name: str, layer: int, n_layers: int, grad: Array) -> Array:
    """Return the gradient, whatever layer it is of."""
    return grad


IN_PLACE = Mend(
    "nothing in place, batches of any size, the loss as it is",
    {
        "relu": relu,
        "slope": slope_by_logits,
        "back_through_relu": back_through_relu,
        "printed": latest,
    },
    "65, 78, 82, 121, 153",
    ("GB016", "GB017", "GB018", "GB034", "GB167"),
)
GENERATOR = Mend(
    "one seeded generator, batches of all digits",
    {"draw": by_fan_out, "batches": RECIPE.batches},
    "39-46",
    ("GB136",),
)
FAN_IN = Mend(
    "weights by the number of inputs, biases of zero",
    {"draw": small_weights},
    "39-46",
    ("GB072", "GB149"),
)
ALL_LAYERS = Mend("all layers are trained", {"kept": every_layer}, "130-137", ("GB077", "GB117"))

STORY = Story(
    recipe=RECIPE,
    code=Code(),
    looks=nb004.looks,
    stages=3,
    steps=(
        Step((), "Slow, on purpose; but it starts above 2.30, the loss of ten classes guessed."),
        Step((IN_PLACE,), "No figure moves: the loop uses no array again after it is spoilt."),
        Step((GENERATOR,), "Another draw of the same law; now the seed replays it.", recipe=True),
        Step(
            (FAN_IN,),
            "It starts near 2.30: the outputs no longer grow with the width of the layer below.",
        ),
        Step((ALL_LAYERS,), "What the title gave up: lower layers that learn too."),
    ),
)


def in_place_mended() -> Implementation:
    """Return the notebook's network with nothing written in place, for `gradbugs check`."""
    return nb004.make_network(STORY.code_at(1))
