"""The search: every known bug by itself, and several at once where one doesn't account for all."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from buggy_variants.catalog import Entry, catalog
from buggy_variants.diagnosis.compare import (
    Fit,
    Sheet,
    differences,
    fit_of,
    together,
    tolerance_of,
)
from buggy_variants.diagnosis.factors import factors, without
from buggy_variants.diagnosis.likeness import likenesses
from buggy_variants.diagnosis.result import Diagnosis, Suggestion
from buggy_variants.diagnosis.suspects import Ids, entries, replaced, sheet, touched
from reference_mlp.testing.probes import Observation
from reference_mlp.testing.report import ALARMS
from reference_mlp.testing.run import Result

MOST = 3
"""How many bugs at once are looked for, and how many of the best are built upon."""
ENOUGH = 0.6
"""The share of the evidence that must speak for bugs that don't account for all of it."""
SECONDS = 8.0


def diagnose(
    observation: Observation,
    results: Iterable[Result] | None = None,
    *,
    seconds: float = SECONDS,
) -> Diagnosis:
    """Return the known bugs, best first, that give the answers in `observation`.

    Given the `results` of the checks, it says nothing where none of them is an alarm, and ranks
    bugs that answer alike by the checks that flag them. Several bugs at once are looked for
    until `seconds` are over. No bug that fits is an answer, and a frequent one.

    >>> from buggy_variants import find
    >>> from reference_mlp.testing.probes import observe
    >>> diagnose(observe(find("GB053").implementation, probes=["linear"])).ids
    (('GB053',),)
    """
    results = None if results is None else tuple(results)
    if results is not None and not any(r.outcome in ALARMS for r in results):
        return Diagnosis(observation.name)
    search = _Search(observation, results, time.monotonic() + seconds)
    found = search.run()
    if not any(fits.perfect for _, fits in found) and (apart := factors(observation, search.right)):
        # What is left may be nothing: then the loss is another one, and its gradients are right.
        other = _Search(without(observation, apart), results, search.until)
        remarks = tuple(f"{factor}; taken as meant" for factor in apart)
        again = other.run()
        if not other.wrong_keys or _best(again) > _best(found):
            return other.diagnosis(again, remarks)
    return search.diagnosis(found, ())


def _best(found: Sequence[tuple[Ids, Fit]]) -> float:
    return max((fits.share for _, fits in found), default=0.0)


def _cover(ranked: Sequence[tuple[Ids, Fit]]) -> tuple[Ids, Fit]:
    """Return bugs that each account for something the others don't, with little against them.

    So are two found that are in one part, and can't be assembled.
    """
    ids, fit = ranked[0]
    for others, more in ranked[1:]:
        both = together(fit, more)
        if more.precise and both.score > fit.score + 1 and len(ids) < MOST:
            ids, fit = tuple(sorted({*ids, *others})), both
    return ids, fit


