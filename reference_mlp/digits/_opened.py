"""Opening a file that may be compressed, with a bound on what it can hold."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

_GZIP_MAGIC = b"\x1f\x8b"
# Deflate codes at most 258 bytes in 2 bits: https://zlib.net/zlib_tech.html.
_MAX_INFLATION = 1032


@contextmanager
def opened(path: Path) -> Iterator[tuple[BufferedReader | gzip.GzipFile, int]]:
    """Open a file, plain or gzip, and yield a stream of its content and the most it can hold.

    Gzip is told by the first bytes, not by the name. Damage to it, met at any time, is raised as
    ValueError that names the file.
    """
    with path.open("rb") as file:
        n_file = os.fstat(file.fileno()).st_size
        if file.peek(2)[:2] != _GZIP_MAGIC:
            yield file, n_file
            return
        try:
            with gzip.GzipFile(fileobj=file) as stream:
                yield stream, n_file * _MAX_INFLATION
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            msg = f"{path} is a damaged gzip file: {error}"
            raise ValueError(msg) from error
