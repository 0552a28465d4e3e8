"""Pickles that would run something, or fill the memory."""

import gzip
import os
import pickle
import pickletools
import struct
import tracemalloc

import numpy as np
import pytest

from reference_mlp.digits import read_pickle
from reference_mlp.digits._unpickler import Unpickler
from tests.digits.pickles import assert_refused, pickled


class Runs:
    """Pickles as a call of any function on any arguments."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class Changes:
    """Pickles as `numpy.core.multiarray._reconstruct` with other attributes."""

    def __reduce__(self):
        reconstruct = np.empty(0).__reduce__()[0]
        return reconstruct, (np.ndarray, (0,), b"b"), (None, {"__code__": 1})


def memo_of_4_gigabytes():
    return b"\x80\x02N" + pickle.LONG_BINPUT + b"\xff\xff\xff\xff."


MARKER = "gradbugs-marker"
HOSTILE = {
    "runs a command": (
        pickled(Runs(os.system, f"touch {MARKER}")),
        r"names '(posix|nt)'\.'system'",
    ),
    "runs a command by protocol 0": (pickled(Runs(os.system, f"touch {MARKER}"), 0), "names"),
    "evaluates": (pickled(Runs(eval, f"open('{MARKER}','w')")), r"names 'builtins'\.'eval'"),
    "executes": (pickled(Runs(exec, f"open('{MARKER}','w')")), r"names 'builtins'\.'exec'"),
    "opens a file to write": (pickled(Runs(open, MARKER, "w")), r"names '_?io'\.'open'"),
    "makes a folder in a list": (pickled([1, Runs(os.mkdir, MARKER)]), "'mkdir'"),
    "imports a module": (pickled(Runs(__import__, "antigravity")), "'__import__'"),
    "gets an attribute": (pickled(Runs(getattr, MARKER, "format")), "'getattr'"),
    "encodes by a codec": (pickled(b"bytes", 2), r"names '_codecs'\.'encode'"),
    "loads by numpy": (
        pickled(Runs(np.load, "x.npy")),
        r"'load', expected arrays and nothing else",
    ),
    "maps memory": (pickled(Runs(np.memmap, MARKER, "uint8", "w+")), "'memmap'"),
    "makes a terabyte of zeros": (pickled(Runs(np.zeros, 2**40)), "'zeros'"),
    "makes a terabyte by ndarray": (pickled(Runs(np.ndarray, (2**40,))), "calls ndarray with 1"),
    "changes what makes arrays": (pickled(Changes()), "opcode or memo 125"),
    "changes a name": (b"\x80\x02cnumpy\ndtype\n}b.", "opcode"),
    "changes a name by a tuple": (b"\x80\x02cnumpy\ndtype\nN\x85b.", "it changes dtype"),
    "a class of its own": (pickled(np.random.default_rng(0)), "names 'numpy.random"),
    "an instance": (b"(iposix\nsystem\n.", "opcode or memo 105"),
    "an instance by OBJ": (b"\x80\x02(cnumpy\ndtype\no.", "opcode or memo 111"),
    "NEWOBJ": (b"\x80\x02cnumpy\nndarray\n)\x81.", "opcode or memo 129"),
    "an extension": (b"\x80\x02\x82\x01.", "opcode or memo 130"),
    "a persistent id": (b"Pname\n.", "opcode or memo 80"),
    "a byte array of a terabyte": (b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b".", "150"),
    "a memo of four gigabytes": (memo_of_4_gigabytes(), "holds None"),
    "bytes of a terabyte": (b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b".", "larger .* or cut"),
    "a frame of a terabyte": (
        b"\x80\x04\x95" + struct.pack("<Q", 2**40) + b".",
        "larger .* or cut",
    ),
    "a string of minus one": (b"\x80\x02T\xff\xff\xff\xff.", "pickle"),
}


@pytest.mark.parametrize(("content", "complaint"), HOSTILE.values(), ids=HOSTILE)
def test_refuses_and_names_the_file(tmp_path, monkeypatch, content, complaint):
    monkeypatch.chdir(tmp_path)
    assert_refused(tmp_path / "mnist.pkl.gz", content, complaint)


def test_the_first_of_them_do_run_where_pickles_are_trusted(tmp_path, monkeypatch):
    """So that the test above can fail."""
    monkeypatch.chdir(tmp_path)
    pickle.loads(HOSTILE["opens a file to write"][0]).close()
    assert (tmp_path / MARKER).exists()


def peak_of_refusal(path, complaint):
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=complaint):
            read_pickle(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "start", [b"\x80\x02B" + struct.pack("<I", 2**26), b"(S'"], ids=["binary", "text"]
)
def test_a_bomb_is_read_no_further_than_the_digits_take(tmp_path, start, monkeypatch):
    """64 MB of one letter, in a fraction of one."""
    monkeypatch.setattr("reference_mlp.digits.pickled.MAX_CONTENT", 2**20)
    path = tmp_path / "bomb.pkl.gz"
    path.write_bytes(gzip.compress(start + b"a" * 2**26, 1))
    assert peak_of_refusal(path, "larger than the digits of MNIST") < 16 * 2**20


@pytest.mark.parametrize("opcode", [b"N", b"(", b")", b"N\x94"], ids=["N", "(", ")", "memo"])
@pytest.mark.parametrize("start", [b"\x80\x02", b"\x80\x04\x95" + struct.pack("<Q", 2**22)])
def test_a_flood_of_opcodes_is_stemmed(tmp_path, start, opcode):
    """Each would leave an object: a dozen gigabytes of them within the size of MNIST."""
    path = tmp_path / "flood.pkl"
    path.write_bytes(start + opcode * (2**22 // len(opcode)))
    # The frame itself, twice.
    assert peak_of_refusal(path, "more than 10000 opcodes") < 12 * 2**20


def test_the_opcodes_let_through_make_no_objects():
    """Each opcode that imports or calls is one of the four that arrays need."""
    names = {pickletools.code2op[chr(code)].name for code in Unpickler.dispatch}
    assert names.isdisjoint({"INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4"})
    assert names.isdisjoint({"PERSID", "BINPERSID", "BYTEARRAY8", "NEXT_BUFFER"})
    assert {"GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD"} <= names
