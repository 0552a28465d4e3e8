"""What each defect of a notebook did: they are mended one after the other, and each time it trains.

A step may be taken alone, to show what its mend does without another, and is then taken back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from buggy_variants.notebooks.recipes import Recipe
from reference_mlp import LOSSES
from reference_mlp._arrays import Array
from reference_mlp.digits import Digits
from reference_mlp.testing.adapt import seeded


class Network(Protocol):
    """What a story asks of a notebook's network."""

    def logits(self, X: Array) -> Array:
        """Return the logits (N, K) of `X` (N, D)."""


Looks = Callable[[Any, tuple[Array, Array], np.random.Generator], Iterator[Network]]
"""From a notebook's `Code`, its training set and a generator to its network, as its author sees it:

first as it is drawn, then once a stage, each time the same object and further trained.
"""


@dataclass(frozen=True)
class Mend:
    """What is changed of a notebook's code, on which of its lines, and the entries that it mends.

    `change` has the new values of fields of the notebook's `Code`.
    """

    what: str
    change: Mapping[str, Any]
    lines: str = ""
    entries: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The lines in words."""
        several = any(mark in self.lines for mark in ",-")
        return f"line{'s' if several else ''} {self.lines}"

    @property
    def title(self) -> str:
        """What is changed, with lines and entries."""
        parts = (self.place if self.lines else "", ", ".join(self.entries))
        places = "; ".join(part for part in parts if part)
        return f"{self.what} ({places})" if places else self.what


@dataclass(frozen=True)
class Step:
    """Mends that are made at once, and what the figures after them show.

    The next step goes on from them unless they are made `alone`. The training of the one that is
    marked as `recipe` is that of `gradbugs train`; what comes after it changes what the recipe
    keeps as its author had it.
    """

    mends: tuple[Mend, ...]
    shows: str
    alone: bool = False
    recipe: bool = False


@dataclass(frozen=True)
class Story:
    """A notebook's code, how it is trained, and the steps that mend it.

    `stages` are as many as do on the digits that come with the package.
    """

    recipe: Recipe
    code: Any
    looks: Looks
    steps: tuple[Step, ...]
    stages: int

    def code_at(self, number: int) -> Any:
        """Return the notebook's code with the mends of the step `number`, counted from 0."""
        before = [step for step in self.steps[:number] if not step.alone]
        code = self.code
        for step in (*before, self.steps[number]):
            for mend in step.mends:
                code = replace(code, **mend.change)
        return code


class Figures(NamedTuple):
    """What came of training: on the set that the notebook is judged by, at its author's last look.

    `first_loss` is that of the network as it is drawn, and `classes` how many different ones it
    answers with. The losses are the reference's, of the network's logits.
    """

    first_loss: float
    loss: float
    accuracy: float
    classes: int
    seconds: float


def measure(
    story: Story,
    number: int,
    digits: Digits,
    *,
    seed: int = 0,
    stages: int | None = None,
    on_test: bool = False,
) -> list[Figures]:
    """Train with the mends of the step `number`; return the figures of each look but the first.

    Judged on the test set where `on_test`. All generators are seeded, also those that the
    notebook's code shares with the rest of the world.
    """
    sets = story.recipe.sets(digits)
    X, targets = sets.test if on_test else sets.judged
    figures = []
    with seeded(seed), np.errstate(all="ignore"), threadpool_limits(1):
        looks = story.looks(story.code_at(number), sets.train, np.random.default_rng(seed))
        first_loss, _, _ = _judge(next(looks), X, targets, story.recipe.loss)
        for _ in range(stages or story.stages):
            start = time.perf_counter()
            network = next(looks)
            seconds = time.perf_counter() - start
            judged = _judge(network, X, targets, story.recipe.loss)
            figures.append(Figures(first_loss, *judged, seconds))
    return figures


def _judge(network: Network, X: Array, targets: Array, loss: str) -> tuple[float, float, int]:
    """Return loss, accuracy and how many classes are answered, of logits that may be NaN."""
    z = network.logits(X)
    # As the notebooks do: of logits that are NaN the largest is the first.
    answers = z.argmax(axis=1)
    labels = targets if targets.ndim == 1 else targets.argmax(axis=1)
    accuracy = float((answers == labels).mean())
    return float(LOSSES[loss].value(z, targets)), accuracy, len(np.unique(answers))
