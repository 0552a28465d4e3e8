"""Random correct networks, none of them to be flagged.

python -m benchmarks.gradient_check.false_alarms
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.gradient_check.networks import random_case
from reference_mlp.testing.certified import check_gradients


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=1000)
    parser.add_argument("--first-seed", type=int, default=0)
    arguments = parser.parse_args()
    n, first = arguments.networks, arguments.first_seed
    console = Console()
    table = Table(title=f"{n} random correct networks: 1 to 4 layers, batch 1 to 128")
    headings = (
        "dtype",
        "relu",
        "passed",
        "flagged",
        "inconclusive",
        "off a kink",
        "max |error| / tau",
        "losses, median",
    )
    for column in headings:
        table.add_column(column, justify="right")
    for dtype in (np.float64, np.float32):
        outcomes: Counter[str] = Counter()
        ratio, moved, relus, losses = 0.0, 0, 0, []
        for seed in track(
            range(first, first + n), description=dtype.__name__, console=console, transient=True
        ):
            net, X, y = random_case(np.random.default_rng(seed), dtype)
            report = check_gradients(net, X, y, rng=seed)
            outcomes[str(report.outcome)] += 1
            relus += any("Relu" in repr(layer) for layer in net.layers)
            moved += any("nearby" in remark for remark in report.remarks)
            losses.append(sum(report.evaluations.values()))
            ratio = max([ratio, *(abs(r.slope.residual) / r.slope.tau for r in report.readings)])
            if not report:
                console.print(f"seed {seed}, {dtype.__name__}: {report}")
        table.add_row(
            dtype.__name__,
            str(relus),
            str(outcomes["passed"]),
            str(outcomes["flagged"]),
            str(outcomes["inconclusive"]),
            str(moved),
            f"{ratio:.2f}",
            f"{np.median(losses):.0f}",
        )
    console.print(table)


if __name__ == "__main__":
    main()
