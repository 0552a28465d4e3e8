"""Make the embedded subset of MNIST again from the full set.

    python -m reference_mlp.digits.make_subset FOLDER [--output DIR]

FOLDER holds the four IDX files of MNIST, plain or gzip; DIR is the package's own subset folder
if left out. The first 500 training and 100 test digits of each class are kept, in the order of
the original files. Uncompressed, what is written is the same to the byte every time: it is
compared with SUBSET_SHA256, and unless it agrees nothing is written.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reference_mlp._arrays import require_count
from reference_mlp.digits.idx import encode_idx, write_idx
from reference_mlp.digits.load import FILES, N_CLASSES, SUBSET, find_files, read_pair

PER_CLASS: Mapping[str, int] = {"train": 500, "test": 100}

# Of the uncompressed files, since zlib may compress otherwise tomorrow.
SUBSET_SHA256: Mapping[str, str] = {
    "train-images-idx3-ubyte": "36cb395b94762f0009909e61c7df0bc6d23da1b3e0251f38b10b10501b652034",
    "train-labels-idx1-ubyte": "6bf07e4d2b09bd66291b74f06f4d0e8c9f34e62ddcb50269a3126f861d1e7d68",
    "t10k-images-idx3-ubyte": "b97c8bfeb834d8e7999eaa2d69239abe06653dc09c1e5d7eb0c974c5965bc6a9",
    "t10k-labels-idx1-ubyte": "41cf2f530031915ba9fbb241407c369dba1acd7515053edff48cebeee8b260f4",
}


def first_of_each_class(name: str, y: NDArray[np.uint8], n: int) -> NDArray[np.intp]:
    """Return where the first `n` of each of the ten classes stand in labels `y` (N,), ascending.

    Raises ValueError, with `name` in it, if a class has fewer.

    >>> first_of_each_class("y", np.array([3, 3, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0], np.uint8), 1)
    array([ 0,  2,  3,  4,  5,  6,  7,  9, 10, 11])
    """
    n = require_count("n", n)
    rows = [np.flatnonzero(y == k)[:n] for k in range(N_CLASSES)]
    for k, found in enumerate(rows):
        if len(found) < n:
            msg = f"{name} holds {len(found)} of class {k}, expected at least {n}"
            raise ValueError(msg)
    return np.sort(np.concatenate(rows))


def take_subset(folder: str | os.PathLike[str]) -> dict[str, NDArray[np.uint8]]:
    """Return the subset of the MNIST in `folder`: images (N, 28, 28) and labels (N,) by file name.

    Raises FileNotFoundError for missing files; ValueError for damaged ones, and for digits that
    aren't those of MNIST.

    >>> take_subset(SUBSET)["train-images-idx3-ubyte"].shape
    (5000, 28, 28)
    """
    arrays = {}
    for part, (images_path, labels_path) in find_files(folder).items():
        images, labels = read_pair(images_path, labels_path)
        rows = first_of_each_class(str(labels_path), labels, PER_CLASS[part])
        images_name, labels_name = FILES[part]
        arrays[images_name], arrays[labels_name] = images[rows], labels[rows]

    for name, array in arrays.items():
        sha256 = hashlib.sha256(encode_idx(array)).hexdigest()
        if sha256 != SUBSET_SHA256[name]:
            msg = (
                f"{folder} does not hold the original MNIST: the subset of {name} has SHA-256 "
                f"{sha256}, expected {SUBSET_SHA256[name]}"
            )
            raise ValueError(msg)
    return arrays


def make_subset(folder: str | os.PathLike[str], output: str | os.PathLike[str]) -> list[Path]:
    """Write the subset of the MNIST in `folder` to `output`, and return the paths of its files.

    Raises as `take_subset` does, and then has written nothing.
    """
    arrays = take_subset(folder)
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, array in arrays.items():
        path = output / f"{name}.gz"
        write_idx(path, array)
        paths.append(path)
    return paths


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; exit with the message if the subset can't be made."""
    parser = argparse.ArgumentParser(
        prog="python -m reference_mlp.digits.make_subset",
        description="Make the embedded subset of MNIST again from the full set.",
    )
    parser.add_argument("folder", metavar="FOLDER", help="the four IDX files of MNIST, or .gz")
    parser.add_argument(
        "--output", metavar="DIR", default=SUBSET, help="where to write (default: the package's)"
    )
    options = parser.parse_args(arguments)
    try:
        paths = make_subset(options.folder, options.output)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from error
    for path in paths:
        sys.stdout.write(f"{path}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
