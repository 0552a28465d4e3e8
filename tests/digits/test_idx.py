import gzip
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_mlp.digits import read_idx, write_idx
from reference_mlp.digits.idx import MAX_BYTES, encode_idx


def header(*sizes, element_type=8, n_dimensions=None):
    n_dimensions = len(sizes) if n_dimensions is None else n_dimensions
    return bytes([0, 0, element_type, n_dimensions]) + struct.pack(f">{len(sizes)}I", *sizes)


def compress(content):
    return gzip.compress(content, mtime=0)


def with_byte(content, position, value):
    content = bytearray(content)
    content[position] = value
    return bytes(content)


PLAIN = header(2, 3) + bytes(range(6))
GZIP = compress(PLAIN)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)

REFUSED = {
    "no bytes": (b"", "is empty"),
    "no bytes in gzip": (compress(b""), "is empty"),
    "three bytes": (b"\0\0\x08", "truncated: a header of 3 bytes"),
    "three bytes in gzip": (compress(b"\0\0\x08"), "truncated: a header of 3 bytes"),
    "cut in the header": (PLAIN[:10], "truncated: a header of 10 bytes, expected 12"),
    "cut in the header in gzip": (compress(PLAIN[:10]), "truncated: a header of 10 bytes"),
    "no content": (PLAIN[:12], "truncated: 0 bytes after the header, expected 6"),
    "last byte missing": (PLAIN[:-1], "truncated: 5 bytes after the header, expected 6"),
    "last byte missing in gzip": (compress(PLAIN[:-1]), "truncated: 5 bytes .* expected 6"),
    "one byte more": (PLAIN + b"\0", "trailing bytes: more than the 6"),
    "one byte more in gzip": (compress(PLAIN + b"\0"), "trailing bytes: more than the 6"),
    "a picture": (PNG, "no IDX file: it begins with 89504e47"),
    "a web page": (b"<!DOCTYPE html><html>", "no IDX file: it begins with 3c21444f"),
    "an npy file": (b"\x93NUMPY\x01\0", "no IDX file: it begins with 934e554d"),
    "little-endian": (PLAIN[3::-1] + PLAIN[4:], "no IDX file: it begins with 02080000"),
    "gzip twice": (compress(GZIP), "no IDX file: it begins with 1f8b08"),
    "unknown element type": (header(6, element_type=7) + bytes(6), "begins with 00000701"),
    "int8": (header(6, element_type=9) + bytes(6), r"type int8 \(0x09\), expected uint8"),
    "int32": (header(6, element_type=12) + bytes(24), "type int32 .* expected uint8"),
    "float32": (header(6, element_type=13) + bytes(24), "type float32 .* expected uint8"),
    "float64 in gzip": (compress(header(1, element_type=14) + bytes(8)), "type float64"),
    "no dimensions": (header() + b"\0", "has 0 dimensions, expected 1 to 64"),
    "255 dimensions": (header(*[1] * 255) + b"\0", "has 255 dimensions, expected 1 to 64"),
    "255 dimensions, no sizes": (header(n_dimensions=255) + b"\0", "truncated: a header of 5"),
    "no rows": (header(0, 28, 28), r"shape \(0, 28, 28\), expected no dimension of size 0"),
    "no columns": (header(2**32 - 1, 0), "expected no dimension of size 0"),
    "claims a gigabyte": (header(2**30) + b"\0", "header claims 1073741824 bytes"),
    "claims a gigabyte in gzip": (compress(header(2**30) + b"\0"), "header claims 1073741824"),
    "claims more than any file": (header(2**31) + b"\0", f"expected at most {MAX_BYTES}"),
    "claims more than 64 bits": (header(*[2**32 - 1] * 64) + b"\0", f"at most {MAX_BYTES}"),
    "gzip magic alone": (GZIP[:2], "damaged gzip"),
    "gzip cut in its header": (GZIP[:7], "damaged gzip"),
    "gzip cut in its content": (GZIP[:16], "damaged gzip"),
    "gzip without its checksum": (GZIP[:-8], "damaged gzip"),
    "gzip with a wrong checksum": (with_byte(GZIP, -8, GZIP[-8] ^ 1), "damaged gzip file: CRC"),
    "gzip with a wrong length": (with_byte(GZIP, -1, 1), "damaged gzip file: Incorrect length"),
    "gzip with an unknown method": (with_byte(GZIP, 2, 9), "damaged gzip file: Unknown"),
    "gzip of an invalid block": (with_byte(GZIP, 10, 0xFF), "damaged gzip file: Error -3"),
    "gzip and then other bytes": (GZIP + b"garbage", "damaged gzip file: Not a gzipped file"),
}


