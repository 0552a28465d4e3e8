"""Digits as a network takes them: rows of pixels from 0 to 1, and labels."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from reference_mlp._arrays import Array, float_dtype
from reference_mlp.batches import scale_pixels
from reference_mlp.digits.idx import read_idx
from reference_mlp.digits.openml import N_TRAIN, read_csv
from reference_mlp.digits.pickled import read_pickle

ENVIRONMENT = "GRADBUGS_MNIST"
SUBSET = Path(__file__).parent / "subset"
N_CLASSES = 10
FILES: Mapping[str, tuple[str, str]] = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


class Digits(NamedTuple):
    """Training and test digits, each a pair of X (N, 784) from 0 to 1 and y (N,) from 0 to 9."""

    train: tuple[Array, NDArray[np.int64]]
    test: tuple[Array, NDArray[np.int64]]


def load_digits(
    folder: str | os.PathLike[str] | None = None, *, dtype: DTypeLike = np.float32
) -> Digits:
    """Return the digits in the four IDX files of `folder`, pixels divided by 255.

    X (N, 784) is float32 or float64, a row the 28 rows of an image in turn, 0 the paper and 1
    the ink; y (N,) is int64. Without `folder` it is the one that the environment variable
    GRADBUGS_MNIST names or, where that is unset or empty, `SUBSET`. The files have the customary
    names, such as train-images-idx3-ubyte, with or without .gz; without goes first. Fashion-MNIST
    has the same files, and is read the same way.

    Instead of a folder it may be a file in one of the other two forms that MNIST is passed around
    in: mnist.pkl.gz, whose 50,000 and 10,000 for validation are the 60,000 for training, and
    OpenML's mnist_784.csv, where the training digits come first. Which it is, the name's .csv
    tells.

    Raises FileNotFoundError, naming the folder and the files, if one is missing; ValueError,
    naming the file, for one that is damaged, images that aren't 28x28, labels above 9, or another
    number of labels than images; TypeError for another dtype.

    >>> (X, y), test = load_digits(SUBSET)
    >>> X.shape, X.dtype, X.max()
    ((5000, 784), dtype('float32'), np.float32(1.0))
    >>> np.bincount(y)
    array([500, 500, 500, 500, 500, 500, 500, 500, 500, 500])
    """
    dtype = float_dtype(dtype)
    named = os.environ.get(ENVIRONMENT)
    origin = f"{ENVIRONMENT}=" if folder is None and named else ""
    folder = Path(folder if folder is not None else named or SUBSET)
    if folder.is_file():
        return (_from_csv if ".csv" in folder.suffixes else _from_pickle)(folder, dtype)
    files = find_files(folder, origin=origin)

    pairs = {}
    for part, paths in files.items():
        images, labels = read_pair(*paths)
        pairs[part] = scale_pixels(images, dtype), labels.astype(np.int64)
    return Digits(**pairs)


def _from_pickle(path: Path, dtype: np.dtype[Any]) -> Digits:
    (X, y), (X_valid, y_valid), (X_test, y_test) = read_pickle(path)
    X = np.concatenate([X, X_valid]).astype(dtype, copy=False)
    return Digits((X, np.concatenate([y, y_valid])), (X_test.astype(dtype, copy=False), y_test))


def _from_csv(path: Path, dtype: np.dtype[Any]) -> Digits:
    images, labels = read_csv(path)
    if len(images) <= N_TRAIN:
        msg = f"{path} has {len(images)} rows, expected {N_TRAIN} for training and then the test's"
        raise ValueError(msg)
    X, y = scale_pixels(images, dtype), labels.astype(np.int64)
    return Digits((X[:N_TRAIN], y[:N_TRAIN]), (X[N_TRAIN:], y[N_TRAIN:]))


def find_files(
    folder: str | os.PathLike[str],
    *,
    origin: str = "",
    files: Mapping[str, tuple[str, str]] = FILES,
) -> dict[str, tuple[Path, Path]]:
    """Return the paths of images and labels for each part in `files`.

    Raises FileNotFoundError for those that are missing; `origin` stands before the folder in it.

    >>> images, labels = find_files(SUBSET)["test"]
    >>> labels.name
    't10k-labels-idx1-ubyte.gz'
    """
    folder = Path(folder)
    names = [name for pair in files.values() for name in pair]
    if not folder.is_dir():
        msg = f"{origin}{folder} is not a folder, expected one with {', '.join(names)} (or .gz)"
        raise FileNotFoundError(msg)
    found = {}
    for name in names:
        candidates = (folder / name, folder / f"{name}.gz")
        found[name] = next((path for path in candidates if path.is_file()), None)
    missing = [name for name, path in found.items() if path is None]
    if missing:
        msg = (
            f"{origin}{folder} lacks {', '.join(missing)}, "
            f"expected the four files {', '.join(names)}, each so or with .gz"
        )
        raise FileNotFoundError(msg)
    paths = {name: path for name, path in found.items() if path is not None}
    return {part: (paths[images], paths[labels]) for part, (images, labels) in files.items()}


def read_pair(
    images_path: Path, labels_path: Path, *, n_classes: int = N_CLASSES
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return images (N, 28, 28) and labels (N,), both as the unsigned bytes of their files.

    Raises ValueError, naming the file, for other shapes, labels that are not below `n_classes`,
    or unequal numbers.

    >>> images, labels = read_pair(*find_files(SUBSET)["test"])
    >>> images.shape, labels.shape
    ((1000, 28, 28), (1000,))
    """
    # Labels first: they are quick to read, and to refuse.
    labels = read_idx(labels_path)
    if labels.ndim != 1:
        msg = f"{labels_path} holds labels of shape {labels.shape}, expected (N,)"
        raise ValueError(msg)
    n_wrong = np.count_nonzero(labels >= n_classes)
    if n_wrong:
        msg = (
            f"{labels_path} holds {n_wrong} labels above {n_classes - 1} of {len(labels)}, "
            f"the highest {labels.max()}; expected 0 to {n_classes - 1}"
        )
        raise ValueError(msg)
    images = read_idx(images_path)
    if images.shape[1:] != (28, 28):
        msg = f"{images_path} holds images of shape {images.shape}, expected (N, 28, 28)"
        raise ValueError(msg)
    if len(images) != len(labels):
        msg = (
            f"{images_path} holds {len(images)} images and {labels_path} {len(labels)} labels, "
            f"expected as many of both"
        )
        raise ValueError(msg)
    return images, labels
