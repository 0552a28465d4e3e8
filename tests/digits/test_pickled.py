import gzip
import io
import os
import pickle
import pickletools
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_mlp.digits import load_digits, read_pickle
from reference_mlp.digits._unpickler import Unpickler
from reference_mlp.digits.pickled import MAX_CONTENT


def splits(n=3, pixels=784, dtype=np.float32, label_dtype=np.int64):
    rng = np.random.default_rng(0)
    return tuple(
        (
            (rng.integers(256, size=(m, pixels)) / 256).astype(dtype),
            np.arange(m).astype(label_dtype),
        )
        for m in (n, 2, 1)
    )


def with_images(images, labels=None):
    (X, y), *others = splits()
    return ((X if images is None else images, y if labels is None else labels), *others)


def python_2(objects):
    """What Python 2 writes for them: `str` where Python 3 has bytes, under NumPy's old name."""
    out = io.BytesIO()
    out.write(pickle.PROTO + b"\x02" + pickle.MARK)
    for X, y in objects:
        for array in (X, y):
            shape = b"".join(pickle.BININT + struct.pack("<i", n) for n in array.shape)
            out.write(b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85U\x01btR")
            out.write(pickle.MARK + b"K\x01" + pickle.MARK + shape + pickle.TUPLE)
            name = array.dtype.str[1:].encode()
            out.write(b"cnumpy\ndtype\n(U" + bytes([len(name)]) + name + b"K\0K\x01tR")
            out.write(b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb")
            content = array.tobytes()
            out.write(b"\x89T" + struct.pack("<i", len(content)) + content + b"tb")
        out.write(pickle.TUPLE2)
    out.write(pickle.TUPLE + pickle.STOP)
    return out.getvalue()


def python_2_text(objects):
    """What Python 2 writes for them by protocol 0, its default."""
    out = ["("]
    for X, y in objects:
        out.append("(")
        for array in (X, y):
            shape = "".join(f"L{n}L\n" for n in array.shape)
            content = "".join(f"\\x{byte:02x}" for byte in array.tobytes())
            out += [
                "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR",
                f"(I1\n({shape}tcnumpy\ndtype\n(S'{array.dtype.str[1:]}'\nI0\nI1\ntR",
                f"(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS'{content}'\ntb",
            ]
        out.append("t")
    return "".join([*out, "t."]).encode()


def pickled(objects, protocol=4):
    return pickle.dumps(objects, protocol)


GOOD = pickled(splits())
GOOD_2 = python_2(splits())
GOOD_2_TEXT = python_2_text(splits())
READ = {"4": GOOD, "3": pickled(splits(), 3), "python 2": GOOD_2, "python 2, text": GOOD_2_TEXT}


@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("content", READ.values(), ids=READ)
@pytest.mark.parametrize("name", ["mnist.pkl.gz", "mnist"])
def test_reads_the_three_pairs(tmp_path, name, content, compress):
    path = tmp_path / name
    path.write_bytes(compress(content))
    for (X, y), (X_true, y_true) in zip(read_pickle(path), splits(), strict=True):
        assert (X.dtype, y.dtype) == (np.float32, np.int64)
        np.testing.assert_array_equal(X, X_true)
        np.testing.assert_array_equal(y, y_true)
        X[0, 0] = 1  # the caller's own


@pytest.mark.parametrize("content", [GOOD_2, GOOD_2_TEXT], ids=["binary", "text"])
def test_what_python_2_writes_is_what_pickle_reads_as_latin_1(content):
    """They are pickles that everybody's loader reads, as the notebooks do."""
    loaded = pickle.loads(content, encoding="latin1")
    np.testing.assert_array_equal(loaded[0][0], splits()[0][0])


@pytest.mark.parametrize("label_dtype", [np.int32, np.uint8])
def test_reads_narrow_labels(tmp_path, label_dtype):
    path = tmp_path / "mnist.pkl"
    path.write_bytes(pickled(splits(label_dtype=label_dtype)))
    assert read_pickle(path)[0][1].tolist() == [0, 1, 2]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_as_digits_the_validation_set_follows_the_training_set(tmp_path, dtype):
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(GOOD))
    digits = load_digits(path, dtype=dtype)
    assert digits.train[0].dtype == dtype
    assert digits.train[1].tolist() == [0, 1, 2, 0, 1]
    np.testing.assert_array_equal(digits.train[0][3], splits()[1][0][0])
    assert digits.test[1].tolist() == [0]


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
NAN = np.full((3, 784), np.nan, np.float32)
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
DAMAGED = {
    "empty": (b"", "is empty, expected a pickle"),
    "empty in gzip": (gzip.compress(b""), "is empty, expected a pickle"),
    "cut in its middle": (GOOD[: len(GOOD) // 2], "larger .* or cut off|truncated|damaged"),
    "cut before its end": (GOOD[:-1], "cut off|truncated|damaged"),
    "cut in Python 2's": (GOOD_2[: len(GOOD_2) // 2], "pickle"),
    "gzip cut": (gzip.compress(GOOD)[:-9], "damaged gzip|truncated"),
    "gzip with a wrong checksum": (gzip.compress(GOOD)[:-8] + bytes(4) + GOOD[-4:], "damaged gzip"),
    "trailing bytes": (GOOD + b"\0", "trailing bytes"),
    "a web page": (b"<!DOCTYPE html><html>", "opcode or memo 60"),
    "an IDX file": (b"\0\0\x08\x01\0\0\0\x01\x05", "opcode or memo 0"),
    "protocol 5": (pickled(splits(), 5), "opcode or memo|pickle|names"),
    "protocol 6": (b"\x80\x06N.", "unsupported pickle protocol: 6"),
    "an unknown memo": (b"\x80\x02h\x07.", "pickle"),
    "nothing on the stack": (b"\x80\x02.", "pickle"),
    "None": (pickled(None), "holds None, expected three pairs"),
    "two pairs": (pickled(splits()[:2]), "holds a tuple of 2, expected three pairs"),
    "a pair of three": (pickled(((1, 2, 3), *splits()[1:])), "expected three pairs"),
    "a dict": (pickled({"train": 1}), "opcode or memo 125"),
    "lists for arrays": (pickled((([1], [2]), *splits()[1:])), "images are a list of 1, expected"),
    "strings for arrays": (pickled((("a", "b"), *splits()[1:])), "images are a str"),
    "swapped": (pickled(with_images(*splits()[0][::-1])), r"images of shape \(3,\), expected"),
    "28x28 images": (
        pickled(with_images(np.zeros((3, 28, 28), np.float32))),
        r"expected \(N, 784\)",
    ),
    "no images": (pickled(with_images(np.zeros((0, 784), np.float32), np.zeros(0, int))), "shape"),
    "one label fewer": (
        pickled(with_images(None, np.arange(2))),
        r"labels of shape \(2,\), expected",
    ),
    "labels one-hot": (pickled(with_images(None, np.eye(3, 10))), r"labels of shape \(3, 10\)"),
    "float64 images": (pickled(splits(dtype=np.float64)), "images of 'f8' .* expected 'f4'"),
    "bytes for images": (pickled(with_images(np.zeros((3, 784), np.uint8))), "images of 'u1'"),
    "objects for images": (pickled(with_images(np.empty((3, 784), object))), "expected bytes"),
    "big-endian": (pickled(with_images(splits()[0][0].astype(">f4"))), "byte order '>'"),
    "in the order of Fortran": (
        pickled(with_images(np.asfortranarray(splits()[0][0]))),
        "order of Fortran",
    ),
    "a record for images": (pickled(with_images(np.zeros((3, 784), "f4,f4"))), "pickle|images of"),
    "float labels": (pickled(with_images(None, np.zeros(3))), "labels of 'f8', expected"),
    "NaN": (pickled(with_images(NAN)), r"training set holds 3 images .* NaN .* the first 0"),
    "pixels to 255": (
        pickled(with_images(np.full((3, 784), 255, np.float32))),
        "outside \\[0, 1\\]",
    ),
    "infinite": (pickled(with_images(np.full((3, 784), np.inf, np.float32))), "outside"),
    "a label of 10": (
        pickled(with_images(None, np.array([1, 10, 2]))),
        "1 labels outside .* to 10",
    ),
    "a label of -1": (pickled(with_images(None, np.array([1, -1, 2]))), "from -1 to 2"),
}


@pytest.mark.parametrize(
    ("content", "complaint"), [*HOSTILE.values(), *DAMAGED.values()], ids=[*HOSTILE, *DAMAGED]
)
def test_refuses_and_names_the_file(tmp_path, monkeypatch, content, complaint):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "mnist.pkl.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=complaint) as caught:
        read_pickle(path)
    assert str(caught.value).startswith(str(path))
    # Nothing was carried out: the file is still alone.
    assert list(tmp_path.iterdir()) == [path]


def test_the_first_of_them_do_run_where_pickles_are_trusted(tmp_path, monkeypatch):
    """So that the test above can fail."""
    monkeypatch.chdir(tmp_path)
    pickle.loads(HOSTILE["opens a file to write"][0]).close()
    assert (tmp_path / MARKER).exists()


def test_images_that_claim_more_than_they_have(tmp_path):
    path = tmp_path / "mnist.pkl"
    # The shape (3, 784) becomes (2, 784), and then (N, 784) with an enormous N.
    for rows, complaint in (
        (b"K\x02", "labels of shape"),
        (b"J\xff\xff\xff\x7f", "labels of shape"),
    ):
        path.write_bytes(GOOD.replace(b"K\x03M\x10\x03\x86", rows + b"M\x10\x03\x86"))
        with pytest.raises(ValueError, match=complaint):
            read_pickle(path)
    path.write_bytes(
        GOOD.replace(b"K\x03M\x10\x03\x86", b"K\x02M\x10\x03\x86").replace(
            b"K\x03\x85", b"K\x02\x85"
        )
    )
    with pytest.raises(ValueError, match=r"images of shape \(2, 784\) have 9408 bytes, expected"):
        read_pickle(path)


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


def test_the_limit_holds_the_full_set():
    arrays = (50_000 + 10_000 + 10_000) * (784 * 4 + 8)
    assert arrays < MAX_CONTENT < arrays + 2**20


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("scratch") / "mnist.pkl"


@settings(deadline=None)
@given(position=st.integers(0, len(GOOD) - 1), flip=st.integers(1, 255))
def test_a_changed_byte_is_read_or_refused(scratch, position, flip):
    content = bytearray(GOOD)
    content[position] ^= flip
    scratch.write_bytes(content)
    try:
        sets = read_pickle(scratch)
    except ValueError as error:
        assert str(scratch) in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert all(((X >= 0) & (X <= 1)).all() and y.max() <= 9 for X, y in sets)


@settings(deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_refused(scratch, content):
    scratch.write_bytes(content)
    with pytest.raises(ValueError, match="mnist"):
        read_pickle(scratch)


def test_the_opcodes_let_through_make_no_objects():
    """Each opcode that imports or calls is one of the four that arrays need."""
    names = {pickletools.code2op[chr(code)].name for code in Unpickler.dispatch}
    assert names.isdisjoint({"INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4"})
    assert names.isdisjoint({"PERSID", "BINPERSID", "BYTEARRAY8", "NEXT_BUFFER"})
    assert {"GLOBAL", "STACK_GLOBAL", "REDUCE", "BUILD"} <= names
