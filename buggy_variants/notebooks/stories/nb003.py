"""How notebook 003 is mended: a swap and a sign that hide each other, and what waited behind."""

from __future__ import annotations

import numpy as np

from buggy_variants.notebooks.as_written import nb003
from buggy_variants.notebooks.as_written.nb003 import Code, Slope
from buggy_variants.notebooks.recipes import RECIPES
from buggy_variants.notebooks.story import Mend, Step, Story
from reference_mlp import functions, minibatches
from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation


def slope_with_minus(y: Array, p: Array) -> Array:
    """Return d cost / d p, with a minus between its two terms."""
    dp: Array = -(1 / len(y)) * (y / p - (1 - y) / (1 - p))
    return dp


def target_first(slope: Slope, p: Array, y: Array) -> Array:
    """Ask for the slope of the cost as it is declared."""
    return slope(y, p)


def fused(slope: Slope, p: Array, y: Array) -> Array:
    """Return d cost / d z, in which neither quotient nor logarithm is left."""
    dz: Array = (p - y) / len(y)
    return dz


class FusedSigmoid(nb003.Sigmoid):
    """A sigmoid that can't overflow, and whose slope is in the cost's."""

    def forward(self, z: Array) -> Array:
        """Return sigmoid(z)."""
        return functions.sigmoid(z)

    def backward(self, grad: Array) -> Array:
        """Return the gradient as it is."""
        return grad


def positive_weights(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return weights from 0 to 0.01, from the generator that is passed."""
    return rng.uniform(0, 0.01, shape)


def centred_weights(shape: tuple[int, int], rng: np.random.Generator) -> Array:
    """Return weights as far from each other as they were, and about 0."""
    return rng.uniform(-0.005, 0.005, shape)


SIGN = Mend("the sign of the derivative", {"slope": slope_with_minus}, "129", ("GB036",))
ORDER = Mend("target first, as declared", {"ask": target_first}, "212", ("GB037",))
FUSED = Mend(
    "the derivative by the logits, nothing in place, no overflow",
    {"ask": fused, "sigmoid": FusedSigmoid},
    "105, 110, 128",
    ("GB008", "GB018", "GB012"),
)
GENERATOR = Mend(
    "one seeded generator",
    {"weights": positive_weights, "batches": minibatches},
    "37, 151-160",
    ("GB136", "GB184"),
)
CENTRED = Mend("weights of both signs", {"weights": centred_weights}, "37", ("GB073",))

STORY = Story(
    recipe=RECIPES["notebook-003"],
    code=Code(),
    looks=nb003.looks,
    stages=10,
    steps=(
        Step((), "NaN from the first batch. The accuracy is the share of zeros: argmax finds 0."),
        Step(
            (SIGN,),
            "No better: the right formula of the wrong arguments divides by targets of 0.",
            alone=True,
        ),
        Step(
            (ORDER,),
            "Worse than never trained: every output climbs towards 1, and to NaN at 1 - p = 0.",
            alone=True,
        ),
        Step((SIGN, ORDER), "Only both let it learn: each alone looked like no mend at all."),
        Step((FUSED,), "No figure moves: these wait for logits that are larger."),
        Step((GENERATOR,), "Another draw of the same law; now the seed replays it.", recipe=True),
        Step(
            (CENTRED,),
            "It starts near 10 ln 2 and ends near the same: one layer has one valley.",
        ),
    ),
)


def sign_mended() -> Implementation:
    """Return the notebook's network with the sign mended, for `gradbugs check`."""
    return nb003.make_network(STORY.code_at(1))


def order_mended() -> Implementation:
    """Return the notebook's network with the arguments in order, for `gradbugs check`."""
    return nb003.make_network(STORY.code_at(2))
