"""The search: every known bug by itself, and several at once where one doesn't account for all."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from buggy_variants.diagnosis.case import Case
from buggy_variants.diagnosis.compare import Fit, together
from buggy_variants.diagnosis.factors import factors, without
from buggy_variants.diagnosis.likeness import likenesses
from buggy_variants.diagnosis.result import Diagnosis, Suggestion
from buggy_variants.diagnosis.rows import agreement, by_rows
from buggy_variants.diagnosis.suspects import OF_NETWORKS, Ids, replaced
from reference_mlp.testing.probes import Observation
from reference_mlp.testing.report import ALARMS
from reference_mlp.testing.run import Result

MOST = 3
"""How many bugs at once are looked for, and how many of the best are built upon."""
LOOKED_AT = 8
"""How many of those that look best at a glance are looked at closely."""
ENOUGH = 0.6
"""The share of the evidence on a matter that must speak for bugs that don't account for it all."""
SECONDS = 8.0

Found = list[tuple[Ids, Fit]]


def diagnose(
    observation: Observation,
    results: Iterable[Result] | None = None,
    *,
    seconds: float = SECONDS,
) -> Diagnosis:
    """Return the known bugs, best first, that give the answers in `observation`.

    Given the `results` of the checks, it says nothing where none of them is an alarm, and ranks
    bugs that answer alike by the checks that flag them. Several bugs at once are looked for
    until `seconds` of this process's time are over. No bug that fits is an answer, and a frequent
    one. Of networks whose arrays can't be read there are no answers: then the checks alone are held
    against the rows of the matrix.

    >>> from buggy_variants import find
    >>> from reference_mlp.testing.probes import observe
    >>> diagnose(observe(find("GB053").implementation, probes=["linear"])).ids
    (('GB053',),)
    """
    results = None if results is None else tuple(results)
    if results is not None and not any(r.outcome in ALARMS for r in results):
        return Diagnosis(observation.name)
    if observation.unread and not any(observation.answers.get(n) for n in OF_NETWORKS):
        reasons = tuple(dict.fromkeys(observation.unread.values()))
        rows = by_rows(results or (), observation)
        return Diagnosis(observation.name, unread=reasons, rows=rows)
    search = _Search(Case(observation), results, seconds)
    found = search.run()
    apart = factors(observation, search.case.right)
    if apart and not any(fits.perfect for _, fits in found):
        # What is left may be nothing: then the loss is another one, and its gradients are right.
        other = _Search(Case(without(observation, apart)), results, seconds)
        remarks = tuple(f"{factor}; taken as meant" for factor in apart)
        again = other.run()
        if not other.case.wrong_keys or _best(again) > _best(found):
            return other.diagnosis(again, remarks)
    return search.diagnosis(found, ())


def _best(found: Found) -> float:
    return max((fits.share for _, fits in found), default=0.0)


