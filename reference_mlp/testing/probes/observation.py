"""What an implementation answers to a fixed list of questions, as plain data."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.global_generators import seeded
from reference_mlp.testing.implementation import Implementation, NotProvidedError, same_part
from reference_mlp.testing.probes.seen import why_unread
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting

Answer = Array | str
"""An array, or a word: the type of an exception, a dtype, whether something was changed."""

MOST_ENTRIES = 512
"""Of a larger array every so-and-so-many-th entry is kept: enough to know it by."""

CANNOT_BE_MADE = "cannot be made"


@dataclass(frozen=True)
class Observation:
    """The answers of the implementation `name` by probe and question; it can be pickled.

    `answers` maps a probe's name to its answers, by "what was asked/of which array"; a probe that
    doesn't apply to the implementation is not among them. `unread` says by problem why its networks
    could not be asked: there are no answers of those.
    """

    name: str
    setting: Setting
    problems: tuple[Problem, ...]
    answers: Mapping[str, Mapping[str, Answer]]
    unread: Mapping[str, str] = field(default_factory=dict)


class Answers:
    """Puts questions to code that may raise, and keeps what it answers."""

    def __init__(self) -> None:
        self.found: dict[str, Answer] = {}

    def ask(self, question: str, call: Callable[..., Any], *arguments: Any) -> Any:
        """Keep what `call` returns or the type of what it raises; return it, None if it raised.

        What the implementation doesn't provide is no answer.
        """
        try:
            value = call(*arguments)
        except NotProvidedError:
            return None
        except Exception as error:  # noqa: BLE001 - whatever the code under test raises
            self.found[question] = type(error).__name__
            return None
        self.keep(question, value)
        return value

    def watched(self, question: str, call: Callable[..., Any], *arguments: Any) -> Any:
        """Ask, and keep too which floating-point errors there are; underflow is none."""
        kinds: set[str] = set()

        def note(kind: str, _flag: int) -> None:
            kinds.add(kind)

        with np.errstate(over="call", divide="call", invalid="call", call=note):
            value = self.ask(question, call, *arguments)
        for kind in ("overflow", "divide by zero", "invalid value"):
            self.keep(f"{question}, {kind}", "there is" if kind in kinds else "there is none")
        return value

    def keep(self, question: str, value: Any) -> None:
        """Keep arrays and numbers, in whatever nest of dicts, lists and tuples they come."""
        if isinstance(value, Mapping):
            for key, part in value.items():
                self.keep(f"{question}/{key}", part)
        elif isinstance(value, list | tuple):
            self.keep(f"{question}/number", str(len(value)))
            for i, part in enumerate(value):
                self.keep(f"{question}/{i}", part)
        elif isinstance(value, str) or value is None:
            self.found[question] = str(value)
        else:
            array = np.asarray(value)
            if array.dtype.kind not in "fiub":
                self.found[question] = f"{type(value).__name__} of {array.dtype}"
                return
            if array.size > MOST_ENTRIES:
                self.found[f"{question}/shape"] = str(array.shape)
                array = np.ravel(array)[:: -(-array.size // MOST_ENTRIES)]
            self.found[question] = np.array(array)


@dataclass(frozen=True)
class Probe:
    """A registered probe: its name, the parts that it needs, and the function that asks."""

    name: str
    needs: tuple[str, ...]
    function: Callable[..., None]
    optional: tuple[str, ...] = ()
    """Parts that it asks where they are there."""

    def applies(self, implementation: Implementation) -> bool:
        """Say whether `implementation` has all parts that the probe needs, not all of them lent."""
        own = set(self.needs) - implementation.lent
        return bool(own) and all(getattr(implementation, p) is not None for p in self.needs)

    def tells_apart(self, one: Implementation, other: Implementation) -> bool:
        """Say whether any part that the probe asks differs between the two."""
        return not all(
            same_part(getattr(one, p), getattr(other, p)) for p in self.needs + self.optional
        )

    def __call__(self, implementation: Implementation, setting: Setting) -> dict[str, Answer]:
        """Return the answers of `implementation`; nothing that it raises is raised here."""
        answers = Answers()
        with np.errstate(all="ignore"), warnings.catch_warnings(), seeded(setting.seed):
            warnings.simplefilter("ignore")
            try:
                parts = (getattr(implementation, part) for part in self.needs + self.optional)
                self.function(setting, answers, *parts)
            except NotProvidedError:
                pass
            except Exception as error:  # noqa: BLE001 - outside of a question: in a constructor
                answers.found[CANNOT_BE_MADE] = type(error).__name__
        return answers.found


PROBES: dict[str, Probe] = {}
"""Every probe by its name."""


def probe(function: Callable[..., None]) -> Callable[..., None]:
    """Register a probe: a function of a setting, `Answers`, and the parts that it names.

    It doesn't apply where one is lacking, unless that has a default.
    """
    _at, _answers, *parts = inspect.signature(function).parameters.values()
    name = function.__name__
    needs = tuple(p.name for p in parts if p.default is p.empty)
    PROBES[name] = Probe(
        name, needs, function, tuple(p.name for p in parts if p.default is not p.empty)
    )
    return function


def observe(
    implementation: Implementation,
    setting: Setting | None = None,
    *,
    probes: Iterable[str] | None = None,
) -> Observation:
    """Return the answers of `implementation` to `probes`, by name, to all where None.

    Parameters and data follow from `setting` and the implementation's problems alone, so that the
    answers of two can be compared.

    >>> from reference_mlp.testing import assemble
    >>> observe(assemble(), probes=["one_hot"]).answers["one_hot"]["labels 2 0/dtype"]
    'float64'
    """
    setting = setting or Setting()
    chosen = [PROBES[name] for name in (PROBES if probes is None else probes)]
    return Observation(
        implementation.name,
        setting,
        implementation.problems,
        {p.name: p(implementation, setting) for p in chosen if p.applies(implementation)},
        _unread(implementation, setting) if any("problems" in p.needs for p in chosen) else {},
    )


def _unread(implementation: Implementation, setting: Setting) -> dict[str, str]:
    make_network = implementation.make_network
    if make_network is None:
        return {}
    found: dict[str, str] = {}
    missing: dict[str, str] = {}
    for problem in implementation.problems:
        with np.errstate(all="ignore"), warnings.catch_warnings(), seeded(setting.seed):
            warnings.simplefilter("ignore")
            try:
                if reason := why_unread(problem, make_network, setting):
                    found[problem.name] = reason
            except NotProvidedError as error:
                missing[problem.name] = str(error)
            except Exception:  # noqa: BLE001, S110 - what it raises is an answer of its own
                pass
    # Of one that it doesn't come as there is nothing to say, but of all.
    every = len(missing) == len(implementation.problems)
    return {**found, **missing} if every else found
