"""Whether a check cries wolf: right networks of random shapes through every check of networks.

    python -m benchmarks.catalog.random_networks --networks 1000

draws problems by the public Hypothesis strategies, gives each to the reference and to its legal
rewrites, and counts what was judged. A false alarm is named with what replays it. Left out are the
two checks that train on digits, and those of functions, which no problem goes into.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.catalog.everywhere import TRAINING
from reference_mlp import mlp
from reference_mlp.testing import (
    CHECKS,
    Implementation,
    Outcome,
    Problem,
    Setting,
    assemble,
    run_check,
)
from reference_mlp.testing.assembly import with_training
from reference_mlp.testing.strategies import problems, settings_of_checks
from tests.testing.rewrites import REWRITES, UNREADABLE

OF_NETWORKS = [c.name for c in CHECKS.values() if "problems" in c.needs and c.name not in TRAINING]
JUDGED = {Outcome.PASSED, Outcome.FLAGGED}
NO_ALARM = {Outcome.PASSED, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE}

PATIENCE = 600.0
"""Seconds, by the clock: a machine with other work to do may let a process wait for a minute."""

Draw = tuple[Problem, Setting]


@dataclass(frozen=True)
class Judgement:
    """How one check of one implementation of a network ended."""

    implementation: str
    check: str
    outcome: Outcome
    message: str


def draw(n_networks: int, seed_: int) -> list[Draw]:
    """Return random problems, each with a seed and a dtype."""
    drawn: list[Draw] = []

    @seed(seed_)
    @settings(
        max_examples=n_networks,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(problems(), settings_of_checks())
    def collect(problem: Problem, setting: Setting) -> None:
        drawn.append((problem, setting))

    collect()
    return drawn


def implementations(problem: Problem) -> Iterable[Implementation]:
    """Yield the reference and its rewrites, to be asked for this problem only."""
    yield replace(assemble(), problems=(problem,))
    for factory in (*REWRITES, *UNREADABLE):
        name = factory.__name__
        mine = Implementation(name=name, make_network=factory, problems=(problem,))
        yield with_training(mine)


def judge(drawn: Draw, checks: list[str]) -> list[Judgement]:
    """Return how each of `checks` of each implementation ends."""
    problem, setting = drawn
    found = []
    for implementation in implementations(problem):
        for name in checks:
            result = run_check(CHECKS[name], implementation, setting=setting, time_limit=PATIENCE)
            found.append(Judgement(implementation.name, name, result.outcome, result.message))
    return found


def replay(drawn: Draw, check: str) -> str:
    """Return what judges one network again, in Python.

    Written out in full: what Hypothesis draws for a seed may change with its version and with
    the modules that are loaded.
    """
    problem, setting = drawn
    at = f'Setting({setting.seed}, "{np.dtype(setting.dtype)}")'
    return f"judge(({problem!r}, {at}), [{check!r}])"


def kinds(drawn: list[Draw]) -> dict[str, int]:
    """Return how many of the networks are of a kind that checks stumble over."""
    return {
        "in float32": sum(np.dtype(setting.dtype) == np.float32 for _, setting in drawn),
        "with no hidden layer": sum(not problem.activation for problem, _ in drawn),
        "with a hidden layer of one unit": sum(1 in problem.sizes[1:-1] for problem, _ in drawn),
        "with a batch of one row": sum(problem.n_rows == 1 for problem, _ in drawn),
        "with a dead relu": sum(_has_dead_relu(*draw_) for draw_ in drawn),
    }


def _has_dead_relu(problem: Problem, setting: Setting) -> bool:
    """Say whether a hidden unit of the reference gets no gradient from any row."""
    _, network, X, y = next(setting.cases([problem], mlp))
    gradients = network.gradients(X, y)
    hidden = [f"{2 * i}.b" for i, kind in enumerate(problem.activation) if kind == "relu"]
    return any(not gradients[b].all() for b in hidden)


def table_of(counts: Counter[tuple[str, str]], names: list[str], checks: list[str]) -> Table:
    """Return the numbers judged, a row a check and a column an implementation."""
    table = Table(box=None, padding=(0, 1), show_footer=True)
    table.add_column("", "all")
    for name in names:
        words = "".join(f" {c}" if c.isupper() else c for c in name).strip().lower()
        total = sum(counts[name, check] for check in checks)
        table.add_column(words, f"{total:,}", justify="right")
    for check in checks:
        if not any(counts[name, check] for name in names):
            continue
        table.add_row(CHECKS[check].code, *(f"{counts[name, check]:,}" for name in names))
    return table


def main() -> None:
    """Judge right networks, and print how many were, and each false alarm."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--networks", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--check", nargs="+", help="names or codes (default: all of networks)")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    args = parser.parse_args()
    checks = [n for n in OF_NETWORKS if {n, CHECKS[n].code} & set(args.check or [n])]
    drawn = draw(args.networks, args.seed)
    console = Console()
    print_ = partial(console.print, highlight=False, soft_wrap=True, markup=False)

    judged: Counter[tuple[str, str]] = Counter()
    outcomes: Counter[Outcome] = Counter()
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(args.jobs, mp_context=spawn) as pool:
        work = pool.map(partial(judge, checks=checks), drawn)
        for network, found in zip(drawn, track(work, "judging", total=len(drawn)), strict=True):
            for j in found:
                outcomes[j.outcome] += 1
                judged[j.implementation, j.check] += j.outcome in JUDGED
                if j.outcome not in NO_ALARM:
                    print_(f"FALSE ALARM: {j.implementation} {j.check} {j.outcome}: {j.message}")
                    print_(f"    {replay(network, j.check)}")
    names = list(
        dict.fromkeys(implementation.name for implementation in implementations(drawn[0][0]))
    )
    console.print(table_of(judged, names, checks))
    of_kinds = ", ".join(f"{n:,} {kind}" for kind, n in kinds(drawn).items())
    print_(f"{len(drawn):,} networks: {of_kinds}")
    alarms = sum(n for outcome, n in outcomes.items() if outcome not in NO_ALARM)
    n_checks = len({check for (_, check), n in judged.items() if n})
    print_(
        f"{judged.total():,} judged by {n_checks} checks: {alarms} false alarms;"
        f" {outcomes[Outcome.INCONCLUSIVE]:,} inconclusive,"
        f" {outcomes[Outcome.NOT_APPLICABLE]:,} with nothing to judge"
    )


if __name__ == "__main__":
    main()
