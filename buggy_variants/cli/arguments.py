"""Arguments that several commands take, with messages that say what was expected."""

from __future__ import annotations

import argparse
import math
import os
from difflib import get_close_matches
from pathlib import Path

from buggy_variants.catalog import find
from buggy_variants.matrix import REFERENCE
from reference_mlp.testing import CHECKS


class CannotRunError(Exception):
    """A command can't be carried out; the message says why and what would help."""


def bug(text: str) -> str:
    """Return the id of a bug, given by id or slug."""
    try:
        return find(text).id
    except KeyError as error:
        raise argparse.ArgumentTypeError(error.args[0]) from None


def variant(text: str) -> str:
    """Return the id of a bug, or "reference"."""
    return text if text == REFERENCE else bug(text)


def check(text: str) -> str:
    """Return the name of a check, given by name or code."""
    for found in CHECKS.values():
        if text in {found.name, found.code}:
            return found.name
    known = [*CHECKS, *(c.code for c in CHECKS.values())]
    near = get_close_matches(text, known, n=3, cutoff=0.5) or [n for n in CHECKS if text in n]
    hint = f"did you mean {' or '.join(near)}?" if near else f"expected one of {', '.join(CHECKS)}"
    msg = f"no check is called {text!r}, {hint}"
    raise argparse.ArgumentTypeError(msg)


def count(text: str) -> int:
    """Return a whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        msg = f"{text!r} is no whole number above 0"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def seed(text: str) -> int:
    """Return a whole number from 0 on."""
    if not text.isdecimal():
        msg = f"{text!r} is no whole number from 0 on"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def seconds(text: str) -> float:
    """Return a time above 0, in seconds."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        msg = f"{text!r} is no number of seconds above 0"
        raise argparse.ArgumentTypeError(msg)
    return value


def writable(text: str) -> Path:
    """Return the path of a file that can be written."""
    path = Path(text)
    if path.is_dir() or not os.access(path.absolute().parent, os.W_OK):
        msg = f"{text!r} can't be written, expected a file in a folder that exists"
        raise argparse.ArgumentTypeError(msg)
    return path


def all_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
