"""The mnist.pkl.gz of the deep learning tutorials: three pickled pairs of images and labels.

An unpickler carries out what the file says, which may be anything. The one used here makes nothing
but records of arrays, and the arrays are built once the whole file has been found to fit.
"""

from __future__ import annotations

import math
import os
import pickle
import struct
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference_mlp.digits._opened import opened
from reference_mlp.digits._unpickler import Limited, PickledArray, UnfitError, Unpickler

SPLITS = ("training", "validation", "test")
# Of 70,000 digits with pixels of four bytes and a label of eight, and the opcodes around them.
MAX_CONTENT = 70_000 * (784 * 4 + 8) + 2**16

Pair = tuple[NDArray[np.float32], NDArray[np.int64]]

_LABEL_TYPES = {"i8": 8, "i4": 4, "u1": 1}


def read_pickle(path: str | os.PathLike[str]) -> tuple[Pair, Pair, Pair]:
    """Return the training, validation and test digits in a mnist.pkl.gz, plain or gzip.

    X (N, 784) is float32, the pixels from 0 to 1 as the file has them (the original's are bytes
    divided by 256); y (N,) is int64. Protocols 0 to 4 are read, written by Python 2 or 3. Nothing
    in the file is carried out, and no more is read than 70,000 digits take. Raises ValueError,
    naming the file, for one that is damaged, holds anything but three pairs of such arrays,
    pixels that are NaN or outside [0, 1], labels outside 0 to 9, or another number of labels
    than images.
    """
    path = Path(path)
    with opened(path) as (stream, most):
        records = _load(path, stream, most)
    if not _is_of(records, 3) or not all(_is_of(pair, 2) for pair in records):
        msg = f"{path} holds {_kind(records)}, expected three pairs of images and labels"
        raise ValueError(msg)
    train, valid, test = (
        _pair(f"{path}, {split} set", *pair) for split, pair in zip(SPLITS, records, strict=True)
    )
    return train, valid, test


def _load(path: Path, stream: BufferedReader | GzipFile, most: int) -> Any:
    try:
        # Protocols 0 and 1 have no PROTO; in 0 a byte may take the four characters of \x00.
        first = stream.peek(1)[:1]
        if not first:
            msg = "it is empty, expected a pickle of three pairs"
            raise UnfitError(msg)
        content = MAX_CONTENT if first == pickle.PROTO else 4 * MAX_CONTENT
        records = Unpickler(Limited(stream, min(most, content)), encoding="bytes").load()
        # To the end, where gzip has its checksum.
        if stream.read(1):
            msg = "it has trailing bytes"
            raise UnfitError(msg)
    except UnfitError as error:
        msg = f"{path} is refused as a pickle: {error}"
        raise ValueError(msg) from error
    except EOFError as error:
        if "end-of-stream" in str(error):  # of gzip: said by who opened it
            raise
        msg = f"{path} is a truncated pickle"
        raise ValueError(msg) from error
    except KeyError as error:
        msg = f"{path} is no pickle of arrays: it has the opcode or memo {error}"
        raise ValueError(msg) from error
    except (
        pickle.UnpicklingError,
        AttributeError,
        IndexError,
        struct.error,
        TypeError,
        ValueError,
    ) as error:
        msg = f"{path} is no pickle, or a damaged one: {type(error).__name__}: {error!s:.200}"
        raise ValueError(msg) from error
    return records


def _pair(name: str, images: Any, labels: Any) -> Pair:
    for what, array in (("images", images), ("labels", labels)):
        if not isinstance(array, PickledArray):
            msg = f"{name}: {what} are {_kind(array)}, expected an array"
            raise ValueError(msg)
    # Swapped, each would be refused as the other; both are said here.
    if len(images.shape) != 2 or images.shape[1] != 784 or 0 in images.shape:
        msg = f"{name} holds images of shape {images.shape}, expected (N, 784)"
        raise ValueError(msg)
    if labels.shape != images.shape[:1]:
        msg = f"{name} holds labels of shape {labels.shape}, expected {images.shape[:1]}"
        raise ValueError(msg)
    if images.dtype != "f4" or labels.dtype not in _LABEL_TYPES:
        msg = (
            f"{name} holds images of {images.dtype!r:.40} and labels of {labels.dtype!r:.40}, "
            f"expected 'f4' and one of {', '.join(_LABEL_TYPES)}"
        )
        raise ValueError(msg)
    X = _built(f"{name}, images", images, 4)
    # One comparison that NaN fails too.
    bad = np.flatnonzero(~((X >= 0) & (X <= 1)).all(axis=1))
    if len(bad):
        msg = (
            f"{name} holds {len(bad)} images with pixels that are NaN or outside [0, 1], "
            f"the first {bad[0]}"
        )
        raise ValueError(msg)
    y = _built(f"{name}, labels", labels, _LABEL_TYPES[labels.dtype])
    wrong = np.count_nonzero((y < 0) | (y > 9))
    if wrong:
        msg = f"{name} holds {wrong} labels outside 0 to 9: from {y.min()} to {y.max()}"
        raise ValueError(msg)
    return X, y.astype(np.int64)


def _built(name: str, array: PickledArray, item: int) -> NDArray[Any]:
    n_bytes = math.prod(array.shape) * item
    if len(array.content) != n_bytes:
        msg = f"{name} of shape {array.shape} have {len(array.content)} bytes, expected {n_bytes}"
        raise ValueError(msg)
    # A view of bytes is read-only; the caller gets an array of its own.
    built = np.frombuffer(array.content, f"<{array.dtype}").reshape(array.shape).copy()
    array.content = b""
    return built


def _is_of(value: Any, n: int) -> bool:
    return isinstance(value, tuple | list) and len(value) == n


def _kind(value: Any) -> str:
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    return {"PickledArray": "an array", "NoneType": "None"}.get(
        type(value).__name__, f"a {type(value).__name__}"
    )
