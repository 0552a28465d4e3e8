import gzip
import tracemalloc

import numpy as np
import pytest

from reference_mlp.digits import ENVIRONMENT, load_digits, read_csv

HEADER = ",".join([*(f"pixel{i + 1}" for i in range(784)), "class"])


def table(n=3):
    rng = np.random.default_rng(0)
    return np.column_stack([rng.integers(256, size=(n, 784)), np.arange(n) % 10])


def text(rows, header=HEADER, end="\n"):
    return end.join([header, *(",".join(map(str, row)) for row in rows), ""]).encode()


def with_field(value, column=5, row=1):
    rows = table().tolist()
    rows[row][column] = value
    return text(rows)


GOOD = text(table())
READ = {
    "plain": GOOD,
    "gzip": gzip.compress(GOOD),
    "lines of Windows": text(table(), end="\r\n"),
    "no last end of line": GOOD[:-1],
    "quoted names": text(table(), header=HEADER.replace("class", '"class"')),
    "quoted classes": text([[*row[:-1], f'"{row[-1]}"'] for row in table().tolist()]),
}


@pytest.mark.parametrize("content", READ.values(), ids=READ)
def test_reads_pixels_and_classes(tmp_path, content):
    path = tmp_path / "mnist_784.csv"
    path.write_bytes(content)
    images, labels = read_csv(path)
    assert (images.dtype, labels.dtype) == (np.uint8, np.uint8)
    np.testing.assert_array_equal(images, table()[:, :-1])
    np.testing.assert_array_equal(labels, [0, 1, 2])


def test_reads_more_than_one_chunk(tmp_path):
    path = tmp_path / "mnist_784.csv"
    path.write_bytes(text(table(1002)))
    images, labels = read_csv(path)
    np.testing.assert_array_equal(images, table(1002)[:, :-1])
    assert labels[-1] == 1


@pytest.mark.parametrize("name", ["mnist_784.csv", "mnist_784.csv.gz"])
def test_as_digits_the_training_set_comes_first(tmp_path, monkeypatch, name):
    monkeypatch.setattr("reference_mlp.digits.load.N_TRAIN", 2)
    path = tmp_path / name
    path.write_bytes(GOOD)
    monkeypatch.setenv(ENVIRONMENT, str(path))
    (X, y), (X_test, y_test) = load_digits()
    assert (y.tolist(), y_test.tolist()) == ([0, 1], [2])
    assert X.dtype == np.float32
    np.testing.assert_array_equal(X_test[0], table()[2, :-1].astype(np.float32) / 255)


def test_digits_need_a_test_set_too(tmp_path):
    path = tmp_path / "mnist_784.csv"
    path.write_bytes(GOOD)
    with pytest.raises(ValueError, match=r"csv has 3 rows, expected 60000 for training and then"):
        load_digits(path)


REFUSED = {
    "empty": (b"", "is empty, expected the header"),
    "empty in gzip": (gzip.compress(b""), "is empty, expected the header"),
    "a header alone": (text([]), "a header and no rows"),
    "no header": (
        GOOD.partition(b"\n")[2],
        "header of 785 columns .* expected 784 pixels and then",
    ),
    "Kaggle's, the label first": (
        text(table(), header="label," + HEADER.removesuffix(",class")),
        "from 'label' to 'pixel784', expected 784 pixels and then 'class'",
    ),
    "a column less": (text(table()[:, 1:]), "line 2 has 784 columns, expected 784 pixels and the"),
    "a header of a column less": (text([], header=HEADER[7:]), "header of 784 columns"),
    "another delimiter": (GOOD.replace(b",", b";"), "header of 1 columns"),
    "cut in a row": (GOOD[:-100], r"line 4 has \d+ columns"),
    "gzip cut": (gzip.compress(GOOD)[:-20], "damaged gzip"),
    "gzip with a wrong checksum": (gzip.compress(GOOD)[:-8] + bytes(8), "damaged gzip"),
    "a missing value": (with_field(""), "line 3 has '' for pixel 6, expected a whole number"),
    "a question mark": (with_field("?"), r"line 3 has '\?' for pixel 6"),
    "NaN": (
        with_field("nan"),
        "line 3 has 'nan' for pixel 6, expected a whole number from 0 to 255",
    ),
    "256": (with_field(256), "line 3 has '256' for pixel 6"),
    "minus one": (with_field(-1), "line 3 has '-1' for pixel 6"),
    "a fraction": (with_field("3.7"), "line 3 has '3.7' for pixel 6"),
    "a scaled pixel": (with_field("0.5", column=0), "line 3 has '0.5' for pixel 1"),
    "an enormous number": (with_field("9" * 400), "line 3 has '999"),
    "another script's digit": (with_field("\u0663"), "line 3 has '.+' for pixel 6"),
    "a class of 10": (
        with_field(10, column=784),
        "line 3 has '10' for the class, expected .* 0 to 9",
    ),
    "a class by name": (with_field("five", column=784), "line 3 has 'five' for the class"),
    "an empty line": (GOOD.replace(b"\n", b"\n\n", 2), "line 2 is empty"),
    "a formula": (with_field("=1+1"), "line 3 has '=1.1' for pixel 6"),
    "a zero byte": (with_field("\0"), "line 3 has"),
    "a line that does not end": (GOOD + b"1," * 4000, "line 5 is longer than the 4712 bytes"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(99), "header of 1 columns"),
}


@pytest.mark.parametrize(("content", "complaint"), REFUSED.values(), ids=REFUSED)
def test_refuses_and_names_file_and_line(tmp_path, content, complaint):
    path = tmp_path / "mnist_784.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=complaint) as caught:
        read_csv(path)
    assert str(caught.value).startswith(str(path))


def test_more_rows_than_mnist_has_are_refused_as_they_come(tmp_path, monkeypatch):
    monkeypatch.setattr("reference_mlp.digits.openml.MAX_ROWS", 1000)
    path = tmp_path / "bomb.csv.gz"
    row = b",".join([b"0"] * 785) + b"\n"
    path.write_bytes(gzip.compress(HEADER.encode() + b"\n" + row * 40_000, 1))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="more than 1000 rows"):
            read_csv(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 * 2**20  # of the 63 MB within


def test_a_line_without_end_is_read_no_further_than_a_row(tmp_path):
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(HEADER.encode() + b"\n" + bytes(2**26), 1))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="line 2 is longer"):
            read_csv(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**20
