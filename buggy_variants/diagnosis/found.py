"""What a search has found: bugs, how far they account for the answers, what is made of them."""

from __future__ import annotations

from buggy_variants.diagnosis.compare import Fit, together
from buggy_variants.diagnosis.suspects import Suspects, ids_of, matter

MOST = 3
"""How many bugs at once are looked for, and how many of the best are built upon."""

Found = list[tuple[Suspects, Fit]]


def best_share(found: Found) -> float:
    """Return the share of the evidence that speaks for what has most of it."""
    return max((fit.share for _, fit in found), default=0.0)


def cover(ranked: Found) -> tuple[Suspects, Fit]:
    """Return bugs that each account for something the others don't, with little against them.

    So are two found that are in one part, and can't be assembled. There are at most `MOST` of one
    matter.
    """
    suspects, fit = ranked[0]
    matters = [_matters(fit)] * len(suspects)
    for others, more in ranked[1:]:
        both = together(fit, more)
        new = set(ids_of(suspects)).isdisjoint(ids_of(others))
        room = sum(not its.isdisjoint(_matters(more)) for its in matters) < MOST
        if new and room and more.precise and both.score > fit.score + 1:
            suspects, fit = tuple(sorted((*suspects, *others))), both
            matters += [_matters(more)] * len(others)
    return suspects, fit


def _matters(fit: Fit) -> set[str]:
    return {matter(probe) for probe, _ in fit.keys}


def builds(found: Found, n: int) -> Found:
    """Return the `n` best, and the `n` that explain most whatever speaks against them.

    Of two bugs that change each other's answers each by itself is contradicted.
    """
    most = sorted(found, key=lambda pair: -pair[1].explained)
    return list(dict([*one_a_bug(found)[:n], *one_a_bug(most)[:n]]).items())


def one_a_bug(found: Found) -> Found:
    """Return what is found, of several forms of the same bugs the first."""
    first: dict[tuple[str, ...], tuple[Suspects, Fit]] = {}
    for suspects, fit in found:
        first.setdefault(ids_of(suspects), (suspects, fit))
    return list(first.values())
