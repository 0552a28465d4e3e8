"""A constant that no form has: losses that lie between those of two forms of one entry."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from buggy_variants.diagnosis.case import Case
from buggy_variants.diagnosis.compare import Fit, Sheet, alike
from buggy_variants.diagnosis.suspects import Suspect, Suspects, sheet
from reference_mlp.testing.probes import Answer

ENOUGH = 2
"""How many numbers must lie between: one is chance."""


def between(case: Case) -> tuple[Suspects, str, Fit] | None:
    """Return the bug between two forms of which the answers given lie, and which forms; or None.

    Of several it is that whose forms leave least room, and are right where the answers are.
    """
    best: tuple[int, int, float] = (1 - ENOUGH, 0, 0.0)
    found = None
    for family, name in case.families():
        sheets = {suspect: sheet((suspect,), name, case.observation) for suspect in family}
        numbers = [key for key in sorted(case.wrong[name]) if _is_number(case.given[name], key)]
        ordered = sorted(family, key=lambda s: _total(sheets[s], numbers))
        for one, other in pairwise(ordered):
            keys, vague, room = _enclosed(case, name, sheets[one], sheets[other])
            if (-len(keys), vague, room) < best:
                best = -len(keys), vague, room
                says = f"between that {_says(one)} and that {_says(other)}"
                fit = Fit(0, 0, case.wrong_keys - len(keys), 0, tuple((name, key) for key in keys))
                found = (Suspect(one.id),), says, fit
    return found


def _says(suspect: Suspect) -> str:
    return suspect.says or "of its entry"


def _is_number(given: Sheet, key: str) -> bool:
    return _number(given.answers.get(key)) is not None


def _number(answer: Answer | None) -> float | None:
    if answer is None or isinstance(answer, str) or answer.size != 1 or answer.dtype.kind != "f":
        return None
    return float(answer.item()) if np.isfinite(answer).all() else None


def _total(sheet: Sheet, numbers: Iterable[str]) -> float:
    return sum(_number(sheet.answers.get(key)) or 0.0 for key in numbers)


def _enclosed(case: Case, name: str, one: Sheet, other: Sheet) -> tuple[list[str], int, float]:
    """Return the keys of wrong numbers between those of the sheets, and what room is between.

    That is at how many right ones they differ, and how far they are apart. There are no keys
    where anything speaks against it.
    """
    given, tolerance, keys, vague, room = case.given[name], case.tolerance, [], 0, 0.0
    for key in given.answers:
        wrong, number = key in case.wrong[name], _number(given.answers[key])
        if alike(key, one, other, tolerance=tolerance):
            # What only other bugs do says nothing, unless it is of the numbers looked at.
            if (not wrong or number is not None) and not alike(
                key, given, one, tolerance=tolerance
            ):
                return [], 0, 0.0
            continue
        ends = [_number(sheet.answers.get(key)) for sheet in (one, other)]
        if number is None or None in ends:
            return [], 0, 0.0
        low, high = sorted(end for end in ends if end is not None)
        slack = tolerance * max(map(abs, (low, high)))
        if not low - slack <= number <= high + slack:
            return [], 0, 0.0
        room += high - low
        vague += not wrong
        if wrong:
            keys.append(key)
    return keys, vague, room
