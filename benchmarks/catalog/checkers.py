"""What each wrong gradient checker catches: python -m benchmarks.catalog.checkers.

Of the catalog's bugs that a gradient check can see, of the planted faults, and of right networks,
beside the reference's checker.
"""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.progress import track
from rich.table import Table

from buggy_variants.catalog import catalog
from buggy_variants.checkers import caught, is_checker, visible
from reference_mlp.testing import REFERENCE_PARTS
from reference_mlp.testing.checker_cases import (
    false_alarms,
    let_through,
    right_cases,
    wrong_cases,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--misses", action="store_true", help="name the bugs that each misses")
    args = parser.parse_args()
    checkers = {"reference": ("the certified check", REFERENCE_PARTS["gradient_checker"])}
    for entry in catalog().values():
        if is_checker(entry):
            checkers[entry.id] = entry.title, entry.bug.replaces["gradient_checker"]
    n_wrong, n_right = (sum(1 for _ in cases(0)) for cases in (wrong_cases, right_cases))
    table = Table(title="gradient checkers: what each catches, and what it wrongly accuses")
    table.add_column("")
    table.add_column("checker")
    table.add_column(f"bugs of {len(visible())}", justify="right")
    table.add_column(f"faults of {n_wrong}", justify="right")
    table.add_column(f"false alarms of {n_right}", justify="right")
    if args.misses:
        table.add_column("misses")
    console = Console()
    for name, (title, checker) in track(checkers.items(), "checking", console=console):
        found = caught(checker)
        numbers = (
            len(found.caught),
            n_wrong - len(let_through(checker)),
            len(false_alarms(checker)),
        )
        misses = [" ".join(found.missed)] if args.misses else []
        table.add_row(name, title, *map(str, numbers), *misses)
    console.print(table)


if __name__ == "__main__":
    main()
