"""`gradbugs story NOTEBOOK`: what each defect of a notebook did, by mending one after the other."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from buggy_variants.cli import arguments
from buggy_variants.notebooks import RECIPES
from buggy_variants.notebooks.stories import STORIES
from buggy_variants.notebooks.story import Figures, Step, Story, measure
from reference_mlp.digits import load_digits


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "story",
        help="a notebook as it was written, and mended bug by bug",
        description="Train a notebook as it was written, then with its defects mended one after "
        "the other, and print what came of each.",
    )
    parser.add_argument("notebook", choices=RECIPES, metavar="NOTEBOOK", help=", ".join(RECIPES))
    parser.add_argument(
        "--data", type=Path, metavar="PATH", help="IDX files' folder, mnist.pkl.gz or mnist_784.csv"
    )
    parser.add_argument("--seed", type=arguments.seed, default=0)
    parser.add_argument(
        "--epochs", type=arguments.count, metavar="N", help="(default: fewer than its author's)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train each step, and print what came of it."""
    story = STORIES[args.notebook]
    try:
        digits = load_digits(args.data, dtype="float64")
    except (OSError, ValueError) as error:
        raise arguments.CannotRunError(str(error)) from error
    stages = args.epochs or (story.recipe.stages if args.data else story.stages)
    console = Console(highlight=False)
    console.print(f"{story.recipe.title}; its author saw: {story.recipe.seen}")
    train, judged, _ = story.recipe.sets(digits)
    console.print(
        f"{stages} x {story.recipe.stage} on {len(train[0])} digits; loss at first and at the end, "
        f"and accuracy, on {len(judged[0])} others ({story.recipe.judged_on})"
    )
    figures = []
    bar_console = Console(stderr=True)
    with Progress(console=bar_console, transient=True, disable=not bar_console.is_terminal) as bar:
        task = bar.add_task(story.recipe.name, total=len(story.steps))
        for number in range(len(story.steps)):
            figures.append(measure(story, number, digits, seed=args.seed, stages=stages)[-1])
            bar.update(task, advance=1)
    console.print(_table(story, figures))
    console.print(
        "Steps marked + are kept, those marked ? are tried and taken back. "
        "GBxxx: `gradbugs explain` has more."
    )
    return 0


def _table(story: Story, figures: list[Figures]) -> Table:
    table = Table(box=None, padding=(0, 1))
    table.add_column("")
    table.add_column("what is mended, and what it shows", ratio=1)
    for column in ("at first", "loss", "accuracy", "classes"):
        table.add_column(column, justify="right", no_wrap=True)
    for step, found in zip(story.steps, figures, strict=True):
        table.add_row(
            "?" if step.alone else "+" if step.mends else "",
            _told(step),
            f"{found.first_loss:.3f}",
            f"{found.loss:.3f}",
            f"{found.accuracy:.4f}",
            str(found.classes),
        )
    return table


def _told(step: Step) -> Group:
    titles = [Text(mend.title, "bold") for mend in step.mends] or [Text("as written", "bold")]
    if step.recipe:
        titles.append(Text("= gradbugs train", "bold"))
    return Group(*titles, Text(step.shows), Text())
