"""What each notebook reaches, as it was written and mended, beside what its author saw.

    python -m benchmarks.notebooks.figures [--data PATH] [--recipe NAME ...] [--seeds N] [--docs]
                                           [--code mended|as-written]

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
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from buggy_variants.notebooks import RECIPES, train
from buggy_variants.notebooks.stories import STORIES
from buggy_variants.notebooks.story import measure
from reference_mlp import LOSSES
from reference_mlp.digits import ENVIRONMENT, Digits, load_digits

BESIDE = Path(__file__).parents[3] / "shared" / "data" / "mnist"
RESULTS = Path(__file__).parent / "results" / "figures.json"
DOCS = Path(__file__).parents[2] / "docs" / "notebooks-mended.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
COLUMNS = ("notebook", "figure", "its author", "as written", "runs", "mended", "range", "runs")
MENDED, AS_WRITTEN = "mended", "as-written"
# By code, recipe and seed: the figures by name.
Results = dict[str, dict[str, dict[str, dict[str, float]]]]


class Figure(NamedTuple):
    """Something measured: after how many stages, and what the author saw.

    `stages` is 0 for a figure of the network as it is drawn.
    """

    name: str
    kind: str
    stages: int
    author: str


FIGURES = {
    "notebook-000": [Figure("validation accuracy, 30 epochs", "accuracy", 30, "0.9513")],
    "notebook-001": [Figure("validation accuracy, 10 epochs", "accuracy", 10, "never finished")],
    "notebook-002": [Figure("test error in %, 31 epochs", "test error", 31, "2.390")],
    "notebook-003": [
        Figure("test accuracy, 10 epochs", "accuracy", 10, "0.098"),
        Figure("test loss, 10 epochs", "loss", 10, "NaN"),
    ],
    "notebook-004": [
        Figure("loss before training", "loss", 0, "3.4576"),
        Figure("test accuracy, 8,000 steps", "accuracy", 8, "0.4105"),
        Figure("test accuracy, 10,000 steps", "accuracy", 10, "not printed"),
        Figure("test accuracy, 20,000 steps", "accuracy", 20, "0.60-0.70"),
    ],
}


def measure_mended(name: str, digits: Digits, seed: int) -> dict[str, float]:
    """Train a recipe by `seed` and return its figures, and the seconds that it took."""
    recipe, start = RECIPES[name], time.perf_counter()
    trained = train(recipe, digits, seed=seed)
    seconds = time.perf_counter() - start
    figures = {}
    for figure in FIGURES[name]:
        if not figure.stages:
            X, targets = recipe.sets(digits).judged
            drawn = recipe.network(np.random.default_rng(seed), X.dtype)
            figures[figure.name] = float(LOSSES[recipe.loss].value(drawn.logits(X), targets))
        elif figure.kind == "test error":
            figures[figure.name] = 100 * (1 - trained.test.accuracy)
        else:
            figures[figure.name] = getattr(
                trained.history[figure.stages - 1].validation, figure.kind
            )
    return {"seconds": seconds, **figures}


def measure_as_written(name: str, digits: Digits, seed: int) -> dict[str, float]:
    """Train a notebook as it was written by `seed`, and return its figures."""
    stages = max(figure.stages for figure in FIGURES[name])
    on_test = any(figure.kind == "test error" for figure in FIGURES[name])
    start = time.perf_counter()
    seen = measure(STORIES[name], 0, digits, seed=seed, stages=stages, on_test=on_test)
    figures = {"seconds": time.perf_counter() - start}
    for figure in FIGURES[name]:
        at = seen[max(figure.stages, 1) - 1]
        if not figure.stages:
            figures[figure.name] = at.first_loss
        elif figure.kind == "test error":
            figures[figure.name] = 100 * (1 - at.accuracy)
        else:
            figures[figure.name] = float(getattr(at, figure.kind))
    return figures


def rows_of(results: Results) -> Iterator[tuple[str, ...]]:
    """Yield means and standard deviations over the seeds, beside the author's numbers."""
    for name, figures in FIGURES.items():
        for figure in figures:
            written, mended = (
                np.array([run[figure.name] for run in runs.values() if figure.name in run])
                for runs in (results.get(code, {}).get(name, {}) for code in (AS_WRITTEN, MENDED))
            )
            if not len(written) and not len(mended):
                continue
            extent = f"{mended.min():.4g} to {mended.max():.4g}" if len(mended) > 1 else ""
            yield (
                name.removeprefix("notebook-"),
                figure.name,
                figure.author,
                _spread(written),
                str(len(written)),
                _spread(mended),
                extent,
                str(len(mended)),
            )


def _spread(values: np.ndarray) -> str:
    if not len(values):
        return ""
    if np.isnan(values).all():
        return "NaN"
    mean, std = values.mean(), values.std(ddof=1) if len(values) > 1 else 0.0
    return f"{mean:.4f}" + (f" ± {std:.4f}" if std else "")


def table(results: Results) -> Table:
    view = Table(box=None, padding=(0, 1))
    for column in COLUMNS:
        view.add_column(column)
    for row in rows_of(results):
        view.add_row(*row)
    return view


def markdown(results: Results) -> str:
    """Return the table as docs/notebooks-mended.md has it."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *rows_of(results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def write_docs(results: Results) -> None:
    before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    text = f"{before}{BEGIN}\n\n{markdown(results)}\n\n{END}{after}"
    DOCS.write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notebooks.figures")
    parser.add_argument("--data", default=os.environ.get(ENVIRONMENT) or BESIDE)
    parser.add_argument("--recipe", nargs="*", choices=RECIPES, default=list(RECIPES))
    parser.add_argument("--code", nargs="*", choices=(AS_WRITTEN, MENDED))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--docs", action="store_true", help="write the table into the docs")
    args = parser.parse_args()
    results = json.loads(args.json.read_text()) if args.json.exists() else {}
    # Authors trained in float64, and the recipes in float32.
    for code in (AS_WRITTEN, MENDED) if args.code is None else args.code:
        train_by = measure_as_written if code == AS_WRITTEN else measure_mended
        digits = load_digits(args.data, dtype="float64" if code == AS_WRITTEN else "float32")
        for name in args.recipe:
            runs = results.setdefault(code, {}).setdefault(name, {})
            for seed in map(str, range(args.seeds)):
                if seed not in runs:
                    runs[seed] = train_by(name, digits, int(seed))
                    sys.stderr.write(f"{name} {code} seed {seed}: {runs[seed]}\n")
                    args.json.parent.mkdir(exist_ok=True)
                    args.json.write_text(json.dumps(results, indent=1) + "\n")
    if args.docs:
        write_docs(results)
    Console(width=140).print(table(results))


if __name__ == "__main__":
    main()
