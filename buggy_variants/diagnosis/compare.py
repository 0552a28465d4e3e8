"""Whether two answers are the same but for rounding, and how far a bug accounts for what differs.

Arrays are compared at the size of all arrays that answer one question: of a gradient every array
may carry the rounding of the largest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.testing.probes import Answer

THERE_IS = "there is"
"""The answer where a floating-point error was seen."""

_OF_GRADIENTS = ": gradients, "

ROUNDINGS = {"float64": 2.0**16, "float32": 2.0**12}
"""Units of rounding by which right answers may differ: sums come in other orders, and at logits of
a thousand a softmax carries a thousand. What is left of the digits, ten and three, tells bugs
apart."""


@dataclass(frozen=True)
class _Digest:
    """What tells most arrays apart at a glance."""

    content: int
    n_finite: int
    total: float


@dataclass(frozen=True)
class Sheet:
    """The answers to one probe, with the size of the answers to each question."""

    answers: Mapping[str, Answer]
    sizes: Mapping[str, float] = field(init=False)
    digests: Mapping[str, _Digest] = field(init=False)
    echoes: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        sizes: dict[str, float] = {}
        digests = {}
        for key, answer in self.answers.items():
            if isinstance(answer, str):
                continue
            question, a = key.partition("/")[0], answer.astype(np.float64)
            finite = np.isfinite(a)
            largest = float(np.abs(a).max(where=finite, initial=0.0))
            sizes[question] = max(sizes.get(question, 0.0), largest)
            with np.errstate(over="ignore"):
                total = float(a.sum(where=finite))
            digests[key] = _Digest(hash(answer.tobytes()), int(finite.sum()), total)
        object.__setattr__(self, "sizes", sizes)
        object.__setattr__(self, "digests", digests)
        object.__setattr__(self, "echoes", _echoes(self.answers))


def alike(key: str, one: Sheet, other: Sheet, *, tolerance: float) -> bool:
    """Say whether both sheets have the same answer at `key`, but for rounding.

    >>> a, b = Sheet({"q": np.array([1.0])}), Sheet({"q": np.array([1.0 + 1e-15])})
    >>> alike("q", a, b, tolerance=1e-12), alike("q", a, Sheet({"q": "nothing"}), tolerance=1.0)
    (True, False)
    """
    a, b = one.answers.get(key), other.answers.get(key)
    if a is None or b is None:
        return a is b
    if isinstance(a, str) or isinstance(b, str):
        echo = key in one.echoes or key in other.echoes
        return isinstance(a, str) and isinstance(b, str) and (a == b or echo)
    if a.shape != b.shape:
        return False
    mine, yours = one.digests[key], other.digests[key]
    if a.dtype == b.dtype and mine.content == yours.content:
        return True
    question = key.partition("/")[0]
    size = max(one.sizes.get(question, 0.0), other.sizes.get(question, 0.0))
    if question.endswith(": gradients") and a.dtype.kind == "f":
        # A slope s (1 - s) has no digits below those of 1, and what comes of it is as good as 0.
        size = max(size, float(np.finfo(a.dtype).eps))
    room = tolerance * size
    # Not close in the sum, not close in the entries; sums that overflow are left to the entries.
    apart = abs(mine.total - yours.total) > 2 * a.size * room
    return mine.n_finite == yours.n_finite and not apart and _close(a, b, room)


def _close(a: Array, b: Array, room: float) -> bool:
    a, b = a.astype(np.float64), b.astype(np.float64)
    finite = np.isfinite(a)
    if finite.all():
        return bool(np.abs(a / 2 - b / 2).max(initial=0.0) <= room / 2)
    if not np.array_equal(finite, np.isfinite(b)):
        return False
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return False
    return bool(np.abs(a[finite] / 2 - b[finite] / 2).max(initial=0.0) <= room / 2)


def _echoes(answers: Mapping[str, Answer]) -> frozenset[str]:
    """Return the warnings of gradients that the loss there gives too: both may be of one pass."""
    there = {
        key for key, answer in answers.items() if isinstance(answer, str) and answer == THERE_IS
    }
    return frozenset(
        key
        for key in there
        if _OF_GRADIENTS in key and key.replace(_OF_GRADIENTS, ": loss, ") in there
    )


def tolerance_of(dtype: DTypeLike) -> float:
    """Return the relative difference that rounding may make."""
    kind: np.dtype[Any] = np.dtype(dtype)
    return ROUNDINGS[kind.name] * float(np.finfo(kind).eps)


@dataclass(frozen=True)
class Fit:
    """How far a bug accounts for the answers: counts, and what it explains.

    It explains an answer that differs from the right one when it gives the same. It is
    contradicted where it gives a third one, or a wrong one where the answer is right, and leaves
    unexplained what it answers rightly.
    """

    explained: int = 0
    contradicted: int = 0
    unexplained: int = 0
    identical: int = 0
    """Of those explained the ones that are the same to the last bit."""
    keys: tuple[tuple[str, str], ...] = ()
    """Probe and key of each answer that it explains."""
    left: frozenset[tuple[str, str]] = frozenset()
    """Probe and key of each answer that it leaves unexplained."""

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions of which it explains answers."""
        return tuple(dict.fromkeys(f"{p}: {key.partition('/')[0]}" for p, key in self.keys))

    @property
    def precise(self) -> bool:
        """Whether next to nothing speaks against it."""
        return self.explained > 0 and self.contradicted <= 0.1 * self.explained

    @property
    def perfect(self) -> bool:
        """Whether it explains all that differs and nothing speaks against it."""
        return self.explained > 0 and not self.contradicted and not self.unexplained

    @property
    def score(self) -> int:
        """What speaks for it, less what speaks against it.

        What it leaves unexplained may be another bug's; a contradiction is its own, and counts
        twice.
        """
        return self.explained - 2 * self.contradicted - self.unexplained

    @property
    def share(self) -> float:
        """The part of the evidence that speaks for it."""
        return self.explained / max(1, self.explained + self.contradicted + self.unexplained)


