"""Cost against the number of parameters: python -m benchmarks.gradient_check.scaling."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
from rich.console import Console
from rich.table import Table

import reference_mlp as mlp
from reference_mlp.testing.certified import check_gradients

WIDTHS = {"8 thousand": 10, "80 thousand": 100, "800 thousand": 1006, "8 million": 10063}


def main() -> None:
    table = Table(title="784-H-10, batch 8, float64; memory beyond the network's own")
    for column in (
        "parameters", "activation", "oracle", "losses: certificate", "all", "seconds",
        "peak / parameters", "outcome",
    ):  # fmt: skip
        table.add_column(column, justify="right")
    for activation in ("sigmoid", "tanh"):
        for hidden in WIDTHS.values():
            rng = np.random.default_rng(0)
            net = mlp.mlp((784, hidden, 10), rng=rng, activation=activation)
            X, y = rng.random((8, 784)), rng.integers(10, size=8)
            start = time.perf_counter()
            report = check_gradients(net, X, y, rng=0)
            seconds = time.perf_counter() - start
            # A second time, because tracing slows it down.
            tracemalloc.start()
            check_gradients(net, X, y, rng=0)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            table.add_row(
                f"{report.size:,}",
                activation,
                report.readings[0].slope.oracle,
                str(report.evaluations["certificate"]),
                str(sum(report.evaluations.values())),
                f"{seconds:.2f}",
                f"{peak / (8 * report.size):.2f}",
                str(report.outcome),
            )
    Console().print(table)


if __name__ == "__main__":
    main()
