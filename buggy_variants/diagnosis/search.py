"""The search: every known bug by itself, and several at once where one doesn't account for all."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from buggy_variants.diagnosis.between import between
from buggy_variants.diagnosis.case import Case
from buggy_variants.diagnosis.compare import Fit
from buggy_variants.diagnosis.factors import factors, without
from buggy_variants.diagnosis.found import (
    MOST,
    Found,
    best_share,
    builds,
    cover,
    one_a_bug,
)
from buggy_variants.diagnosis.likeness import likenesses
from buggy_variants.diagnosis.result import Diagnosis
from buggy_variants.diagnosis.rows import agreement, by_rows
from buggy_variants.diagnosis.suggestion import Suggestion
from buggy_variants.diagnosis.suspects import OF_NETWORKS, Suspects, ids_of, replaced
from reference_mlp.testing.probes import Observation
from reference_mlp.testing.report import ALARMS
from reference_mlp.testing.run import Result

LOOKED_AT = 8
"""How many of those that look best at a glance are looked at closely."""
ENOUGH = 0.6
"""The share of the evidence on a matter that must speak for bugs that don't account for it all."""
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
        if not other.case.wrong_keys or best_share(again) > best_share(found):
            return other.diagnosis(again, remarks)
    return search.diagnosis(found, ())


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
        alone = [(suspect,) for suspect in (*case.entries(), *case.forms())]
        # What gives every answer leaves nothing to be said for any other.
        if exact := [suspects for suspects in alone if case.is_all(suspects)]:
            self.single = self._ranked(case, exact)
            return one_a_bug(self.single)
        glance = case.glance()
        seen = self._ranked(glance, alone)
        single = self._ranked(case, alone if glance is case else self._worth(glance, seen, alone))
        self.single = single
        good = [pair for pair in single if case.share(pair[1]) >= ENOUGH]
        apart = [cover(ranked) for ranked in (single, good) if ranked]
        best = list(single)
        # Those that explain something come first: the time may not be enough for all.
        explained = {suspects: fit.explained for suspects, fit in seen}
        partners = sorted(alone, key=lambda suspects: -explained.get(suspects, 0))
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
            apart.append(cover(self._sorted(best + single)))
        found = (
            dict(apart) | dict(one_a_bug(best)[: 2 * MOST]) | dict(one_a_bug(single)[: 2 * MOST])
        )
        # Of several that account for no more than some of them do, the others are chance.
        fitting = [
            (suspects, fit)
            for suspects, fit in found.items()
            if case.share(fit) >= ENOUGH
            and not any(
                set(o) < set(suspects) and f.explained >= fit.explained for o, f in found.items()
            )
        ]
        return one_a_bug(self._sorted(fitting))

    def diagnosis(self, found: Found, remarks: tuple[str, ...]) -> Diagnosis:
        """Return what was found with what there is to say of it."""
        case = self.case
        if not found and case.wrong_keys:
            remarks += tuple(likenesses(case.given, case.right, tolerance=case.tolerance))
        # Where one accounts for everything, what accounts for less is no suggestion.
        if found and found[0][1].perfect:
            found = [(suspects, fit) for suspects, fit in found if fit.perfect]
        # What the first says already, with something left out, is no other suggestion.
        found = found[:1] + [pair for pair in found[1:] if not set(pair[0]) < set(found[0][0])]
        signs = self._signs(found)
        of_other_constants = (
            () if found and found[0][1].perfect else self._signs_between(found + signs)
        )
        return Diagnosis(
            case.observation.name,
            self._suggestions(found),
            self._suggestions(signs) + of_other_constants,
            remarks,
            case.wrong_keys,
            tuple(dict.fromkeys(case.observation.unread.values())),
        )

    def _suggestions(self, found: Found) -> tuple[Suggestion, ...]:
        return tuple(
            Suggestion(suspects, fit, self._agreement(suspects), self._says(suspects, fit))
            for suspects, fit in found[: 2 * MOST]
        )

    def _says(self, suspects: Suspects, fit: Fit) -> str | None:
        """Return what the forms of a bug by itself say that fit as it does, None of several."""
        if len(suspects) > 1:
            return None
        alike = [
            other.says
            for (other,), its in self.single
            if other.id == suspects[0].id and (its.keys, its.score) == (fit.keys, fit.score)
        ]
        # Where the entry's own is among them, it is taken for that.
        return " or ".join(alike) if all(alike) else ""

    def _signs_between(self, suggested: Found) -> tuple[Suggestion, ...]:
        """Return the bug with a constant of its own that may be at what nothing else explains."""
        found = between(self.case)
        explained = {key for _, fit in suggested for key in fit.keys}
        if found is None or explained.issuperset(found[-1].keys):
            return ()
        suspects, says, fit = found
        return (Suggestion(suspects, fit, self._agreement(suspects), says),)

    def _signs(self, found: Found) -> Found:
        """Return bugs against which nothing speaks, and that explain what those found don't.

        Of many bugs at once each may be seen only where the others aren't.
        """
        explained = {key for _, fit in found for key in fit.keys}
        signs = []
        for suspects, fit in one_a_bug(sorted(self.single, key=lambda pair: -pair[1].explained)):
            if not fit.contradicted and not explained.issuperset(fit.keys):
                signs.append((suspects, fit))
                explained.update(fit.keys)
        return signs

    def _worth(self, glance: Case, seen: Found, alone: Sequence[Suspects]) -> list[Suspects]:
        """Return those to be looked at closely: the best at a glance, and those not seen by it."""
        best = {suspects for suspects, _ in builds(seen, LOOKED_AT)}
        unseen = set(alone) - {suspects for suspects, _ in seen}
        # Forms have been seen to explain something.
        best |= {suspects for suspects in unseen if suspects[0].says or glance.is_right(suspects)}
        return [suspects for suspects in alone if suspects in best]

    def _with_another(
        self, bases: Found, partners: Sequence[Suspects], glance: Case, until: float
    ) -> Found:
        """Return the bases with one more bug, of another part, that may account for the rest.

        They are tried on one problem first, that in which most is left; the best at a glance, and
        the best of these closely.
        """
        found: dict[Suspects, None] = {}
        for base, fit in builds(bases, MOST):
            more = [
                tuple(sorted((*base, *other)))
                for other in partners
                if replaced(base).keys().isdisjoint(replaced(other))
                and set(ids_of(base)).isdisjoint(ids_of(other))
            ]
            small = glance.on_one_problem(fit)
            ranked = self._ranked(small, (s for s in more if s not in found), until)
            found |= dict.fromkeys(s for s, _ in ranked[: 2 * MOST])
        if glance is self.case:
            return self._ranked(glance, found)
        looked_at = self._ranked(glance, found)[: 2 * MOST]
        return self._ranked(self.case, (suspects for suspects, _ in looked_at))

    def _ranked(
        self, case: Case, candidates: Iterable[Suspects], until: float | None = None
    ) -> Found:
        """Return those of `candidates` that explain something, best first; stop at a time."""
        found = []
        for suspects in candidates:
            if until is not None and time.process_time() > until:
                break
            fit = case.fit(suspects)
            if fit.explained:
                found.append((suspects, fit))
        return self._sorted(found)

    def _sorted(self, found: Found) -> Found:
        return sorted(found, key=lambda pair: self._order(*pair))

    def _order(self, suspects: Suspects, fit: Fit) -> tuple[float, int, int, float, int, Suspects]:
        agreement = self._agreement(suspects)
        n_forms = sum(bool(suspect.says) for suspect in suspects)
        rows = 0.0 if agreement is None else agreement[0] / max(1, agreement[1])
        return -fit.score, len(ids_of(suspects)), -fit.identical, -rows, n_forms, suspects

    def _agreement(self, suspects: Suspects) -> tuple[int, int] | None:
        """Return with how many checks the bugs' rows agree, and how many were made."""
        return None if self.results is None else agreement(self.results, ids_of(suspects))
