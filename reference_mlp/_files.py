"""Files that are whole at every moment: written aside, and then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write that stands in the place of `path` once all is written, not before.

    A process killed at any moment leaves the old one or the new one, never half of one; an
    exception in the middle leaves the old one.
    """
    # In the same folder, as a file is renamed within one file system only; always by this name, so
    # that what a killed process leaves is written over, and never more than one.
    aside = path.with_name(f".{path.name}.part")
    with aside.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, whole or not at all."""
    with whole(path) as file:
        file.write(text.encode())
