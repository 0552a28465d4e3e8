"""`gradbugs adapt`: a first adapter for somebody's file, which is read and not run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from buggy_variants.cli import arguments
from reference_mlp.testing.adapters.cells import NamespaceError
from reference_mlp.testing.adapters.draft import draft
from reference_mlp.testing.adapters.survey import survey


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("adapt", help="write a first adapter for a network of your own")
    parser.add_argument("file", type=Path, help="my_net.py, or a notebook or Markdown file")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write check_my_net.py beside my_net.py, and say what is next."""
    path: Path = args.file
    aside = path.with_name(f"check_{path.stem}.py")
    try:
        text = draft(survey(path))
        with aside.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        msg = f"{aside} is there already, and is left as it is"
        raise arguments.CannotRunError(msg) from None
    except (NamespaceError, OSError) as error:
        raise arguments.CannotRunError(str(error)) from error
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"wrote {aside}, with {text.count('TODO')} TODO", markup=False)
    console.print(f"Next: gradbugs check {aside}:make_network", markup=False)
    return 0
