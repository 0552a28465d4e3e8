"""Pickles of three small sets of digits, as Python 2 and 3 write them."""

import io
import pickle
import struct

import numpy as np
import pytest

from reference_mlp.digits import read_pickle


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


def assert_refused(path, content, complaint):
    """With a complaint that begins with the file, and which stays alone in its folder."""
    path.write_bytes(content)
    with pytest.raises(ValueError, match=complaint) as caught:
        read_pickle(path)
    assert str(caught.value).startswith(str(path))
    # Nothing was carried out: the file is still alone.
    assert list(path.parent.iterdir()) == [path]
