"""`gradbugs cover`: which few checks together catch everything."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console
from rich.table import Table

from buggy_variants.catalog import catalog
from buggy_variants.cli import arguments
from buggy_variants.cover import Cover, flags_alone, minimal_cover
from reference_mlp.testing import CHECKS


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("cover", help="the fewest checks that catch every bug")
    parser.add_argument(
        "--given",
        type=arguments.check,
        nargs="+",
        default=[],
        metavar="CHECK",
        help="checks that are run anyway: which others does it take?",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print a smallest set of checks, and what each check of all adds."""
    flagged_by = {entry.id: entry.bug.caught_by for entry in catalog().values()}
    cover = minimal_cover(flagged_by, given=args.given)
    console = Console(highlight=False)
    beyond = f", beyond {', '.join(args.given)}" if args.given else ""
    console.print(_cover_table(cover, given=args.given, flagged_by=flagged_by))
    console.print(
        f"{len(cover.checks)} checks flag all {len(flagged_by)} bugs{beyond}; no fewer do.\n"
    )
    console.print(_checks_table(cover, flagged_by))
    return 0


def _cover_table(
    cover: Cover, *, given: list[str], flagged_by: dict[str, tuple[str, ...]]
) -> Table:
    table = Table(title="a smallest cover", title_justify="left", box=None, padding=(0, 1))
    table.add_column("check")
    table.add_column("adds", justify="right")
    table.add_column("in all", justify="right")
    table.add_column("among them", ratio=1)
    known = sum(bool(set(c) & set(given)) for c in flagged_by.values())
    for check, bugs in zip(cover.checks, cover.added, strict=True):
        known += len(bugs)
        some = " ".join(bugs[:4]) + (" ..." if len(bugs) > 4 else "")
        table.add_row(check, str(len(bugs)), str(known), some)
    return table


def _checks_table(cover: Cover, flagged_by: dict[str, tuple[str, ...]]) -> Table:
    table = Table(title="every check", title_justify="left", box=None, padding=(0, 1))
    table.add_column("")
    table.add_column("check")
    table.add_column("flags", justify="right")
    table.add_column("alone", justify="right")
    table.add_column("what nothing else flags", ratio=1)
    alone = flags_alone(flagged_by)
    for name, check in CHECKS.items():
        n = sum(name in c for c in flagged_by.values())
        only = alone.get(name, ())
        mark = "*" if name in cover.checks else ""
        table.add_row(mark, f"{check.code:4}{name}", str(n), str(len(only)), " ".join(only))
    return table
