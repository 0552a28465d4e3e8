"""`gradbugs new`: the file of a new bug."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

import buggy_variants
from buggy_variants.cli import arguments
from buggy_variants.scaffold import scaffold


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("new", help="write the file of a new bug")
    parser.add_argument("family", help="the folder, such as loss_gradient")
    parser.add_argument("slug", help="what to call it, such as relu_in_place")
    parser.add_argument(
        "--replaces",
        required=True,
        metavar="PART",
        help="the part that goes wrong: softmax, linear.backward, ...",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the file, and say what is next."""
    _require_a_clone()
    try:
        path = scaffold(args.family, args.slug, args.replaces)
    except (OSError, ValueError) as error:
        raise arguments.CannotRunError(str(error)) from error
    id_ = path.stem[:5].upper()
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"wrote {path}", markup=False)
    console.print("It holds the reference's code. Next:", markup=False)
    for step in (
        "make one line wrong, and mark it",
        f"gradbugs matrix --variant {id_} names the checks that flag it: write them down",
        "tell its story where the file says TODO",
        f"gradbugs explain {id_}, and pytest",
    ):
        console.print(f"  - {step}", markup=False)
    return 0


def _require_a_clone() -> None:
    """Refuse to write where the next installation would overwrite it."""
    package = Path(buggy_variants.__path__[0])
    if not (package.parent / "pyproject.toml").exists():
        msg = (
            f"{package} is an installed copy, where a new bug would be lost; "
            "in a clone of the repository: pip install -e '.[plots]'"
        )
        raise arguments.CannotRunError(msg)
