"""Seven faults over many seeds: python -m benchmarks.gradient_check.faults."""

from __future__ import annotations

import argparse
import time

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.gradient_check.networks import FAULTS, digits_case, spoiled
from reference_mlp.testing.certified import check_gradients
from reference_mlp.testing.evidence import Outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    n = parser.parse_args().seeds
    flagged = dict.fromkeys(FAULTS, 0)
    seconds = dict.fromkeys(FAULTS, 0.0)
    clean, ratios, taus = 0, [], []
    for seed in range(n):
        net, X, y = digits_case(np.random.default_rng(seed))
        report = check_gradients(net, X, y, rng=seed)
        clean += report.outcome is not Outcome.PASSED
        ratios += [abs(r.slope.residual) / r.slope.tau for r in report.readings]
        taus.append(report.certificate.tau)
        for name, fault in FAULTS.items():
            start = time.perf_counter()
            report = check_gradients(spoiled(net, fault, seed), X, y, rng=seed, localise=False)
            seconds[name] += time.perf_counter() - start
            flagged[name] += report.outcome is Outcome.FLAGGED
    table = Table(title=f"784-100-10, batch 8, {n} seeds")
    for column in ("fault", "flagged", "ms each"):
        table.add_column(column, justify="right" if column != "fault" else "left")
    for name in FAULTS:
        table.add_row(name, f"{flagged[name]} of {n}", f"{1e3 * seconds[name] / n:.0f}")
    table.add_section()
    table.add_row("all faults", f"{sum(flagged.values())} of {n * len(FAULTS)}", "")
    table.add_row("correct network", f"{clean} of {n}", "")
    console = Console()
    console.print(table)
    console.print(
        f"correct: |error| / tau median {np.median(ratios):.2f}, max {np.max(ratios):.2f}; "
        f"median tau {np.median(taus):.1e}"
    )


if __name__ == "__main__":
    main()
