"""What each notebook reaches, mended: mean and spread over seeds, beside its author's number.

    python -m benchmarks.notebooks.figures [--data PATH] [--recipe NAME ...] [--seeds N] [--docs]

On the full MNIST: that of --data, else of GRADBUGS_MNIST, else that beside the project. Each
training's figures are kept in the JSON as they come, and those that are there aren't trained again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from buggy_variants.notebooks import RECIPES, Recipe, train
from reference_mlp.digits import ENVIRONMENT, Digits, load_digits

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "mnist"
RESULTS = Path(__file__).parent / "results" / "figures.json"
DOCS = Path(__file__).parents[2] / "docs" / "notebooks-mended.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
COLUMNS = ("notebook", "figure", "its author", "mean", "std", "range", "seeds")
# For each recipe, what its author's number is of, after how many stages, and that number.
FIGURES = {
    "notebook-000": [("validation accuracy, 30 epochs", 30, "0.9513")],
    "notebook-001": [("validation accuracy, 10 epochs", 10, "never finished")],
    "notebook-002": [("test error in %, 31 epochs", None, "2.390")],
    "notebook-003": [("test accuracy, 10 epochs", 10, "0.098, NaN")],
    "notebook-004": [
        ("test accuracy, 8,000 steps", 8, "0.4105"),
        ("test accuracy, 10,000 steps", 10, "not printed"),
        ("test accuracy, 20,000 steps", 20, "0.60-0.70"),
    ],
}


def measure(recipe: Recipe, digits: Digits, seed: int) -> dict[str, float]:
    """Train `recipe` by `seed` and return its figures, and the seconds that it took."""
    start = time.perf_counter()
    trained = train(recipe, digits, seed=seed)
    figures = {"seconds": time.perf_counter() - start}
    for name, stage, _ in FIGURES[recipe.name]:
        if stage is None:
            figures[name] = 100 * (1 - trained.test.accuracy)
        else:
            figures[name] = trained.history[stage - 1].validation.accuracy
    return figures


def rows_of(results: dict[str, dict[str, dict[str, float]]]) -> Iterator[tuple[str, ...]]:
    """Yield mean, standard deviation and range over the seeds, beside the author's numbers."""
    for name, rows in FIGURES.items():
        for figure, _, author in rows:
            values = np.array([run[figure] for run in results.get(name, {}).values()])
            if not len(values):
                continue
            spread = extent = ""
            if len(values) > 1:
                spread = f"{values.std(ddof=1):.4f}"
                extent = f"{values.min():.4f} to {values.max():.4f}"
            yield (
                name.removeprefix("notebook-"),
                figure,
                author,
                f"{values.mean():.4f}",
                spread,
                extent,
                str(len(values)),
            )


def table(results: dict[str, dict[str, dict[str, float]]]) -> Table:
    view = Table(*COLUMNS, box=None, padding=(0, 1))
    for row in rows_of(results):
        view.add_row(*row)
    return view


def markdown(results: dict[str, dict[str, dict[str, float]]]) -> str:
    """Return the table as docs/notebooks-mended.md has it."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *rows_of(results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write_docs(results: dict[str, dict[str, dict[str, float]]]) -> None:
    before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    text = f"{before}{BEGIN}\n\n{markdown(results)}\n\n{END}{after}"
    DOCS.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notebooks.figures")
    parser.add_argument("--data", default=os.environ.get(ENVIRONMENT) or BESIDE)
    parser.add_argument("--recipe", nargs="*", choices=RECIPES, default=list(RECIPES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--docs", action="store_true", help="write the table into the docs")
    args = parser.parse_args()
    digits = load_digits(args.data)
    results = json.loads(args.json.read_text()) if args.json.exists() else {}
    for name in args.recipe:
        runs = results.setdefault(name, {})
        for seed in map(str, range(args.seeds)):
            if seed not in runs:
                runs[seed] = measure(RECIPES[name], digits, int(seed))
                sys.stderr.write(f"{name} seed {seed}: {runs[seed]}\n")
                args.json.parent.mkdir(exist_ok=True)
                args.json.write_text(json.dumps(results, indent=1) + "\n")
    if args.docs:
        write_docs(results)
    Console(width=120).print(table(results))


if __name__ == "__main__":
    main()
