"""The mnist.pkl.gz of the deep learning tutorials: three pickled pairs of images and labels.

An unpickler carries out what the file says, which may be anything. This one makes nothing but
records of arrays: numpy's own functions are never called, opcodes that no pickled array needs are
unknown to it, and the arrays are built when the whole file has been found to fit.
"""

from __future__ import annotations

import math
import os
import pickle
import struct
from dataclasses import dataclass
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from reference_mlp.digits._opened import opened

SPLITS = ("training", "validation", "test")
# Of 70,000 digits with pixels of four bytes and a label of eight, and the opcodes around them.
MAX_CONTENT = 70_000 * (784 * 4 + 8) + 2**16

Pair = tuple[NDArray[np.float32], NDArray[np.int64]]

_RECONSTRUCT, _NDARRAY, _DTYPE = "_reconstruct", "ndarray", "dtype"
_GLOBALS = {
    ("numpy.core.multiarray", _RECONSTRUCT),
    ("numpy._core.multiarray", _RECONSTRUCT),
    ("numpy", _NDARRAY),
    ("numpy", _DTYPE),
}
_LABEL_TYPES = {"i8": 8, "i4": 4, "u1": 1}
_OPCODES = (
    # The shape of the stream, and integers.
    *(pickle.PROTO, pickle.FRAME, pickle.MARK, pickle.STOP, pickle.NONE),
    *(pickle.NEWTRUE, pickle.NEWFALSE, pickle.INT, pickle.LONG, pickle.LONG1),
    *(pickle.BININT, pickle.BININT1, pickle.BININT2),
    # Strings of Python 2 and 3.
    *(pickle.STRING, pickle.BINSTRING, pickle.SHORT_BINSTRING, pickle.UNICODE),
    *(pickle.BINUNICODE, pickle.SHORT_BINUNICODE),
    *(pickle.BINBYTES, pickle.SHORT_BINBYTES, pickle.BINBYTES8),
    # Tuples and lists, the memo, and what makes an array.
    *(pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3),
    *(pickle.EMPTY_LIST, pickle.LIST, pickle.APPEND, pickle.APPENDS),
    *(pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE),
    *(pickle.GET, pickle.BINGET, pickle.LONG_BINGET),
    *(pickle.GLOBAL, pickle.STACK_GLOBAL, pickle.REDUCE, pickle.BUILD),
)


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


class _UnfitError(Exception):
    """The pickle holds what no file of digits does."""


class _Global:
    """What a name in the pickle stands for; calling it records an array or the type of one."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *arguments: Any) -> _Array | _Dtype:
        if self._name == _RECONSTRUCT:
            return _Array()
        if self._name == _DTYPE and arguments and isinstance(arguments[0], bytes | str):
            name = arguments[0]
            return _Dtype(name.decode("latin-1") if isinstance(name, bytes) else name)
        msg = f"it calls {self._name} with {len(arguments)} arguments"
        raise _UnfitError(msg)

    def __setstate__(self, state: Any) -> None:
        msg = f"it changes {self._name}"
        raise _UnfitError(msg)


@dataclass
class _Dtype:
    name: str
    order: str = "<"

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) < 2 or not isinstance(state[1], bytes | str):
            msg = "it has a dtype of unknown form"
            raise _UnfitError(msg)
        order = state[1]
        self.order = order.decode("latin-1") if isinstance(order, bytes) else order


@dataclass
class _Array:
    shape: tuple[int, ...] = ()
    dtype: str = ""
    content: bytes = b""

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) != 5:
            msg = "it has an array of unknown form"
            raise _UnfitError(msg)
        _, shape, dtype, is_fortran, content = state
        if not isinstance(dtype, _Dtype) or not isinstance(content, bytes):
            msg = f"it has an array of {_kind(content)}, expected bytes"
            raise _UnfitError(msg)
        if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
            msg = f"it has an array of shape {shape!r:.80}"
            raise _UnfitError(msg)
        if is_fortran and len(shape) > 1:
            msg = "it has an array in the order of Fortran"
            raise _UnfitError(msg)
        if dtype.order not in {"<", "|"}:
            msg = f"it has an array of byte order {dtype.order!r:.80}, expected '<'"
            raise _UnfitError(msg)
        self.shape, self.dtype, self.content = shape, dtype.name, content


class _Unpickler(pickle._Unpickler):
    # Not the one in C: it can't be told its opcodes, and a memo's index makes it take memory.
    dispatch: ClassVar[dict[int, Any]] = {
        opcode[0]: pickle._Unpickler.dispatch[opcode[0]] for opcode in _OPCODES
    }

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) not in _GLOBALS:
            msg = f"it names {module!r:.80}.{name!r:.80}, expected arrays and nothing else"
            raise _UnfitError(msg)
        return _Global(name)


class _Limited:
    """A stream of which no more than `left` bytes are read."""

    def __init__(self, stream: BufferedReader | GzipFile, left: int) -> None:
        self._stream = stream
        self._left = left

    def read(self, n: int = -1, /) -> bytes:
        if not 0 <= n <= self._left:
            msg = "it is larger than the digits of MNIST, or cut off"
            raise _UnfitError(msg)
        content = self._stream.read(n)
        self._left -= len(content)
        return content

    def readline(self) -> bytes:
        line = self._stream.readline(self._left + 1)
        if len(line) > self._left:
            msg = "it is larger than the digits of MNIST"
            raise _UnfitError(msg)
        self._left -= len(line)
        return line


def _load(path: Path, stream: BufferedReader | GzipFile, most: int) -> Any:
    try:
        # Protocols 0 and 1 have no PROTO; in 0 a byte may take the four characters of \x00.
        first = stream.peek(1)[:1]
        if not first:
            msg = "it is empty, expected a pickle of three pairs"
            raise _UnfitError(msg)
        content = MAX_CONTENT if first == pickle.PROTO else 4 * MAX_CONTENT
        records = _Unpickler(_Limited(stream, min(most, content)), encoding="bytes").load()
        # To the end, where gzip has its checksum.
        if stream.read(1):
            msg = "it has trailing bytes"
            raise _UnfitError(msg)
    except _UnfitError as error:
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
        if not isinstance(array, _Array):
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


def _built(name: str, array: _Array, item: int) -> NDArray[Any]:
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
    return {"_Array": "an array", "NoneType": "None"}.get(
        type(value).__name__, f"a {type(value).__name__}"
    )
