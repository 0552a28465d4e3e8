"""Known bugs by the rows of the matrix alone: which checks flag them, and which flag a network.

Weaker evidence than answers: many bugs are flagged by the same checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from buggy_variants.catalog import Entry, catalog
from buggy_variants.concerned import concerned
from buggy_variants.diagnosis.suspects import entries
from reference_mlp.testing.probes import Observation
from reference_mlp.testing.report import ALARMS
from reference_mlp.testing.run import Result

ENOUGH = 0.6
"""The share of the checks that flag either which must flag both."""


@dataclass(frozen=True)
class Row:
    """How the row of an entry compares: of the checks made, those that flag both, or one alone."""

    id: str
    both: int
    yours: int
    its: int

    @property
    def entry(self) -> Entry:
        """The entry of the catalog."""
        return catalog()[self.id]

    @property
    def share(self) -> float:
        """Of the checks that flag either, the part that flags both."""
        return self.both / max(1, self.both + self.yours + self.its)

    @property
    def why(self) -> str:
        """A sentence: what is alike, and what isn't."""
        apart = [
            f"{n} {text}" for n, text in ((self.yours, "yours alone"), (self.its, "it alone")) if n
        ]
        checks = "check flags" if self.both == 1 else "checks flag"
        return f"{self.both} {checks} both" + (f", {' and '.join(apart)}" if apart else "")


def judged(results: Iterable[Result]) -> list[Result]:
    """Return the results of the checks that measured something or found something wrong."""
    return [r for r in results if r.evidence is not None or r.outcome in ALARMS]


def agreement(results: Sequence[Result], ids: Iterable[str]) -> tuple[int, int]:
    """Return with how many checks the rows of the bugs `ids` agree, and how many were made."""
    rows = {check for id_ in ids for check in catalog()[id_].bug.caught_by}
    made = judged(results)
    return sum((r.outcome in ALARMS) == (r.check in rows) for r in made), len(made)


def by_rows(results: Iterable[Result], observation: Observation) -> tuple[Row, ...]:
    """Return the entries whose rows are most like the results, best first; none where none is.

    Left out are those in parts that none of its problems has. A check that is inconclusive for an
    entry says nothing of it.
    """
    made = {r.check: r.outcome in ALARMS for r in judged(results)}
    found = []
    for entry in entries(observation):
        if not concerned(entry.bug.replaces, observation.problems):
            continue
        bug = entry.bug
        told = {check for check in made if check not in bug.inconclusive_in}
        yours, its = {c for c in told if made[c]}, told.intersection(bug.caught_by)
        row = Row(entry.id, len(yours & its), len(yours - its), len(its - yours))
        if row.share >= ENOUGH:
            found.append(row)
    return tuple(sorted(found, key=lambda row: (-row.share, -row.both, row.id)))


def verdict(rows: Sequence[Row]) -> str:
    """Say which bugs the checks alone speak for.

    >>> verdict([])
    'By the checks alone, no known bug fits.'
    """
    if not rows:
        return "By the checks alone, no known bug fits."
    it = f"By the checks alone, which is weak evidence, it may be {rows[0].id} {rows[0].entry.slug}"
    others = sum(row.share == rows[0].share for row in rows) - 1
    if not others:
        return f"{it}."
    return f"{it} or {others} {'other that fits' if others == 1 else 'others that fit'} as well."
