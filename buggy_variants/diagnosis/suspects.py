"""The answers of every known bug, and of several at once, to the questions that somebody's got."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from buggy_variants.bug import Form
from buggy_variants.catalog import Entry, catalog
from buggy_variants.concerned import concerned
from buggy_variants.diagnosis.compare import Sheet
from reference_mlp import INITIALISERS
from reference_mlp.initialisers import zeros
from reference_mlp.testing import Implementation, Setting, assemble
from reference_mlp.testing.probes import PROBES, Observation
from reference_mlp.testing.problems import Problem

_OF_FRESH = {"mlp", "network", *INITIALISERS}
OF_NETWORKS = ("networks", "steps", "repeats", "extremes")
"""The probes of networks of given parameters, what tells most for its time first."""


def matter(probe: str) -> str:
    """Return what `probe` asks about: networks, or the part that it asks by itself."""
    return "networks" if probe in OF_NETWORKS else probe


class Suspect(NamedTuple):
    """A bug of the catalog as its entry has it, or in that of its other forms that says `says`.

    >>> str(Suspect("GB005", "with an epsilon of 1e-10")), Suspect("GB005").ids
    ('GB005, with an epsilon of 1e-10', ('GB005',))
    """

    id: str
    says: str = ""

    @property
    def replaces(self) -> Mapping[str, Any]:
        """The buggy part, by the name of the reference's."""
        return _form(self).replaces if self.says else catalog()[self.id].bug.replaces

    @property
    def ids(self) -> tuple[str, ...]:
        """The id of its entry, and of those that are in it as well."""
        return (self.id, *(_form(self).beside if self.says else ()))

    def __str__(self) -> str:
        return f"{self.id}, {self.says}" if self.says else self.id


Suspects = tuple[Suspect, ...]
"""Bugs that are in one implementation."""


@cache
def _form(suspect: Suspect) -> Form:
    (found,) = (f for f in catalog()[suspect.id].bug.also if f.says == suspect.says)
    return found


def written(entry: Entry) -> Suspects:
    """Return the bug as its entry has it, and in its other forms."""
    return (Suspect(entry.id), *(Suspect(entry.id, form.says) for form in entry.bug.also))


def ids_of(suspects: Suspects) -> tuple[str, ...]:
    """Return the ids of all entries that `suspects` are of."""
    return tuple(sorted(id_ for suspect in suspects for id_ in suspect.ids))


def entries(observation: Observation) -> Iterator[Entry]:
    """Yield the entries that are bugs in the precision of `observation`."""
    dtype = _dtype_of(observation.setting)
    for entry in catalog().values():
        if dtype in entry.bug.dtypes:
            yield entry


def touched(suspects: Suspects, observation: Observation) -> list[str]:
    """Return the probes in `observation` whose answers the bugs `suspects` can change."""
    return [
        name
        for name in observation.answers
        if _tells_apart(name, suspects)
        and (name not in OF_NETWORKS or concerned(replaced(suspects), observation.problems))
        and (name != "fresh_network" or not _OF_FRESH.isdisjoint(replaced(suspects)))
    ]


def sheet(suspects: Suspects, probe: str, observation: Observation) -> Sheet:
    """Return the answers to `probe` of the reference with the bugs `suspects` in it."""
    problems = observation.problems if "problems" in PROBES[probe].needs else ()
    return _sheet(suspects, probe, problems, observation.setting)


def replaced(suspects: Suspects) -> dict[str, Any]:
    """Return the parts that the bugs `suspects` replace, by name."""
    return {part: own for suspect in suspects for part, own in suspect.replaces.items()}


def forget() -> None:
    """Let go of all answers kept; each setting and set of problems has its own."""
    _sheet.cache_clear()


@lru_cache(maxsize=8192)
def _sheet(
    suspects: Suspects, probe: str, problems: tuple[Problem, ...], setting: Setting
) -> Sheet:
    if (
        suspects
        and probe in OF_NETWORKS
        and (those := concerned(replaced(suspects), problems)) != problems
    ):
        # Elsewhere it is the reference.
        right = dict(_sheet((), probe, problems, setting).answers)
        for key in _sheet((), probe, those, setting).answers:
            right.pop(key, None)
        return Sheet({**right, **_sheet(suspects, probe, those, setting).answers})
    implementation = _implementation(suspects)
    if problems:
        implementation = replace(implementation, problems=problems)
    make = implementation.make_network
    if probe in OF_NETWORKS and make and "initialiser" in inspect.signature(make).parameters:
        # The parameters are written into it: none need be drawn.
        implementation = replace(implementation, make_network=_unfilled(make))
    with unspoilt(replaced(suspects).values()):
        return Sheet(PROBES[probe](implementation, setting))


def _unfilled(make: Any) -> Any:
    return partial(make, initialiser=zeros)


@contextmanager
def unspoilt(parts: Iterable[Any]) -> Iterator[None]:
    """Put back what classes hold for all their instances: some bugs count in there."""
    held = [
        (part, name, copy.deepcopy(value))
        for part in parts
        if inspect.isclass(part)
        for name, value in vars(part).items()
        if isinstance(value, dict | list | set | int | float) and not name.startswith("__")
    ]
    try:
        yield
    finally:
        for part, name, value in held:
            setattr(part, name, value)


@lru_cache(maxsize=1024)
def _implementation(suspects: Suspects) -> Implementation:
    return assemble("+".join(map(str, suspects)) or "reference", **replaced(suspects))


@lru_cache(maxsize=16384)
def _tells_apart(probe: str, suspects: Suspects) -> bool:
    return PROBES[probe].tells_apart(_implementation(suspects), _implementation(()))


def _dtype_of(setting: Setting) -> str:
    return np.dtype(setting.dtype).name
