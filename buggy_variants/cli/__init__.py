"""The command line: one file a command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from buggy_variants.cli import (
    adapt,
    check,
    cover,
    explain,
    listing,
    matrix,
    new,
    story,
    template,
    train,
)
from buggy_variants.cli.arguments import CannotRunError

GOOD, WRONG, CANNOT_RUN = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `gradbugs` with `arguments`, those of the process where None; return its exit status.

    0: all as it should be; 1: something is flagged that should not be, or missed that should;
    2: bad usage, or it can't run. An interrupt is raised, for `gradbugs.__main__` to handle.
    """
    parser = argparse.ArgumentParser(
        prog="gradbugs",
        description="Find out what is wrong with a hand-written backward pass.",
    )
    parser.add_argument("--version", action="version", version=f"gradbugs {version('gradbugs')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (check, adapt, template, matrix, listing, explain, cover, new, train, story):
        command.add_to(commands)
    args = parser.parse_args(arguments)
    try:
        status: int = args.run(args)
    except CannotRunError as error:
        sys.stderr.write(f"gradbugs: {error}\n")
        return CANNOT_RUN
    except BrokenPipeError:
        # The reader of our output has left, as `gradbugs list | head` does.
        sys.stderr.close()
        return GOOD
    return status
