"""`gradbugs train NOTEBOOK`: what a notebook set out to train, with a checkpoint at each stage."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from buggy_variants.cli import arguments
from buggy_variants.cli.history import history_table
from buggy_variants.notebooks import Recipe, Trained, find_recipe, train
from buggy_variants.notebooks.training import OnProgress
from buggy_variants.plots import save_first_weights, save_learning_curve, save_misclassified
from reference_mlp import Epoch
from reference_mlp.digits import Digits

CHECKPOINT, HISTORY = "checkpoint.npz", "history.json"
CURVE, WRONG, WEIGHTS = "learning-curve.png", "misclassified.png", "first-layer.png"


def run(args: argparse.Namespace, digits: Digits) -> int:
    """Train the recipe, print its history, and write history, pictures and checkpoint."""
    recipe = find_recipe(args.recipe)
    output = args.output or Path(recipe.name)
    checkpoint = output / CHECKPOINT
    if checkpoint.exists() and not args.resume:
        msg = f"{checkpoint} is there: go on from it by --resume, or give another --output"
        raise arguments.CannotRunError(msg)
    console = Console()
    stages = args.epochs or recipe.stages
    console.print(f"{recipe.title}; its author saw: {recipe.seen}", highlight=False)
    if args.resume and not checkpoint.exists():
        console.print(f"no {checkpoint} to go on from: from the beginning", highlight=False)
    try:
        output.mkdir(parents=True, exist_ok=True)
        with _progress_bar(recipe, stages) as on_progress:
            trained = train(
                recipe,
                digits,
                seed=args.seed,
                stages=stages,
                # One, so that the same seed gives the same digits on any number of cores.
                threads=args.threads or 1,
                checkpoint=checkpoint,
                resume=args.resume,
                on_progress=on_progress,
            )
        n_wrong = _write(output, recipe, trained, digits, args)
    except (OSError, ValueError, FloatingPointError) as error:
        raise arguments.CannotRunError(str(error)) from error
    except KeyboardInterrupt:
        if checkpoint.exists():
            console.print(f"{checkpoint} has what is done: go on by --resume", highlight=False)
        raise
    table = history_table(trained.history, stage=recipe.stage, judged_on=recipe.judged_on)
    console.print(table)
    console.print(
        f"test accuracy {trained.test.accuracy:.4f}, {n_wrong} of {len(digits.test[0])} "
        f"misclassified; {HISTORY}, {CURVE}, {WRONG}, {WEIGHTS} and {CHECKPOINT} are in {output}",
        highlight=False,
    )
    return 0


def _write(
    output: Path, recipe: Recipe, trained: Trained, digits: Digits, args: argparse.Namespace
) -> int:
    """Write history and pictures, and return how many test digits are misclassified."""
    record = {
        "recipe": recipe.name,
        "stage": recipe.stage,
        "judged_on": recipe.judged_on,
        "seed": args.seed,
        "dtype": args.dtype,
        "digits": {"train": len(digits.train[0]), "test": len(digits.test[0])},
        "history": [
            {**asdict(epoch), "validation": epoch.validation and epoch.validation._asdict()}
            for epoch in trained.history
        ],
        "test": trained.test._asdict(),
    }
    (output / HISTORY).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    save_learning_curve(
        output / CURVE, trained.history, judged_on=recipe.judged_on, stage=recipe.stage
    )
    save_first_weights(output / WEIGHTS, trained.network.params["0.W"])
    X, y = digits.test
    return save_misclassified(output / WRONG, X, y, trained.network.logits(X))


@contextmanager
def _progress_bar(recipe: Recipe, stages: int) -> Iterator[OnProgress]:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(recipe.name, total=stages)

        def on_progress(done: float, history: list[Epoch]) -> None:
            text = f"{recipe.name}  {done:.1f}/{stages} x {recipe.stage}"
            if history and history[-1].validation is not None:
                loss, accuracy = history[-1].loss, history[-1].validation.accuracy
                text += f"  loss {loss:.4f}  accuracy {accuracy:.4f}"
            bar.update(task, completed=done, description=text)

        yield on_progress
