"""Whether each variant fails what it declares and nothing else, at every seed, dtype and size.

    python -m benchmarks.catalog.everywhere --variant GB016 --seeds 24

names each cell that is anywhere not as declared, with where, and counts all; what passes at one
place and can't be settled at another is counted by itself. The seeds take turns over sizes and
dtypes, so that 24 of them are at each of the six combinations four times; `--cross` takes every
seed to every one.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
from rich.console import Console
from rich.progress import track

from buggy_variants.catalog import catalog, find
from buggy_variants.matrix import (
    REFERENCE,
    Cell,
    cell_of,
    concerns,
    expected_outcome,
    implementation_of,
)
from reference_mlp.testing import CHECKS, Outcome, Setting, run_check

TRAINING = {"overfits_32_digits", "convergence"}
"""The checks that train on digits: of one size, and slow."""


def row(variant: str, checks: list[str], setting: Setting, size: int) -> list[tuple[str, Cell]]:
    """Return (where, cell) for each of `checks` that concerns `variant`, on enlarged problems."""
    implementation = implementation_of(variant)
    if size > 1:
        problems = tuple(problem.enlarged(size) for problem in implementation.problems)
        implementation = replace(implementation, problems=problems)
    where = f"seed {setting.seed}, {np.dtype(setting.dtype)}, size {size}"
    return [
        (where, cell_of(variant, run_check(CHECKS[name], implementation, setting=setting)))
        for name in checks
        if concerns(name, variant) and not (size > 1 and name in TRAINING)
    ]


def main() -> None:
    """Run the variants through the checks everywhere, and print what is not as declared."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--variant", nargs="+", help="ids, or reference (default: all)")
    parser.add_argument("--check", nargs="+", help="names or codes (default: all)")
    parser.add_argument("--quick", action="store_true", help="leave out training on digits")
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--cross", action="store_true", help="every seed at every size and dtype")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--dtypes", nargs="+", default=["float64", "float32"])
    parser.add_argument("-j", "--jobs", type=int, default=2)
    args = parser.parse_args()
    named = args.variant or [REFERENCE, *catalog()]
    variants = [v if v == REFERENCE else find(v).id for v in named]
    checks = [c.name for c in CHECKS.values() if {c.name, c.code} & set(args.check or [c.name])]
    if args.quick:
        checks = [name for name in checks if name not in TRAINING]

    combinations = list(product(args.dtypes, args.sizes))
    places = [
        (seed, *combination)
        for seed in range(args.seeds)
        for combination in (
            combinations if args.cross else [combinations[seed % len(combinations)]]
        )
    ]
    found: dict[tuple[str, str], list[tuple[str, Cell]]] = defaultdict(list)
    n_cells = n_unsettled = 0
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(args.jobs, mp_context=spawn) as pool:
        futures = [
            pool.submit(row, variant, checks, Setting(seed, dtype), size)
            for variant in variants
            for seed, dtype, size in places
            if variant == REFERENCE or dtype in catalog()[variant].bug.dtypes
        ]
        for future in track(futures, "running"):
            for where, cell in future.result():
                n_cells += 1
                # Neither settled nor flagged: a kink at this very point, noise, no gradient at all.
                if {cell.outcome, cell.expected} == {Outcome.INCONCLUSIVE, Outcome.PASSED}:
                    n_unsettled += 1
                elif not cell.good:
                    found[cell.variant, cell.check].append((where, cell))
    print_ = partial(Console().print, highlight=False, soft_wrap=True, markup=False)
    for (variant, check), cells in found.items():
        kinds = ", ".join(f"{n} {o}" for o, n in Counter(c.outcome.value for _, c in cells).items())
        where, cell = cells[0]
        declared = expected_outcome(variant, check)
        print_(f"{variant} {check}: {kinds} of {len(places)}, declared {declared}; {where}:")
        print_(f"    {cell.message}")
    bad = sum(map(len, found.values()))
    print_(
        f"{len(variants)} variants, {n_cells} cells at {len(places)} places: "
        f"{bad} not as declared, {n_unsettled} settled at some places only"
    )


if __name__ == "__main__":
    main()