def differences(
    given: Mapping[str, Sheet], right: Mapping[str, Sheet], *, tolerance: float
) -> dict[str, frozenset[str]]:
    """Return by probe the keys at which the answers given aren't the right ones."""
    return {
        name: frozenset(
            key for key in sheet.answers if not alike(key, sheet, right[name], tolerance=tolerance)
        )
        for name, sheet in given.items()
    }


def fit_of(
    given: Mapping[str, Sheet],
    right: Mapping[str, Sheet],
    bug: Mapping[str, Sheet],
    wrong: Mapping[str, frozenset[str]],
    *,
    tolerance: float,
) -> Fit:
    """Return how far `bug`, the sheets of the probes that it touches, accounts for those given."""
    explained = contradicted = identical = 0
    left = {(name, key) for name, keys in wrong.items() if name not in bug for key in keys}
    found: list[tuple[str, str]] = []
    for name, sheet in bug.items():
        for key in given[name].answers:
            if key not in wrong[name]:
                continue
            if alike(key, given[name], sheet, tolerance=tolerance):
                explained += 1
                identical += _identical(given[name].answers[key], sheet.answers[key])
                found.append((name, key))
            elif alike(key, right[name], sheet, tolerance=tolerance):
                left.add((name, key))
            else:
                contradicted += 1
    if not explained:
        return Fit()
    for name, sheet in bug.items():
        contradicted += sum(
            not alike(key, given[name], sheet, tolerance=tolerance)
            for key in given[name].answers
            if key not in wrong[name]
        )
    return Fit(explained, contradicted, len(left), identical, tuple(found), frozenset(left))


def _identical(one: Answer, other: Answer) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return True
    return bool(np.array_equal(one, other, equal_nan=True))


def together(one: Fit, other: Fit) -> Fit:
    """Return how far two bugs account for the answers, each by itself: they can't be assembled."""
    keys = tuple(dict.fromkeys((*one.keys, *other.keys)))
    more, left = len(keys) - one.explained, one.left.difference(other.keys)
    return Fit(
        len(keys),
        one.contradicted + other.contradicted,
        len(left),
        one.identical + min(more, other.identical),
        keys,
        left,
    )
