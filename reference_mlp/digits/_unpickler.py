"""An unpickler that makes nothing but records of arrays.

NumPy's own functions are never called: four of their names are known, and stand for records of what
the file says. Opcodes that no pickled array needs are unknown.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from gzip import GzipFile
from io import BufferedReader
from typing import Any, ClassVar

MAX_OPCODES = 10_000
_RECONSTRUCT, _NDARRAY, _DTYPE = "_reconstruct", "ndarray", "dtype"
_GLOBALS = {
    ("numpy.core.multiarray", _RECONSTRUCT),
    ("numpy._core.multiarray", _RECONSTRUCT),
    ("numpy", _NDARRAY),
    ("numpy", _DTYPE),
}
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


class UnfitError(Exception):
    """The pickle holds what no file of digits does."""


class _Global:
    """What a name in the pickle stands for; calling it records an array or the type of one."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *arguments: Any) -> PickledArray | _Dtype:
        if self._name == _RECONSTRUCT:
            return PickledArray()
        if self._name == _DTYPE and arguments and isinstance(arguments[0], bytes | str):
            name = arguments[0]
            return _Dtype(name.decode("latin-1") if isinstance(name, bytes) else name)
        msg = f"it calls {self._name} with {len(arguments)} arguments"
        raise UnfitError(msg)

    def __setstate__(self, state: Any) -> None:
        msg = f"it changes {self._name}"
        raise UnfitError(msg)


@dataclass
class _Dtype:
    name: str
    order: str = "<"

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) < 2 or not isinstance(state[1], bytes | str):
            msg = "it has a dtype of unknown form"
            raise UnfitError(msg)
        order = state[1]
        self.order = order.decode("latin-1") if isinstance(order, bytes) else order


@dataclass
class PickledArray:
    shape: tuple[int, ...] = ()
    dtype: str = ""
    content: bytes = b""

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, tuple) or len(state) != 5:
            msg = "it has an array of unknown form"
            raise UnfitError(msg)
        _, shape, dtype, is_fortran, content = state
        if not isinstance(dtype, _Dtype) or not isinstance(content, bytes):
            msg = f"it has an array of a {type(content).__name__}, expected bytes"
            raise UnfitError(msg)
        if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
            msg = f"it has an array of shape {shape!r:.80}"
            raise UnfitError(msg)
        if is_fortran and len(shape) > 1:
            msg = "it has an array in the order of Fortran"
            raise UnfitError(msg)
        if dtype.order not in {"<", "|"}:
            msg = f"it has an array of byte order {dtype.order!r:.80}, expected '<'"
            raise UnfitError(msg)
        self.shape, self.dtype, self.content = shape, dtype.name, content


def _counted(load: Any) -> Any:
    def counted(unpickler: Unpickler) -> None:
        unpickler.n_left -= 1
        if unpickler.n_left < 0:
            msg = f"it has more than {MAX_OPCODES} opcodes, and arrays take a hundred"
            raise UnfitError(msg)
        load(unpickler)

    return counted


class Unpickler(pickle._Unpickler):
    """Returns tuples and lists of `PickledArray`, or raises UnfitError.

    Not the one in C: it can't be told its opcodes, and a memo's index makes it take memory.
    """

    # Each leaves an object behind, of up to a hundred bytes for one in the file.
    n_left = MAX_OPCODES
    dispatch: ClassVar[dict[int, Any]] = {
        opcode[0]: _counted(pickle._Unpickler.dispatch[opcode[0]]) for opcode in _OPCODES
    }

    def find_class(self, module: str, name: str, /) -> Any:
        """Return what stands for one of NumPy's four names; raise UnfitError for any other."""
        if (module, name) not in _GLOBALS:
            msg = f"it names {module!r:.80}.{name!r:.80}, expected arrays and nothing else"
            raise UnfitError(msg)
        return _Global(name)


class Limited:
    """A stream of which no more than `left` bytes are read."""

    def __init__(self, stream: BufferedReader | GzipFile, left: int) -> None:
        self._stream = stream
        self._left = left

    def read(self, n: int = -1, /) -> bytes:
        if not 0 <= n <= self._left:
            msg = "it is larger than the digits of MNIST, or cut off"
            raise UnfitError(msg)
        content = self._stream.read(n)
        self._left -= len(content)
        return content

    def readline(self) -> bytes:
        line = self._stream.readline(self._left + 1)
        if len(line) > self._left:
            msg = "it is larger than the digits of MNIST"
            raise UnfitError(msg)
        self._left -= len(line)
        return line
