"""Which few checks together catch every bug, and what each of them adds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cover:
    """A smallest set of checks, in the order in which each adds most, and what each adds.

    `added` has a tuple for each of `checks`: the bugs that none before it flags.
    """

    checks: tuple[str, ...]
    added: tuple[tuple[str, ...], ...]


def minimal_cover(flagged_by: Mapping[str, Collection[str]], *, given: Iterable[str] = ()) -> Cover:
    """Return as few checks as possible that flag every bug, beyond those that are `given`.

    `flagged_by` maps each bug to the checks that flag it. Of several smallest covers the one
    whose checks flag most is taken. Solved exactly, as an integer programme. Raises ValueError for
    a bug that nothing flags.

    >>> minimal_cover({"a": ["FD"], "b": ["FD", "SHP"], "c": ["SHP", "INT"]}).checks
    ('FD', 'SHP')
    """
    if never := sorted(bug for bug, checks in flagged_by.items() if not checks):
        msg = f"no check flags {', '.join(never)}"
        raise ValueError(msg)
    given = list(given)
    left = {bug: set(c) for bug, c in flagged_by.items() if not set(c) & set(given)}
    chosen = _smallest(left) if left else []
    checks: list[str] = []
    added: list[tuple[str, ...]] = []
    while chosen:
        best = max(chosen, key=lambda check: sum(check in c for c in left.values()))
        chosen.remove(best)
        checks.append(best)
        added.append(tuple(bug for bug, c in left.items() if best in c))
        left = {bug: c for bug, c in left.items() if best not in c}
    return Cover(tuple(checks), tuple(added))


def flags_alone(flagged_by: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    """Return, for each check that is a bug's only one, the bugs that nothing else flags.

    >>> flags_alone({"a": ["FD"], "b": ["FD", "SHP"]})
    {'FD': ('a',)}
    """
    alone: dict[str, tuple[str, ...]] = {}
    for bug, checks in flagged_by.items():
        if len(checks) == 1:
            (check,) = checks
            alone[check] = (*alone.get(check, ()), bug)
    return alone


def _smallest(flagged_by: Mapping[str, Collection[str]]) -> list[str]:
    # Here, not above: scipy.optimize takes longer to import than all the rest.
    from scipy.optimize import Bounds, LinearConstraint, milp

    checks = sorted({check for c in flagged_by.values() for check in c})
    flags = np.array([[check in c for check in checks] for c in flagged_by.values()], float)
    # Each check costs 1, less so little for each bug it flags that no number of them buys another.
    cost = 1 - flags.sum(axis=0) / (flags.sum() + 1) / len(checks)
    solution = milp(
        cost,
        constraints=LinearConstraint(flags, lb=1),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(checks), int),
    )
    assert solution.x is not None, solution.message  # noqa: S101 - all of the checks are a cover
    return [check for check, taken in zip(checks, solution.x, strict=True) if taken > 0.5]
