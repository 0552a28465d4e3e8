"""What a check found: a number, what it was held against, where, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How one check of one implementation ended."""

    PASSED = "passed"
    FLAGGED = "flagged"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "n/a"


@dataclass(frozen=True)
class Evidence:
    """One measurement: it flags unless `measured` <= `threshold`, so NaN always flags.

    `where` names what was measured (problem, parameter, index), `message` says in a sentence
    what a person should look at. A check that can't settle the matter says `inconclusive`.

    >>> Evidence(measured=0.5, threshold=1e-6, where="0.W[3,0]", message="...").outcome
    <Outcome.FLAGGED: 'flagged'>
    """

    measured: float
    threshold: float
    where: str
    message: str
    inconclusive: bool = False

    @property
    def outcome(self) -> Outcome:
        """Flagged, passed or inconclusive."""
        if self.inconclusive:
            return Outcome.INCONCLUSIVE
        return Outcome.PASSED if self.measured <= self.threshold else Outcome.FLAGGED

    @property
    def severity(self) -> float:
        """How far the measurement is towards its threshold or past it; NaN counts as infinite."""
        if self.measured <= self.threshold:
            return self.measured / self.threshold if self.threshold > 0 else 0.0
        past = self.measured / self.threshold if self.threshold > 0 else float("inf")
        return past if past == past else float("inf")  # noqa: PLR0124 - NaN is not itself


def worst(evidence: list[Evidence]) -> Evidence:
    """Return the evidence that decides: flagged before inconclusive before passed."""
    rank = [Outcome.PASSED, Outcome.INCONCLUSIVE, Outcome.FLAGGED]
    return max(evidence, key=lambda e: (rank.index(e.outcome), e.severity))
