"""`gradbugs train`: the reference on digits, with its learning curve; or a notebook, mended."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from buggy_variants.cli import arguments, train_notebook
from buggy_variants.cli.history import history_table
from buggy_variants.notebooks import RECIPES
from buggy_variants.plots import require_matplotlib, save_learning_curve
from reference_mlp import Adam, evaluate, fit, mlp
from reference_mlp.digits import Digits, download_mnist, load_digits

# What a recipe fixes, and what training without one is by default.
_OWN_NETWORK: dict[str, Any] = {
    "hidden": [100],
    "batch_size": 50,
    "learning_rate": 0.002,
    "picture": Path("learning-curve.png"),
}
_OF_RECIPES: dict[str, Any] = {"output": None, "resume": False, "threads": None}
_EPOCHS = 5


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "train",
        help="train the reference on digits",
        description="Train the reference on digits: a network of your own, or a notebook's.",
    )
    parser.add_argument(
        "recipe",
        nargs="?",
        choices=RECIPES,
        metavar="NOTEBOOK",
        help="what a notebook set out to train: " + ", ".join(RECIPES),
    )
    data = parser.add_mutually_exclusive_group()
    data.add_argument(
        "--data", type=Path, metavar="PATH", help="IDX files' folder, mnist.pkl.gz or mnist_784.csv"
    )
    data.add_argument("--download", action="store_true", help="fetch the full MNIST, once")
    parser.add_argument("--epochs", type=arguments.count, metavar="N", help="or a recipe's stages")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", choices=("float32", "float64"), default="float32")
    own = parser.add_argument_group("without a notebook")
    own.add_argument("--hidden", type=arguments.count, nargs="*", metavar="WIDTH")
    own.add_argument("--batch-size", type=arguments.count, metavar="N")
    own.add_argument("--learning-rate", type=float, metavar="RATE", help="Adam's")
    own.add_argument("--picture", type=arguments.writable, metavar="PATH")
    recipes = parser.add_argument_group("with a notebook")
    recipes.add_argument("--output", type=Path, metavar="FOLDER", help="(default: its name)")
    recipes.add_argument("--resume", action="store_true", help="go on from FOLDER's checkpoint")
    recipes.add_argument(
        "--threads", type=arguments.count, metavar="N", help="of BLAS (default: 1)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train, print the history, and save the pictures."""
    needless, why = (
        (_OWN_NETWORK, f"{args.recipe} fixes it")
        if args.recipe
        else (_OF_RECIPES, "it goes with a notebook")
    )
    for name in needless:
        if (value := getattr(args, name)) is not None and value is not False:
            msg = f"--{name.replace('_', '-')} can't be given here: {why}"
            raise arguments.CannotRunError(msg)
    try:
        require_matplotlib()
        folder = download_mnist() if args.download else args.data
        digits = load_digits(folder, dtype=args.dtype)
    except (OSError, ValueError, ModuleNotFoundError) as error:
        raise arguments.CannotRunError(str(error)) from error
    return train_notebook.run(args, digits) if args.recipe else _train_own(args, digits)


def _train_own(args: argparse.Namespace, digits: Digits) -> int:
    for name, default in _OWN_NETWORK.items():
        if getattr(args, name) is None:
            setattr(args, name, default)
    args.epochs = args.epochs or _EPOCHS
    try:
        rng = np.random.default_rng(args.seed)
        network = mlp((784, *args.hidden, 10), rng=rng, dtype=args.dtype)
        optimiser = Adam(args.learning_rate)
    except ValueError as error:
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
    console.print(history_table(history))
    scored = evaluate(network, *digits.test)
    console.print(
        f"test accuracy {scored.accuracy:.4f} on {len(digits.test[0])} digits, after "
        f"{args.epochs} epochs on {len(digits.train[0])}",
        highlight=False,
    )
    save_learning_curve(args.picture, history)
    console.print(f"learning curve in {args.picture}", highlight=False)
    return 0
