"""How often a diagnosis is right: `python -m benchmarks.diagnosis.accuracy`.

On the whole catalog, on pairs of bugs, on a stranger's code with bugs written into it, and on clean
code, at problems, seeds and dtypes that were not tuned on. A case counts when the probes see the
bug, or the checks do that its entry names; the others, whose precondition is lacking, are counted
by themselves.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace

import numpy as np
from rich.console import Console

from benchmarks.diagnosis.cases import dressed, random_problems
from buggy_variants.catalog import catalog
from buggy_variants.diagnosis import diagnose
from buggy_variants.diagnosis.suspects import forget, unspoilt
from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, assemble, run_check
from reference_mlp.testing.probes import PROBES, observe
from tests.diagnosis.strangers import INJECTED, NOVEL
from tests.testing.rewrites import REWRITES

SECONDS = 2.0
"""What `gradbugs check` allows."""
SLOW = {"overfits_32_digits", "convergence"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settings", type=int, default=4, help="problems, seeds and dtypes")
    parser.add_argument("--first", type=int, default=300, help="the first seed")
    parser.add_argument("--pairs", type=int, default=40, help="0 leaves them out")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for each pair")
    parser.add_argument("--clean", type=int, default=200)
    args = parser.parse_args()
    say = Console(width=100, highlight=False).print
    goals = []
    whole, worn, strange = Counter(), Counter(), Counter()
    for k in range(args.settings):
        setting = Setting(args.first + k, (np.float64, np.float32)[k % 2])
        problems = random_problems(args.first + k)
        _catalog(whole, setting, problems, say, checkers=k == 0)
        _worn(worn, setting, problems, say)
        _strange(strange, setting, problems, say)
        forget()
    for name, count in (("catalog", whole), ("dressed", worn), ("strangers", strange)):
        say(f"{name}: {_rates(count)}")
    n = whole["cases"]
    goals += [whole["first"] >= 0.95 * n, whole["three"] >= 0.99 * n]
    goals.append(strange["first"] == strange["cases"])
    paired = _pairs(args.pairs, args.first, args.seconds, say)
    say(f"pairs: both named in {paired['both']} of {paired['cases']}, one in {paired['one']} more")
    goals.append(paired["both"] >= 0.8 * paired["cases"])
    named, differing = _clean(args.clean)
    say(f"clean: {named} of {args.clean} diagnosed, {differing} with answers that differ")
    goals.append(named == 0)
    say(f"all goals met: {all(goals)}")
    return 0 if all(goals) else 1


def _rates(count: Counter) -> str:
    n = max(1, count["cases"])
    return (
        f"{count['cases']} cases, right first {count['first'] / n:.1%}, among three "
        f"{count['three'] / n:.1%}; {count['none']} without any suggestion; left out "
        f"{count['left out']} that neither probes nor checks see"
    )


def _judge(count, say, entry, diagnosis, setting, seen) -> None:
    if not diagnosis.differing and not seen():
        count["left out"] += 1
        return
    same = {entry.id, *entry.bug.equivalent_to}
    rank = next(
        (i for i, ids in enumerate(diagnosis.ids) if len(ids) == 1 and ids[0] in same), None
    )
    count["cases"] += 1
    count["first"] += rank == 0
    count["three"] += rank is not None and rank < 3
    count["none"] += not diagnosis.ids
    if rank != 0:
        where = f"seed {setting.seed}, {np.dtype(setting.dtype)}"
        said = " ".join("+".join(ids) for ids in diagnosis.ids[:3]) or "nothing"
        say(f"  {entry.id} {entry.slug}, {where}: {said}")


def _entries(setting):
    for entry in catalog().values():
        if np.dtype(setting.dtype).name in entry.bug.dtypes:
            yield entry


def _flagged(entry, implementation, setting) -> bool:
    checks = [CHECKS[name] for name in entry.bug.flagged_by if name not in SLOW]
    return any(
        run_check(check, implementation, setting=setting).outcome
        in {Outcome.FLAGGED, Outcome.CRASHED}
        for check in checks
    )


def _catalog(count, setting, problems, say, *, checkers) -> None:
    """Diagnose every entry as a whole implementation."""
    right = assemble()
    for entry in _entries(setting):
        if "gradient_checker" in entry.bug.replaces and not checkers:
            continue
        buggy = replace(entry.implementation, problems=problems)
        probes = [name for name, p in PROBES.items() if p.tells_apart(buggy, right)]
        with unspoilt(entry.bug.replaces.values()):
            diagnosis = diagnose(observe(buggy, setting, probes=probes))
        _judge(
            count, say, entry, diagnosis, setting, lambda e=entry, b=buggy: _flagged(e, b, setting)
        )


def _worn(count, setting, problems, say) -> None:
    """Diagnose the entries that concern networks, given nothing but the network, dressed."""
    right = assemble()
    for entry in _entries(setting):
        if PROBES["networks"].tells_apart(entry.implementation, right):
            own = dressed(entry.implementation, problems)
            with unspoilt(entry.bug.replaces.values()):
                diagnosis = diagnose(observe(own, setting))
            _judge(
                count,
                say,
                entry,
                diagnosis,
                setting,
                lambda e=entry, o=own: _flagged(e, o, setting),
            )


def _strange(count, setting, problems, say) -> None:
    for factory, id_ in INJECTED.items():
        own = Implementation(name=factory.__name__, make_network=factory, problems=problems)
        entry = catalog()[id_]
        _judge(
            count,
            say,
            entry,
            diagnose(observe(own, setting)),
            setting,
            lambda e=entry, o=own: _flagged(e, o, setting),
        )
    for factory in NOVEL:
        own = Implementation(name=factory.__name__, make_network=factory, problems=problems)
        if ids := diagnose(observe(own, setting)).ids:
            say(f"  {factory.__name__}, which no entry is: {ids[:2]}")


def _pairs(n: int, first: int, seconds: float, say) -> Counter:
    """Diagnose networks with two bugs at once, given nothing but the network, dressed."""
    rng = np.random.default_rng(first)
    count: Counter = Counter()
    setting, problems = Setting(first), random_problems(first + 9)
    entries = []
    for entry in _entries(setting):
        if PROBES["networks"].tells_apart(entry.implementation, assemble()):
            with unspoilt(entry.bug.replaces.values()):
                seen = diagnose(observe(dressed(entry.implementation, problems), setting))
            if seen.suggestions and seen.suggestions[0].fit.perfect:
                entries.append(entry)
    while count["cases"] < n:
        one, other = (entries[i] for i in rng.choice(len(entries), 2, replace=False))
        if not one.bug.replaces.keys().isdisjoint(other.bug.replaces):
            continue
        ids = tuple(sorted((one.id, other.id)))
        parts = {**one.bug.replaces, **other.bug.replaces}
        own = dressed(assemble("pair", **parts), problems)
        with unspoilt(parts.values()):
            observation = observe(own, setting)
        forget()
        found = diagnose(observation, seconds=seconds).ids
        allowed = [{e.id, *e.bug.equivalent_to} for e in (one, other)]
        first = set(found[0]) if found else set()
        hits = sum(bool(first & same) for same in allowed)
        count["cases"] += 1
        count["both"] += hits == 2 and len(first) == 2
        count["one"] += hits == 1
        if hits < 2 or len(first) > 2:
            say(f"  {ids}: {' '.join('+'.join(i) for i in found[:2]) or 'nothing'}")
    return count


def _clean(n: int) -> tuple[int, int]:
    """Return how many of `n` right implementations are given a name, and how many differ at all."""
    named = differing = 0
    factories = [assemble().make_network, *REWRITES]
    for k in range(n):
        setting = Setting(1000 + k, (np.float64, np.float32)[k // len(factories) % 2])
        own = Implementation(
            name="clean",
            make_network=factories[k % len(factories)],
            problems=random_problems(1000 + k),
        )
        found = diagnose(observe(own, setting), seconds=1)
        named += bool(found.suggestions)
        differing += bool(found.differing)
        if k % 20 == 0:
            forget()
    return named, differing


if __name__ == "__main__":
    raise SystemExit(main())
