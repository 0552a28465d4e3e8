"""`python -m benchmarks.stability.table`: function x dtype x library, errors in ULPs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.stability.peers import PEERS
from reference_mlp.testing.stability import SUBJECTS, Measurement, measure

DTYPES = (np.float16, np.float32, np.float64)


def cell_of(name: str, library: str, dtype: type) -> Measurement | str | None:
    """Return the measurement, what kept it from being made, or None without such a function."""
    function = PEERS[library].get(name)
    if function is None:
        return None
    try:
        return measure(function, name, dtype=dtype)
    except (TypeError, ValueError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"


def first(found: Measurement) -> str:
    """Return the smallest input at which the result is off by more than the tolerance."""
    at = found.first_failing
    if at is None:
        return "-"
    z = found.arguments[0][at[0]]
    return f"{z:.4g}" if np.ndim(z) == 0 else f"|z| = {np.abs(z).max():.4g}"


def show(found: Measurement | str | None) -> str:
    if found is None:
        return ""
    if isinstance(found, str):
        return "no such dtype"
    return f"{found.maximum:.3g} / {found.mean:.3g} / {first(found)}"


def data(found: Measurement | str | None) -> object:
    if found is None or isinstance(found, str):
        return found
    finite = np.isfinite([found.maximum, found.mean]).all()
    return {
        "max_ulp": found.maximum if finite else None,
        "mean_ulp": found.mean if finite else None,
        "first_failing": first(found),
        "judged": float(found.excess.max()) if np.isfinite(found.excess.max()) else None,
        "results": found.ulps.size,
    }


def is_best(row: dict[str, Measurement | str | None]) -> bool:
    """Say whether our largest error is no larger than that of any other library.

    Where a result is about 0 and its condition number about 1e15, as at a zero of the logsumexp,
    the largest error is luck: there errors are compared per unit of the condition number.
    """
    measured = {name: m for name, m in row.items() if isinstance(m, Measurement)}
    ours = measured["ours"]
    at = np.unravel_index(int(ours.ulps.argmax()), ours.ulps.shape)
    chance = ours.condition[at] > 1e6
    errors = {
        name: float((m.ulps / (1 + m.condition)).max()) if chance else m.maximum
        for name, m in measured.items()
    }
    # Equal formulas differ by nothing else than how the figures are added up.
    return errors["ours"] <= min(errors.values()) * (1 + 1e-6)


def markdown(written: list[dict[str, Any]]) -> str:
    """Return a table of the largest errors."""
    lines = [f"| function | dtype | {' | '.join(PEERS)} |", "| --- | --- |" + " --: |" * len(PEERS)]
    for row in written:
        figures = []
        for library in PEERS:
            found = row[library]
            if found is None or isinstance(found, str):
                figures.append("" if found is None else "no such dtype")
            else:
                figures.append(
                    "infinite" if found["max_ulp"] is None else f"{found['max_ulp']:.3g}"
                )
        lines.append(f"| {row['function']} | {row['dtype']} | {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "functions", nargs="*", default=list(SUBJECTS), help="all, if none is named"
    )
    parser.add_argument("--markdown", type=Path, help="write the table of maxima there")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    args = parser.parse_args()
    table = Table(
        *("function", "dtype", *PEERS, "best"),
        title="maximum ULP / mean ULP / first failing input",
        caption="first failing: off by more than the tolerance allows for its condition number",
    )
    written = []
    for name in args.functions:
        for dtype in DTYPES:
            row = {library: cell_of(name, library, dtype) for library in PEERS}
            best = is_best(row)
            table.add_row(
                *(name, np.dtype(dtype).name, *map(show, row.values())),
                "yes" if best else "NO",
            )
            cells = {library: data(found) for library, found in row.items()}
            written.append({"function": name, "dtype": np.dtype(dtype).name, "best": best, **cells})
        table.add_section()
    Console(width=None if Console().is_terminal else 170).print(table)
    if args.markdown:
        args.markdown.write_text(markdown(written), encoding="utf-8")
    if args.json:
        args.json.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
