"""The IDX format of MNIST: a header of big-endian sizes, then the elements in C order.

The header is two zero bytes, a byte for the type of the elements, a byte for the number of
dimensions, and four bytes for the size of each: http://yann.lecun.com/exdb/mnist/.
"""

from __future__ import annotations

import gzip
import io
import math
import os
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reference_mlp.digits._opened import opened

MAX_BYTES = 2**31 - 1
MAX_DIMENSIONS = 64  # as many as NumPy has

_UNSIGNED_BYTE = 0x08
_ELEMENT_TYPES = {
    _UNSIGNED_BYTE: "uint8",
    0x09: "int8",
    0x0B: "int16",
    0x0C: "int32",
    0x0D: "float32",
    0x0E: "float64",
}


def read_idx(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """Return the unsigned bytes in an IDX file, plain or gzip, in the shape its header gives.

    Gzip is told by the first bytes, not by the name. No more is read or inflated than the header
    claims and one buffer. Raises ValueError, naming the file, for one that is empty, damaged,
    too short or too long for its header, of another element type, or above MAX_BYTES.

    >>> from reference_mlp.digits import SUBSET
    >>> read_idx(SUBSET / "t10k-images-idx3-ubyte.gz").shape
    (1000, 28, 28)
    """
    path = Path(path)
    with opened(path) as (stream, most):
        return _read_stream(path, stream, most=most)


def write_idx(path: str | os.PathLike[str], array: NDArray[np.uint8]) -> None:
    """Write `array` of unsigned bytes as an IDX file, by gzip if the name ends in .gz.

    The gzip header has neither time nor name, so equal arrays give equal files (with one version
    of zlib). Raises TypeError for another dtype, ValueError for a shape that IDX lacks.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_idx(f"{folder}/labels.gz", np.array([5, 0, 4], np.uint8))
    ...     read_idx(f"{folder}/labels.gz")
    array([5, 0, 4], dtype=uint8)
    """
    path = Path(path)
    content = encode_idx(array)
    if path.suffix == ".gz":
        buffer = io.BytesIO()
        with gzip.GzipFile("", "wb", compresslevel=9, fileobj=buffer, mtime=0) as stream:
            stream.write(content)
        content = buffer.getvalue()
    path.write_bytes(content)


def encode_idx(array: NDArray[np.uint8]) -> bytes:
    """Return the content of an IDX file, uncompressed, that holds `array` of unsigned bytes.

    Raises TypeError for another dtype, ValueError for a shape that IDX lacks.

    >>> encode_idx(np.array([[7, 9]], np.uint8)).hex(" ", 4)
    '0000 08020000 00010000 00020709'
    """
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8:
        msg = f"array is {getattr(array, 'dtype', type(array).__name__)}, expected uint8"
        raise TypeError(msg)
    _require_shape("array", array.shape)
    header = bytes([0, 0, _UNSIGNED_BYTE, array.ndim]) + struct.pack(
        f">{array.ndim}I", *array.shape
    )
    return header + array.tobytes()


def _read_stream(path: Path, stream: io.BufferedIOBase, *, most: int) -> NDArray[np.uint8]:
    shape = _read_header(path, stream)
    size = math.prod(shape)
    # Before anything is allocated: the header of a small file may claim gigabytes.
    if size > most:
        msg = f"{path} is truncated: its header claims {size} bytes, it can hold {most} at most"
        raise ValueError(msg)
    content = stream.read(size + 1)
    if len(content) < size:
        msg = f"{path} is truncated: {len(content)} bytes after the header, expected {size}"
        raise ValueError(msg)
    if len(content) > size:
        msg = f"{path} has trailing bytes: more than the {size} after the header that it claims"
        raise ValueError(msg)
    # A view of bytes is read-only; the caller gets an array of its own.
    return np.frombuffer(content, np.uint8).reshape(shape).copy()


def _read_header(path: Path, stream: io.BufferedIOBase) -> tuple[int, ...]:
    magic = stream.read(4)
    if not magic:
        msg = f"{path} is empty, expected an IDX header"
        raise ValueError(msg)
    if len(magic) < 4:
        msg = f"{path} is truncated: a header of {len(magic)} bytes, expected 8 or more"
        raise ValueError(msg)
    *zeros, element_type, n_dimensions = magic
    if any(zeros) or element_type not in _ELEMENT_TYPES:
        msg = f"{path} is no IDX file: it begins with {magic.hex()}, expected 000008 and dimensions"
        raise ValueError(msg)
    if element_type != _UNSIGNED_BYTE:
        msg = (
            f"{path} holds elements of type {_ELEMENT_TYPES[element_type]} "
            f"(0x{element_type:02x}), expected uint8 (0x{_UNSIGNED_BYTE:02x})"
        )
        raise ValueError(msg)
    sizes = stream.read(4 * n_dimensions)
    if len(sizes) < 4 * n_dimensions:
        msg = (
            f"{path} is truncated: a header of {4 + len(sizes)} bytes, "
            f"expected {4 + 4 * n_dimensions} for {n_dimensions} dimensions"
        )
        raise ValueError(msg)
    shape = struct.unpack(f">{n_dimensions}I", sizes)
    _require_shape(str(path), shape)
    return shape


def _require_shape(name: str, shape: tuple[int, ...]) -> None:
    if not 1 <= len(shape) <= MAX_DIMENSIONS:
        msg = f"{name} has {len(shape)} dimensions, expected 1 to {MAX_DIMENSIONS}"
        raise ValueError(msg)
    if 0 in shape:
        msg = f"{name} has shape {shape}, expected no dimension of size 0"
        raise ValueError(msg)
    if math.prod(shape) > MAX_BYTES:
        msg = f"{name} has shape {shape}: {math.prod(shape)} bytes, expected at most {MAX_BYTES}"
        raise ValueError(msg)
