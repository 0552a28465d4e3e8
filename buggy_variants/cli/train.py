"""`gradbugs train`: the reference on digits, with its learning curve."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from buggy_variants.cli import arguments
from buggy_variants.plots import require_matplotlib, save_learning_curve
from reference_mlp import Adam, Epoch, evaluate, fit, mlp
from reference_mlp.digits import load_digits


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("train", help="train the reference on digits")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="IDX files of the full set")
    parser.add_argument("--epochs", type=arguments.count, default=5, metavar="N")
    parser.add_argument("--hidden", type=arguments.count, nargs="*", default=[100], metavar="WIDTH")
    parser.add_argument("--batch-size", type=arguments.count, default=50, metavar="N")
    parser.add_argument("--learning-rate", type=float, default=0.002, metavar="RATE", help="Adam's")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    parser.add_argument(
        "--picture", type=arguments.writable, default="learning-curve.png", metavar="PATH"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train, print the history, and save the learning curve."""
    try:
        require_matplotlib()
        digits = load_digits(args.data, dtype=args.dtype)
        rng = np.random.default_rng(args.seed)
        network = mlp((784, *args.hidden, 10), rng=rng, dtype=args.dtype)
        optimiser = Adam(args.learning_rate)
    except (OSError, ValueError, ModuleNotFoundError) as error:
        raise arguments.CannotRunError(str(error)) from error
    history = fit(
        network,
        *digits.train,
        optimiser=optimiser,
        epochs=args.epochs,
        batch_size=args.batch_size,
        rng=rng,
        validation=digits.test,
        progress=True,
    )
    console = Console()
    console.print(_table(history))
    scored = evaluate(network, *digits.test)
    console.print(
        f"test accuracy {scored.accuracy:.4f} on {len(digits.test[0])} digits, after "
        f"{args.epochs} epochs on {len(digits.train[0])}",
        highlight=False,
    )
    save_learning_curve(args.picture, history)
    console.print(f"learning curve in {args.picture}", highlight=False)
    return 0


def _table(history: list[Epoch]) -> Table:
    table = Table(box=None, padding=(0, 1))
    for column in ("epoch", "training loss", "test loss", "test accuracy", "seconds"):
        table.add_column(column, justify="right")
    for epoch in history:
        scored = epoch.validation
        assert scored is not None  # noqa: S101
        numbers = (epoch.loss, scored.loss, scored.accuracy)
        table.add_row(str(epoch.number), *(f"{v:.4f}" for v in numbers), f"{epoch.seconds:.2f}")
    return table