def _cover(ranked: Found) -> tuple[Ids, Fit]:
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
    """One search, of a case and of what the checks found of it."""

    def __init__(self, case: Case, results: tuple[Result, ...] | None, seconds: float) -> None:
        self.case, self.results, self.seconds = case, results, seconds
        self.single: Found = []

    def run(self) -> Found:
        """Return what fits well enough, best first."""
        case = self.case
        if not case.wrong_keys:
            return []
        alone = [(entry.id,) for entry in case.entries]
        # What gives every answer leaves nothing to be said for any other.
        if exact := [ids for ids in alone if case.is_all(ids)]:
            return self._ranked(case, exact)
        glance = case.glance()
        seen = self._ranked(glance, alone)
        single = self._ranked(case, alone if glance is case else self._worth(glance, seen, alone))
        self.single = single
        good = [pair for pair in single if case.share(pair[1]) >= ENOUGH]
        apart = [_cover(ranked) for ranked in (single, good) if ranked]
        best = list(single)
        # Those that explain something come first: the time may not be enough for all.
        explained = {ids: fit.explained for ids, fit in seen}
        partners = sorted(alone, key=lambda ids: -explained.get(ids, 0))
        until = time.process_time() + self.seconds
        # What accounts for everything, each bug by itself, needs no building.
        for _ in range(0 if any(fit.perfect for _, fit in apart) else MOST - 1):
            if not best or best[0][1].perfect:
                break
            more = self._with_another(best if best != single else seen, partners, glance, until)
            # One more must account for more than a single answer, or it is chance.
            if not more or more[0][1].score <= best[0][1].score + 1:
                break
            best = more
        if best != single:
            apart.append(_cover(self._sorted(best + single)))
        found = dict(apart) | dict(best[: 2 * MOST]) | dict(single[: 2 * MOST])
        # Of several that account for no more than some of them do, the others are chance.
        return self._sorted(
            [
                (ids, fit)
                for ids, fit in found.items()
                if case.share(fit) >= ENOUGH
                and not any(
                    set(o) < set(ids) and f.explained >= fit.explained for o, f in found.items()
                )
            ]
        )

    def diagnosis(self, found: Found, remarks: tuple[str, ...]) -> Diagnosis:
        """Return what was found with what there is to say of it."""
        case = self.case
        if not found and case.wrong_keys:
            remarks += tuple(likenesses(case.given, case.right, tolerance=case.tolerance))
        # Where one accounts for everything, what accounts for less is no suggestion.
        if found and found[0][1].perfect:
            found = [(ids, fit) for ids, fit in found if fit.perfect]
        return Diagnosis(
            case.observation.name,
            self._suggestions(found),
            self._suggestions(self._signs(found)),
            remarks,
            case.wrong_keys,
            tuple(dict.fromkeys(case.observation.unread.values())),
        )

    def _suggestions(self, found: Found) -> tuple[Suggestion, ...]:
        return tuple(Suggestion(ids, fit, self._agreement(ids)) for ids, fit in found[: 2 * MOST])

    def _signs(self, found: Found) -> Found:
        """Return bugs against which nothing speaks, and that explain what those found don't.

        Of many bugs at once each may be seen only where the others aren't.
        """
        explained = {key for _, fit in found for key in fit.keys}
        signs = []
        for ids, fit in sorted(self.single, key=lambda pair: -pair[1].explained):
            if not fit.contradicted and not explained.issuperset(fit.keys):
                signs.append((ids, fit))
                explained.update(fit.keys)
        return signs

    def _worth(self, glance: Case, seen: Found, alone: Sequence[Ids]) -> list[Ids]:
        """Return those to be looked at closely: the best at a glance, and those not seen by it."""
        unseen = set(alone) - {ids for ids, _ in seen}
        best = {ids for ids, _ in _builds(seen, LOOKED_AT)}
        return [ids for ids in alone if ids in best or (ids in unseen and glance.is_right(ids))]

    def _with_another(
        self, bases: Found, partners: Sequence[Ids], glance: Case, until: float
    ) -> Found:
        """Return the bases with one more bug, of another part, that may account for the rest.

        They are tried on one problem first, that in which most is left; the best at a glance, and
        the best of these closely.
        """
        found: dict[Ids, None] = {}
        for base, fit in _builds(bases, MOST):
            parts = replaced(base).keys()
            ids = [
                tuple(sorted((*base, *other)))
                for other in partners
                if parts.isdisjoint(replaced(other))
            ]
            small = glance.on_one_problem(fit)
            ranked = self._ranked(small, (i for i in ids if i not in found), until)
            found |= dict.fromkeys(i for i, _ in ranked[: 2 * MOST])
        if glance is self.case:
            return self._ranked(glance, found)
        looked_at = self._ranked(glance, found)[: 2 * MOST]
        return self._ranked(self.case, (ids for ids, _ in looked_at))

    def _ranked(self, case: Case, candidates: Iterable[Ids], until: float | None = None) -> Found:
        """Return those of `candidates` that explain something, best first; stop at a time."""
        found = []
        for ids in candidates:
            if until is not None and time.process_time() > until:
                break
            fit = case.fit(ids)
            if fit.explained:
                found.append((ids, fit))
        return self._sorted(found)

    def _sorted(self, found: Found) -> Found:
        return sorted(found, key=lambda pair: self._order(*pair))

    def _order(self, ids: Ids, fit: Fit) -> tuple[float, int, int, float, Ids]:
        agreement = self._agreement(ids)
        rows = 0.0 if agreement is None else agreement[0] / max(1, agreement[1])
        return -fit.score, len(ids), -fit.identical, -rows, ids

    def _agreement(self, ids: Ids) -> tuple[int, int] | None:
        """Return with how many checks the bugs' rows agree, and how many were made."""
        return None if self.results is None else agreement(self.results, ids)


def _builds(found: Found, n: int) -> Found:
    """Return the `n` best, and the `n` that explain most whatever speaks against them.

    Of two bugs that change each other's answers each by itself is contradicted.
    """
    most = sorted(found, key=lambda pair: -pair[1].explained)
    return list(dict([*found[:n], *most[:n]]).items())
