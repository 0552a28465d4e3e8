"""`python -m benchmarks.stability.thresholds`: where the bugs of numerics first go wrong."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from buggy_variants.catalog import catalog
from buggy_variants.thresholds import DTYPES, thresholds


def main() -> None:
    table = Table("bug", "function", "path", *DTYPES, title="the first t that goes wrong")
    for entry in catalog().values():
        for row in thresholds(entry):
            table.add_row(f"{entry.id} {entry.slug}", *row.cells)
    Console(width=None if Console().is_terminal else 150).print(table)


if __name__ == "__main__":
    main()
