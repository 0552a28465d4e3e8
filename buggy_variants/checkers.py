"""Gradient checkers over the catalog: which of its bugs each would have caught."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import numpy as np

from buggy_variants.catalog import Entry, catalog
from buggy_variants.matrix import REFERENCE, implementation_of
from reference_mlp._arrays import Array
from reference_mlp.testing import PROBLEMS, Problem, Setting, assemble
from reference_mlp.testing.global_generators import seeded
from reference_mlp.testing.implementation import NetworkUnderTest, same_part

VISIBLE_TO = frozenset({"parameter_differences", "certified_gradients"})
"""The checks of gradients by differences: a bug that one of them flags, a checker can see."""


@dataclass(frozen=True)
class Caught:
    """What a gradient checker would have done with the catalog, by ids of its entries.

    `alarms` names the problems on which it calls the reference wrong: a checker that always
    says no catches everything.
    """

    caught: tuple[str, ...]
    missed: tuple[str, ...]
    alarms: tuple[str, ...]

    def __str__(self) -> str:
        n = len(self.caught) + len(self.missed)
        text = f"Of the {n} bugs that a gradient check can see, this one catches {len(self.caught)}"
        text += f"; it misses {', '.join(self.missed)}." if self.missed else "."
        if self.alarms:
            text += f" It calls the reference wrong, too: {'; '.join(self.alarms)}."
        return text


def is_checker(entry: Entry) -> bool:
    """Say whether the entry's bug is one of a gradient checker."""
    return "gradient_checker" in entry.bug.replaces


@cache
def caught(checker: Callable[..., bool]) -> Caught:
    """Run `checker` over every bug of the catalog that differences of the loss can see.

    A bug is caught if the checker says False of it, or raises, on one of the problems on which
    its loss or gradients differ from the reference's.
    """
    found: dict[bool, list[str]] = {True: [], False: []}
    for entry in visible():
        refused = any(not _says_right(checker, problem, entry.id) for problem in _unlike(entry.id))
        found[refused].append(entry.id)
    alarms = [p.name for p in PROBLEMS if not _says_right(checker, p, REFERENCE)]
    return Caught(tuple(found[True]), tuple(found[False]), tuple(alarms))


@cache
def visible() -> tuple[Entry, ...]:
    """Return the entries whose networks a check of gradients by differences flags, as declared."""
    right = assemble().make_network
    return tuple(
        entry
        for entry in catalog().values()
        if VISIBLE_TO & set(entry.bug.flagged_by)
        and "float64" in entry.bug.dtypes
        and not same_part(entry.implementation.make_network, right)
    )


@cache
def _unlike(variant: str) -> tuple[Problem, ...]:
    """Return the problems on which the variant's loss or gradients are not the reference's.

    All of them where a first answer is right everywhere: such a bug shows in later ones. The
    smaller ones first: on most of them most bugs are caught, and the larger are spared.
    """
    smaller_first = sorted(PROBLEMS, key=lambda problem: sum(problem.sizes))
    unlike = []
    for problem in smaller_first:
        network, X, y = _built(variant, problem)
        twin, _, _ = _built(REFERENCE, problem)
        for name, p in network.params.items():
            twin.params[name][...] = p
        try:
            with _silent():
                same = _answers_alike(network, twin, X, y)
        except Exception:  # noqa: BLE001 - an answer unlike the reference's
            same = False
        if not same:
            unlike.append(problem)
    return tuple(unlike or smaller_first)


def _built(variant: str, problem: Problem) -> tuple[NetworkUnderTest, Array, Array]:
    """Return a fresh network, as some bugs leave traces in theirs, and a batch."""
    make_network = implementation_of(variant).make_network
    assert make_network is not None  # noqa: S101 - a variant is the reference with a part replaced
    ((_, network, X, y),) = Setting().cases([problem], make_network)
    return network, X, y


def _answers_alike(network: NetworkUnderTest, twin: NetworkUnderTest, X: Array, y: Array) -> bool:
    if network.loss(X, y) != twin.loss(X, y):
        return False
    grads, right = network.gradients(X, y), twin.gradients(X, y)
    return all(np.array_equal(grads[name], right[name]) for name in right)


def _says_right(checker: Callable[..., bool], problem: Problem, variant: str) -> bool:
    """Return the answer of `checker`; an exception is a no."""
    try:
        with _silent(), seeded(0):
            return bool(checker(*_built(variant, problem)))
    except Exception:  # noqa: BLE001 - whatever the checker or the bug raises
        return False


@contextmanager
def _silent() -> Iterator[None]:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
