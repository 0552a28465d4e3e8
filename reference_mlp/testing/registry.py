"""The registry of checks: a check is a function of the parts that it needs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.evidence import Evidence
from reference_mlp.testing.implementation import (
    Implementation,
    NetworkFactory,
    NetworkUnderTest,
    same_part,
)
from reference_mlp.testing.problems import Problem

CheckFunction = Callable[..., Iterator[Evidence]]
F = TypeVar("F", bound=CheckFunction)

_PARTS = {field.name for field in fields(Implementation)} - {"name", "lent"}


@dataclass(frozen=True)
class Setting:
    """Where a check is made: the seed that replays it, and the dtype of networks and data.

    A check of single functions (their ULPs, their extremes) covers every dtype by itself, since a
    function is asked for all of them.
    """

    seed: int = 0
    dtype: DTypeLike = np.float64

    def rng(self) -> np.random.Generator:
        """Return a fresh generator, the same at each call."""
        return np.random.default_rng(self.seed)

    def cases(
        self, problems: Iterable[Problem], make_network: NetworkFactory
    ) -> Iterator[tuple[Problem, NetworkUnderTest, Array, Array]]:
        """Yield each problem with a network built for it and a batch (X, y)."""
        for problem in problems:
            rng = self.rng()
            network = problem.build(make_network, dtype=self.dtype, rng=rng)
            yield problem, network, *problem.batch(dtype=self.dtype, rng=rng)


@dataclass(frozen=True)
class Check:
    """A registered check: its name, a short code for tables, what it does, what it needs."""

    name: str
    code: str
    summary: str
    needs: tuple[str, ...]
    function: CheckFunction

    def missing(self, implementation: Implementation) -> list[str]:
        """Return the parts that the check needs and `implementation` lacks.

        Where all that it needs is lent, these are lacking: there is nothing of its own to check.
        """
        missing = [part for part in self.needs if getattr(implementation, part) is None]
        own = set(self.needs) - implementation.lent - {"problems"}
        return missing if own or missing else [p for p in self.needs if p in implementation.lent]

    def tells_apart(self, one: Implementation, other: Implementation) -> bool:
        """Say whether any part that the check needs differs between the two.

        Where none does, what it finds of one it finds of the other.
        """
        return not all(same_part(getattr(one, p), getattr(other, p)) for p in self.needs)

    def __call__(self, implementation: Implementation, setting: Setting) -> Iterator[Evidence]:
        """Yield the evidence, one piece for each thing that is measured."""
        parts: dict[str, Any] = {part: getattr(implementation, part) for part in self.needs}
        return self.function(setting, **parts)


CHECKS: dict[str, Check] = {}
"""All checks by name, in the order in which they were registered."""


def check(code: str) -> Callable[[F], F]:
    """Register a function as a check that tables call `code`.

    Its first parameter is the `Setting`; each further one is named for a part of the
    implementation that it needs. It yields `Evidence`. Its name is the check's, and the first
    line of its docstring the summary.
    """

    def register(function: F) -> F:
        _, *needs = inspect.signature(function).parameters
        if unknown := set(needs) - _PARTS:
            msg = f"check {function.__name__} needs unknown parts {sorted(unknown)}"
            raise TypeError(msg)
        if function.__name__ in CHECKS or code in {c.code for c in CHECKS.values()}:
            msg = f"check {function.__name__} or its code {code} is registered already"
            raise ValueError(msg)
        summary = (inspect.getdoc(function) or "").partition("\n")[0]
        CHECKS[function.__name__] = Check(function.__name__, code, summary, tuple(needs), function)
        return function

    return register
