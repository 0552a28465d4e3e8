"""The CSV of MNIST that OpenML has, https://www.openml.org/d/554: a header and 70,000 rows.

A row is 784 pixels from 0 to 255 and then the class. The first 60,000 are the training digits.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from io import BufferedIOBase
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reference_mlp.digits._opened import opened

N_PIXELS = 784
N_TRAIN = 60_000
MAX_ROWS = 70_000
# A number and its quotation marks and comma; a name and its own.
_MAX_LINE = (N_PIXELS + 1) * 6 + 2
_MAX_HEADER = (N_PIXELS + 1) * 24
_CHUNK = 1000


def read_csv(path: str | os.PathLike[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the images (N, 784) and labels (N,) in OpenML's mnist_784.csv, plain or gzip.

    The header's last column is `class`; numbers may stand in quotation marks. Raises ValueError,
    naming the file and the line, for one that is empty, has another header, more than 70,000
    rows, rows of another length, or anything but whole numbers: pixels to 255, classes to 9.
    """
    path = Path(path)
    chunks = []
    with opened(path) as (stream, _):
        _require_header(path, stream)
        lines = _lines(path, stream)
        n_rows = 0
        while chunk := list(islice(lines, _CHUNK)):
            # Two lines before: the header, and that lines are counted from 1.
            chunks.append(_parsed(path, chunk, first_line=n_rows + 2))
            n_rows += len(chunk)
            if n_rows > MAX_ROWS:
                msg = f"{path} has more than {MAX_ROWS} rows, expected {MAX_ROWS}"
                raise ValueError(msg)
    if not chunks:
        msg = f"{path} has a header and no rows, expected {MAX_ROWS}"
        raise ValueError(msg)
    table = np.concatenate(chunks)
    return np.ascontiguousarray(table[:, :-1]), table[:, -1].copy()


def _require_header(path: Path, stream: BufferedIOBase) -> None:
    header = stream.readline(_MAX_HEADER)
    if not header:
        msg = f"{path} is empty, expected the header of OpenML's mnist_784.csv"
        raise ValueError(msg)
    names = [name.strip(" \"'\r\n") for name in header.decode("latin-1").split(",")]
    if len(names) != N_PIXELS + 1 or names[-1] != "class":
        msg = (
            f"{path} has a header of {len(names)} columns from {names[0][:40]!r} to "
            f"{names[-1][:40]!r}, expected {N_PIXELS} pixels and then 'class', as OpenML's "
            "mnist_784.csv has"
        )
        raise ValueError(msg)


def _lines(path: Path, stream: BufferedIOBase) -> Iterator[str]:
    number = 1
    while line := stream.readline(_MAX_LINE + 1):
        number += 1
        if len(line) > _MAX_LINE:
            msg = f"{path}, line {number} is longer than the {_MAX_LINE} bytes that a row takes"
            raise ValueError(msg)
        # Every byte is a character of latin-1; those that are no digits are refused below.
        text = line.decode("latin-1").rstrip("\r\n")
        if not text:
            msg = f"{path}, line {number} is empty"
            raise ValueError(msg)
        yield text


def _parsed(path: Path, lines: list[str], *, first_line: int) -> NDArray[np.uint8]:
    try:
        with warnings.catch_warnings():
            # NumPy would read 3.7 as 3, with a warning.
            warnings.simplefilter("error")
            table = np.loadtxt(
                lines, np.uint8, comments=None, delimiter=",", quotechar='"', ndmin=2
            )
    except (ValueError, OverflowError, DeprecationWarning):
        table = np.empty((0, 0), np.uint8)
    if table.shape == (len(lines), N_PIXELS + 1) and table[:, -1].max() <= 9:
        return table
    for number, line in enumerate(lines, first_line):
        if complaint := _complaint(line):
            msg = f"{path}, line {number} {complaint}"
            raise ValueError(msg)
    msg = (
        f"{path}, lines {first_line} to {first_line + len(lines) - 1} are no numbers from 0 to 255"
    )
    raise ValueError(msg)


def _complaint(line: str) -> str | None:
    """Say what is wrong with a row, if anything is."""
    fields = [field.strip().strip('"') for field in line.split(",")]
    if len(fields) != N_PIXELS + 1:
        return f"has {len(fields)} columns, expected {N_PIXELS} pixels and the class"
    for i, field in enumerate(fields):
        most, what = (255, f"pixel {i + 1}") if i < N_PIXELS else (9, "the class")
        if not (field.isascii() and field.isdecimal() and len(field) <= 3 and int(field) <= most):
            return f"has {field[:40]!r} for {what}, expected a whole number from 0 to {most}"
    return None
