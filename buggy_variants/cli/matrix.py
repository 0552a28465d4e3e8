"""`gradbugs matrix`: every variant by every check."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console
from rich.progress import Progress

from buggy_variants.catalog import catalog
from buggy_variants.cli import arguments
from buggy_variants.matrix import REFERENCE, run_matrix, write_json
from buggy_variants.table import print_matrix


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("matrix", help="run every bug through every check")

    def add(*names: str, **options: Any) -> None:
        parser.add_argument(*names, **options)

    add("--json", type=arguments.writable, metavar="PATH", help="write the cells as JSON")
    add("--variant", type=arguments.variant, nargs="+", metavar="ID", help="only these bugs")
    add("--check", type=arguments.check, nargs="+", metavar="NAME", help="only these checks")
    add("-j", "--jobs", type=arguments.count, metavar="N", help="processes (default: all cores)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the matrix; return 1 if a cell isn't as declared."""
    rows = args.variant or [REFERENCE, *catalog()]
    jobs = args.jobs or arguments.all_cores()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("running the matrix", total=len(rows))
        cells = run_matrix(
            rows, args.check, jobs=jobs, on_row=lambda _: bar.update(task, advance=1)
        )
    print_matrix(Console(), cells)
    if args.json:
        write_json(args.json, cells)
    return 0 if all(cell.good for cell in cells) else 1
