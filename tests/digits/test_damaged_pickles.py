"""Pickles that are cut, changed, or of something else than digits."""

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_mlp.digits import read_pickle
from tests.digits.pickles import GOOD, GOOD_2, assert_refused, pickled, splits, with_images

NAN = np.full((3, 784), np.nan, np.float32)
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


@pytest.mark.parametrize(("content", "complaint"), DAMAGED.values(), ids=DAMAGED)
def test_refuses_and_names_the_file(tmp_path, monkeypatch, content, complaint):
    monkeypatch.chdir(tmp_path)
    assert_refused(tmp_path / "mnist.pkl.gz", content, complaint)


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