class _Search:
    """One search: the answers given, the right ones, and where they differ."""

    def __init__(
        self, observation: Observation, results: tuple[Result, ...] | None, until: float
    ) -> None:
        self.observation, self.results, self.until = observation, results, until
        self.tolerance = tolerance_of(observation.setting.dtype)
        self.given = {name: Sheet(answers) for name, answers in observation.answers.items()}
        self.right = {name: sheet((), name, observation) for name in self.given}
        self.wrong = differences(self.given, self.right, tolerance=self.tolerance)

    @property
    def wrong_keys(self) -> int:
        return sum(len(keys) for keys in self.wrong.values())

    def run(self) -> list[tuple[Ids, Fit]]:
        """Return what fits well enough, best first."""
        if not self.wrong_keys:
            return []
        single = self._ranked((entry.id,) for entry in self._entries())
        apart = [_cover(single)] if single else []
        best = list(single)
        # What accounts for everything, each bug by itself, needs no building.
        for _ in range(0 if any(fit.perfect for _, fit in apart) else MOST - 1):
            if not best or best[0][1].perfect:
                break
            more = self._ranked(self._with_another(best[:MOST]))
            # One more must account for more than a single answer, or it is chance.
            if not more or more[0][1].score <= best[0][1].score + 1:
                break
            best = more
        if best != single:
            apart.append(_cover(sorted(best + single, key=lambda pair: self._order(*pair))))
        found = dict(apart) | dict(best[: 2 * MOST]) | dict(single[: 2 * MOST])
        kept = [(ids, fit) for ids, fit in found.items() if fit.share >= ENOUGH]
        return sorted(kept, key=lambda pair: self._order(*pair))

    def diagnosis(self, found: list[tuple[Ids, Fit]], remarks: tuple[str, ...]) -> Diagnosis:
        """Return what was found with what there is to say of it."""
        if not found and self.wrong_keys:
            remarks += tuple(likenesses(self.given, self.right, tolerance=self.tolerance))
        # Where one accounts for everything, what accounts for less is no suggestion.
        if found and found[0][1].perfect:
            found = [(ids, fit) for ids, fit in found if fit.perfect]
        return Diagnosis(
            self.observation.name,
            tuple(Suggestion(ids, fit, self._agreement(ids)) for ids, fit in found[: 2 * MOST]),
            remarks,
            self.wrong_keys,
        )

    def _with_another(self, bases: Sequence[tuple[Ids, Fit]]) -> list[Ids]:
        """Return the bases with one more bug, of another part, that may account for the rest.

        They are tried on one problem first, that in which most is left.
        """
        found: dict[Ids, None] = {}
        for base, fit in bases:
            parts = replaced(base).keys()
            ids = [
                tuple(sorted((*base, entry.id)))
                for entry in self._entries()
                if parts.isdisjoint(entry.bug.replaces)
            ]
            if (small := self._smaller(fit)) is not None:
                ids = [more for more, _ in small._ranked(ids)[: 2 * MOST]]
            found |= dict.fromkeys(ids)
        return list(found)

    def _smaller(self, fit: Fit) -> _Search | None:
        """Return the search on the problem with most answers that `fit` doesn't explain."""
        problems = self.observation.problems
        if len(problems) == 1 or "networks" not in self.wrong:
            return None
        explained = set(fit.keys)
        left = [key for key in self.wrong["networks"] if ("networks", key) not in explained]
        counts = [sum(key.startswith(f"{p.name}, ") for key in left) for p in problems]
        if not max(counts, default=0):
            return None
        chosen = problems[counts.index(max(counts))]
        answers = {
            key: answer
            for key, answer in self.observation.answers["networks"].items()
            if key.startswith(f"{chosen.name}, ")
        }
        only = replace(self.observation, problems=(chosen,), answers={"networks": answers})
        return _Search(only, self.results, self.until)

    def _entries(self) -> Iterable[Entry]:
        """Yield the entries that touch a probe in which something is wrong."""
        for entry in entries(self.observation):
            if any(self.wrong[name] for name in touched((entry.id,), self.observation)):
                yield entry

    def _ranked(self, candidates: Iterable[Ids]) -> list[tuple[Ids, Fit]]:
        """Return those of `candidates` that explain something, best first."""
        found = []
        for ids in candidates:
            probes = touched(ids, self.observation)
            if len(ids) > 1 and time.monotonic() > self.until:
                break
            sheets = {name: sheet(ids, name, self.observation) for name in probes}
            fit = fit_of(self.given, self.right, sheets, self.wrong, tolerance=self.tolerance)
            if fit.explained:
                found.append((ids, fit))
        return sorted(found, key=lambda pair: self._order(*pair))

    def _order(self, ids: Ids, fit: Fit) -> tuple[float, int, int, float, Ids]:
        agreement = self._agreement(ids)
        rows = 0.0 if agreement is None else agreement[0] / max(1, agreement[1])
        return -fit.score, len(ids), -fit.identical, -rows, ids

    def _agreement(self, ids: Ids) -> tuple[int, int] | None:
        """Return with how many checks the bugs' rows agree, and how many were made."""
        if self.results is None:
            return None
        rows = {check for id_ in ids for check in catalog()[id_].bug.flagged_by}
        made = [r for r in self.results if r.evidence is not None or r.outcome in ALARMS]
        return sum((r.outcome in ALARMS) == (r.check in rows) for r in made), len(made)
