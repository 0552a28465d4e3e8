"""`gradbugs list`: the catalog, a line each."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from buggy_variants.catalog import Entry, catalog, family_title
from reference_mlp.testing import CHECKS


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("list", help="list the bugs of the catalog")
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print all entries."""
    entries = catalog().values()
    if args.json:
        json.dump([_as_json(entry) for entry in entries], sys.stdout, indent=1)
        sys.stdout.write("\n")
        return 0
    console = Console()
    for family in dict.fromkeys(entry.family for entry in entries):
        table = Table(title=family_title(family), title_justify="left", box=None, padding=(0, 1))
        for column in ("id", "title", "severity", "flagged by"):
            table.add_column(column, no_wrap=column in {"id", "severity"})
        for entry in entries:
            if entry.family == family:
                codes = " ".join(CHECKS[name].code for name in entry.bug.flagged_by)
                table.add_row(entry.id, entry.title, entry.bug.severity, codes)
        console.print(table)
        console.print()
    console.print(f"{len(entries)} bugs; `gradbugs explain ID` tells one's story.", highlight=False)
    return 0


def _as_json(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "slug": entry.slug,
        "family": entry.family,
        "title": entry.title,
        "severity": entry.bug.severity.value,
        "flagged_by": list(entry.bug.flagged_by),
        "crashes_in": {check: kind.__name__ for check, kind in entry.bug.crashes_in.items()},
        "origin": list(entry.bug.origin),
    }
