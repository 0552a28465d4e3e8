"""`gradbugs template`: an adapter to fill in, on the standard output."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from reference_mlp.testing.adapters.draft import TEMPLATE


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("template", help="print an adapter for a network of your own")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print it."""
    sys.stdout.write(TEMPLATE)
    return 0
