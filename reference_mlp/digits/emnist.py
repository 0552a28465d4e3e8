"""EMNIST: letters and digits in MNIST's form, but for transposed images and more classes.

Cohen, Afshar, Tapson and van Schaik 2017, "EMNIST: an extension of MNIST to handwritten letters".
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import float_dtype
from reference_mlp.batches import scale_pixels
from reference_mlp.digits.load import Digits, find_files, read_pair

# One above the highest label; the 26 letters are counted from 1.
EMNIST_CLASSES: Mapping[str, int] = {
    "byclass": 62,
    "bymerge": 47,
    "balanced": 47,
    "letters": 27,
    "digits": 10,
    "mnist": 10,
}


def load_emnist(
    folder: str | os.PathLike[str],
    split: str,
    *,
    transposed: bool = True,
    dtype: DTypeLike = np.float32,
) -> Digits:
    """Return one of EMNIST's splits from the four IDX files of `folder`, pixels divided by 255.

    `split` is a key of EMNIST_CLASSES, and the files are called, for "letters",
    emnist-letters-train-images-idx3-ubyte and so on, with or without .gz. The published files
    hold each image's columns where MNIST has its rows; they are turned back, unless `transposed`
    is False. X is (N, 784), y (N,) up to 61, both as `load_digits` returns them.

    Raises ValueError for another split, and as `load_digits` does.
    """
    dtype = float_dtype(dtype)
    if split not in EMNIST_CLASSES:
        msg = f"split is {split!r}, expected one of {', '.join(EMNIST_CLASSES)}"
        raise ValueError(msg)
    files = {
        part: (
            f"emnist-{split}-{part}-images-idx3-ubyte",
            f"emnist-{split}-{part}-labels-idx1-ubyte",
        )
        for part in ("train", "test")
    }
    pairs = {}
    for part, paths in find_files(folder, files=files).items():
        images, labels = read_pair(*paths, n_classes=EMNIST_CLASSES[split])
        if transposed:
            images = images.transpose(0, 2, 1)
        pairs[part] = scale_pixels(images, dtype), labels.astype(np.int64)
    return Digits(**pairs)
