"""The answers of every known bug, and of several at once, to the questions that somebody's got."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np

from buggy_variants.catalog import Entry, catalog
from buggy_variants.diagnosis.compare import Sheet
from reference_mlp import ACTIVATIONS, INITIALISERS
from reference_mlp.initialisers import zeros
from reference_mlp.testing import Implementation, Setting, assemble
from reference_mlp.testing.probes import PROBES, Observation
from reference_mlp.testing.problems import Problem

Ids = tuple[str, ...]
_LOSSES = ("softmax_cross_entropy", "sigmoid_binary_cross_entropy", "squared_error")
_OF_FRESH = {"mlp", "network", *INITIALISERS}
OF_NETWORKS = ("networks", "steps", "repeats", "extremes")
"""The probes of networks of given parameters, what tells most for its time first."""


def entries(observation: Observation) -> Iterator[Entry]:
    """Yield the entries that are bugs in the precision of `observation`."""
    dtype = _dtype_of(observation.setting)
    for entry in catalog().values():
        if dtype in entry.bug.dtypes:
            yield entry


def touched(ids: Ids, observation: Observation) -> list[str]:
    """Return the probes in `observation` whose answers the bugs `ids` can change."""
    return [
        name
        for name in observation.answers
        if _tells_apart(name, ids)
        and (name not in OF_NETWORKS or concerned(ids, observation.problems))
        and (name != "fresh_network" or not _OF_FRESH.isdisjoint(replaced(ids)))
    ]


def sheet(ids: Ids, probe: str, observation: Observation) -> Sheet:
    """Return the answers to `probe` of the reference with the bugs `ids` in it."""
    problems = observation.problems if "problems" in PROBES[probe].needs else ()
    return _sheet(ids, probe, problems, observation.setting)


def replaced(ids: Ids) -> dict[str, Any]:
    """Return the parts that the bugs `ids` replace, by name."""
    return {part: own for id_ in ids for part, own in catalog()[id_].bug.replaces.items()}


def forget() -> None:
    """Let go of all answers kept; each setting and set of problems has its own."""
    _sheet.cache_clear()


@lru_cache(maxsize=8192)
def _sheet(ids: Ids, probe: str, problems: tuple[Problem, ...], setting: Setting) -> Sheet:
    if ids and probe in OF_NETWORKS and (those := concerned(ids, problems)) != problems:
        # Elsewhere it is the reference.
        right = dict(_sheet((), probe, problems, setting).answers)
        for key in _sheet((), probe, those, setting).answers:
            right.pop(key, None)
        return Sheet({**right, **_sheet(ids, probe, those, setting).answers})
    implementation = _implementation(ids)
    if problems:
        implementation = replace(implementation, problems=problems)
    make = implementation.make_network
    if probe in OF_NETWORKS and make and "initialiser" in inspect.signature(make).parameters:
        # The parameters are written into it: none need be drawn.
        implementation = replace(implementation, make_network=_unfilled(make))
    with unspoilt(replaced(ids).values()):
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
def _implementation(ids: Ids) -> Implementation:
    return assemble("+".join(ids) or "reference", **replaced(ids))


@lru_cache(maxsize=8192)
def _tells_apart(probe: str, ids: Ids) -> bool:
    return PROBES[probe].tells_apart(_implementation(ids), _implementation(()))


def concerned(ids: Ids, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return those of `problems` whose networks have a part in them that the bugs replace."""
    parts = replaced(ids)
    return tuple(p for p in problems if any(_is_in(part, p) for part in parts))


def _is_in(part: str, problem: Problem) -> bool:
    if part in ACTIVATIONS:
        return part in problem.activation
    if part in _LOSSES:
        return part == problem.loss
    if part == "softmax":
        return problem.loss == "softmax_cross_entropy"
    if part == "penalty":
        return problem.l2 > 0
    return True


def _dtype_of(setting: Setting) -> str:
    return np.dtype(setting.dtype).name
