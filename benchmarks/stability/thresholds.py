"""`python -m benchmarks.stability.thresholds`: where the bugs of numerics first go wrong."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table

from buggy_variants.catalog import catalog
from reference_mlp.testing.stability import first_failures

DTYPES = ("float16", "float32", "float64")


def main() -> None:
    table = Table("bug", "part", "path", *DTYPES, title="the first t that goes wrong, to one ULP")
    for entry in catalog().values():
        if entry.family != "numerics":
            continue
        found = {(f.subject, f.dtype): f for f in first_failures(entry.implementation)}
        for subject in dict.fromkeys(name for name, _ in found):
            failures = [found.get((subject, dtype)) for dtype in DTYPES]
            path = next(f.path for f in failures if f is not None)
            cells = [
                "-" if f is None else f"{np.dtype(d).type(f.t)!s}"
                for f, d in zip(failures, DTYPES, strict=True)
            ]
            table.add_row(f"{entry.id} {entry.slug}", subject, path, *cells)
    Console(width=None if Console().is_terminal else 150).print(table)


if __name__ == "__main__":
    main()