@pytest.mark.parametrize(("content", "complaint"), REFUSED.values(), ids=REFUSED)
def test_refuses_and_names_the_file(tmp_path, content, complaint):
    path = tmp_path / "digits-idx"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=complaint) as caught:
        read_idx(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("content", [PLAIN, GZIP, GZIP + bytes(512)], ids=["plain", "gzip", "tape"])
@pytest.mark.parametrize("name", ["digits", "digits.gz"])
def test_reads_plain_and_gzip_whatever_the_name(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    array = read_idx(str(path))
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array, [[0, 1, 2], [3, 4, 5]])
    array[0, 0] = 9  # the caller's own


def test_gzip_in_two_members_is_one_file(tmp_path):
    path = tmp_path / "members"
    path.write_bytes(compress(PLAIN[:9]) + compress(PLAIN[9:]))
    np.testing.assert_array_equal(read_idx(path), [[0, 1, 2], [3, 4, 5]])


@pytest.mark.parametrize("claimed", [6, 2**20], ids=["claims 6 bytes", "claims 1 MiB"])
def test_a_bomb_is_inflated_no_further_than_it_claims(tmp_path, claimed):
    path = tmp_path / "bomb"
    path.write_bytes(compress(header(claimed) + bytes(2**24)))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="trailing bytes"):
            read_idx(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * claimed + 2**20  # a few copies and buffers, not the 16 MiB within


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"):
        read_idx(tmp_path / "absent")
    with pytest.raises((IsADirectoryError, PermissionError)):
        read_idx(tmp_path)


@pytest.mark.parametrize("name", ["digits", "digits.gz"])
@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 4), (1,) * 64], ids=len)
def test_what_is_written_is_read(tmp_path, name, shape):
    array = np.random.default_rng(0).integers(256, size=shape).astype(np.uint8)
    write_idx(tmp_path / name, array)
    np.testing.assert_array_equal(read_idx(tmp_path / name), array)
    assert ((tmp_path / name).read_bytes()[:2] == b"\x1f\x8b") == name.endswith(".gz")


def test_writes_the_elements_in_c_order(tmp_path):
    array = np.arange(12, dtype=np.uint8).reshape(3, 4)[:, ::2].T
    write_idx(tmp_path / "strided", array)
    assert (tmp_path / "strided").read_bytes() == header(2, 3) + bytes([0, 4, 8, 2, 6, 10])


def test_gzip_keeps_neither_name_nor_time(tmp_path):
    array = np.arange(200, dtype=np.uint8)
    write_idx(tmp_path / "one.gz", array)
    write_idx(tmp_path / "other.gz", array)
    one = (tmp_path / "one.gz").read_bytes()
    assert one == (tmp_path / "other.gz").read_bytes()
    assert one[3] == 0  # flags: no name
    assert one[4:8] == bytes(4)  # time


@pytest.mark.parametrize(
    ("array", "error", "complaint"),
    [
        (np.zeros(3), TypeError, "array is float64, expected uint8"),
        (np.zeros(3, np.int8), TypeError, "array is int8, expected uint8"),
        ([1, 2], TypeError, "array is list, expected uint8"),
        (np.uint8(3), TypeError, "expected uint8"),
        (np.array(3, np.uint8), ValueError, "0 dimensions"),
        (np.zeros((0, 28, 28), np.uint8), ValueError, "no dimension of size 0"),
        (np.broadcast_to(np.uint8(0), (2**31,)), ValueError, f"at most {MAX_BYTES}"),
    ],
    ids=["float64", "int8", "list", "scalar", "no dimensions", "no rows", "too large"],
)
def test_refuses_to_write_what_it_would_not_read(tmp_path, array, error, complaint):
    with pytest.raises(error, match=complaint):
        write_idx(tmp_path / "refused", array)
    assert not (tmp_path / "refused").exists()


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("scratch") / "file"


DIGITS = np.random.default_rng(1).integers(256, size=(3, 28, 28)).astype(np.uint8)
DIGITS_GZIP = compress(encode_idx(DIGITS))


def same_or_refused(path, content):
    path.write_bytes(content)
    try:
        array = read_idx(path)
    except ValueError as error:
        assert str(path) in str(error)  # noqa: PT017 - either outcome is right
    else:
        np.testing.assert_array_equal(array, DIGITS)


@given(st.integers(0, len(DIGITS_GZIP) - 1), st.integers(1, 255))
def test_no_damaged_byte_of_a_gzip_file_yields_other_digits(scratch, position, flip):
    same_or_refused(scratch, with_byte(DIGITS_GZIP, position, DIGITS_GZIP[position] ^ flip))


@given(st.integers(0, len(DIGITS_GZIP) - 1))
def test_no_cut_of_a_gzip_file_is_read(scratch, length):
    scratch.write_bytes(DIGITS_GZIP[:length])
    with pytest.raises(ValueError, match="file"):
        read_idx(scratch)


@given(st.binary(max_size=64), st.sampled_from([b"", b"\0\0\x08", b"\0\0\x08\x01\0\0\0"]))
def test_any_bytes_are_read_or_refused(scratch, content, start):
    scratch.write_bytes(start + content)
    try:
        array = read_idx(scratch)
    except ValueError as error:
        assert str(scratch) in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert encode_idx(array) == start + content
