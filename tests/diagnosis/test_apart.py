"""Every entry can be told from every other: two that answer alike are one function, and say so."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np

from buggy_variants import catalog, find
from buggy_variants.catalog import Entry
from buggy_variants.diagnosis.compare import Sheet, alike
from buggy_variants.diagnosis.suspects import unspoilt
from reference_mlp.testing import Setting, assemble
from reference_mlp.testing.probes import PROBES
from reference_mlp.testing.probes.observation import Answers
from reference_mlp.testing.probes.training import ask_checker, checker_questions

SEED = 1


def rounds() -> Iterator:
    """Yield functions that ask entries something, and return the answers; cheap ones first.

    Two entries that one of them tells apart need not be asked anything more, as they stay apart
    whatever the others say.
    """
    costly = {"gradient_checker"}
    for name in sorted(PROBES.keys() - costly, key=list(PROBES).index):
        yield lambda entry, name=name: probed(entry, name)
    for kind, case in checker_questions(SEED):
        yield lambda entry, kind=kind, case=case: asked(entry, kind, case)


def probed(entry: Entry, name: str) -> dict:
    own = entry.implementation
    if not PROBES[name].applies(own) or not PROBES[name].tells_apart(own, assemble()):
        return {}
    with unspoilt(entry.bug.replaces.values()):
        return PROBES[name](own, Setting(SEED, entry.bug.dtypes[0]))


def asked(entry: Entry, kind: str, case) -> dict:
    answers = Answers()
    if (checker := entry.bug.replaces.get("gradient_checker")) is not None:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ask_checker(answers, checker, kind, case)
    return answers.found


def tied(entries: list[Entry]) -> list[tuple[str, str]]:
    """Return the pairs that no question tells apart: of the same part, and not declared equal."""
    pairs = [
        (one, other)
        for one, other in combinations(entries, 2)
        if tuple(one.bug.replaces) == tuple(other.bug.replaces)
        and one.bug.dtypes == other.bug.dtypes
        and other.id not in one.bug.equivalent_to
    ]
    for ask in rounds():
        left = {entry.id: entry for pair in pairs for entry in pair}
        answers = {id_: Sheet(ask(entry)) for id_, entry in left.items()}
        pairs = [(a, b) for a, b in pairs if all_alike(answers[a.id], answers[b.id])]
    return [(one.id, other.id) for one, other in pairs]


def all_alike(one: Sheet, other: Sheet) -> bool:
    return set(one.answers) == set(other.answers) and all(
        alike(key, one, other, tolerance=1e-9) for key in one.answers
    )


def test_every_entry_can_be_told_from_every_other():
    assert tied(list(catalog().values())) == []


def test_a_copy_of_an_entry_is_told_from_nothing():
    original = find("GB053")
    ((part, buggy),) = original.bug.replaces.items()

    class Copy(buggy):
        """The same function under another name."""

    copy = replace(original, id="GB999", bug=replace(original.bug, replaces={part: Copy}))
    assert tied([original, copy]) == [("GB053", "GB999")]
    declared = replace(original, bug=replace(original.bug, equivalent_to=("GB999",)))
    assert tied([declared, copy]) == []
