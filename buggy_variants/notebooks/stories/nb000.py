"""How notebook 000 is mended: it learnt well, by a gradient and a rate that were each wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from buggy_variants.notebooks.as_written import nb000
from buggy_variants.notebooks.as_written.nb000 import MLP, Code
from buggy_variants.notebooks.recipes import RECIPES
from buggy_variants.notebooks.story import Mend, Step, Story
from reference_mlp import functions, minibatches
from reference_mlp._arrays import Array
from reference_mlp.testing import Implementation


def slope_of_mean(p: Array, y: Array) -> Array:
    """Return d cost / d p, of the mean."""
    return nb000.slope_of_cost(p, y) / len(p)


def slope_by_logits(p: Array, y: Array) -> Array:
    """Return d cost / d z, of the mean, in which nothing is divided by p."""
    dz = p.copy()
    dz[np.arange(len(p)), y] -= 1
    return dz / len(p)


class FusedSoftmax(nb000.Softmax):
    """A softmax whose slope is in the cost's."""

    def backward(self, grad: Array) -> Array:
        """Return the gradient as it is."""
        return grad


class SafeSigmoid(nb000.Sigmoid):
    """A sigmoid that can't overflow."""

    def forward(self, z: Array) -> Array:
        """Return sigmoid(z)."""
        self.output = functions.sigmoid(z)
        return self.output


def after(network: MLP, train: Callable[[], None]) -> Iterator[MLP]:
    """Yield the network after each epoch of training, for ever."""
    while True:
        train()
        yield network


def unit_normal(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights, or biases, of unit variance, from the generator that is passed."""
    return rng.normal(size=shape)


def small_weights(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return weights of variance 1 / n_in, and biases of zero."""
    return rng.normal(0, shape[0] ** -0.5, shape) if len(shape) == 2 else np.zeros(shape)


MEAN = Mend("the gradient of the mean", {"slope": slope_of_mean}, "75, 79", ("GB031",))
RATE = Mend("a learning rate of 1 in place of 0.01", {"learning_rate": 1.0}, "113")
AFTER = Mend("accuracy after each epoch", {"shown": after}, "102-104", ("GB165",))
FUSED = Mend(
    "softmax and cost in one, sigmoid without overflow",
    {"slope": slope_by_logits, "softmax": FusedSoftmax, "sigmoid": SafeSigmoid},
    "32, 45, 78",
    ("GB004", "GB008"),
)
SHUFFLED = Mend(
    "one seeded generator, a fresh order each epoch, and all rows",
    {"draw": unit_normal, "batches": minibatches},
    "18, 100",
    ("GB136", "GB091"),
)
SMALL = Mend("small weights, biases of zero", {"draw": small_weights}, "18, 19", ("GB071", "GB149"))

STORY = Story(
    recipe=RECIPES["notebook-000"],
    code=Code(),
    looks=nb000.looks,
    stages=10,
    steps=(
        Step((), "It learns: a gradient 100 times too large by a rate 100 times too small."),
        Step(
            (MEAN,),
            "Right by itself, and 100 times too slow: the rate had been found for the sum.",
            alone=True,
        ),
        Step((MEAN, RATE), "The same as at first: the two cancelled, at batches of 100 only."),
        Step((AFTER,), "What was printed is the epoch before; the last had never been seen."),
        Step((FUSED,), "No figure moves: 1 / p overflows only for a network that is very sure."),
        Step((SHUFFLED,), "Another draw of the same law; now the seed replays it.", recipe=True),
        Step((SMALL,), "Sigmoids that are not saturated from the start learn faster."),
    ),
)


def mean_mended() -> Implementation:
    """Return the notebook's network with the gradient of the mean, for `gradbugs check`."""
    return nb000.make_network(STORY.code_at(1))
