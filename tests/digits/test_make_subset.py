import gzip
import hashlib
import shutil

import numpy as np
import pytest

from reference_mlp.digits import SUBSET, read_idx, write_idx
from reference_mlp.digits.idx import encode_idx
from reference_mlp.digits.load import find_files
from reference_mlp.digits.make_subset import (
    SUBSET_SHA256,
    first_of_each_class,
    main,
    make_subset,
    take_subset,
)


@pytest.mark.parametrize("name", SUBSET_SHA256)
def test_the_embedded_files_have_the_recorded_checksums(name):
    content = gzip.decompress((SUBSET / f"{name}.gz").read_bytes())
    assert hashlib.sha256(content).hexdigest() == SUBSET_SHA256[name]


def test_the_embedded_files_are_four_of_about_a_megabyte():
    files = list(SUBSET.glob("*-ubyte*"))
    assert sorted(path.name for path in files) == sorted(f"{name}.gz" for name in SUBSET_SHA256)
    assert sum(path.stat().st_size for path in files) < 1_000_000


def test_takes_the_first_of_each_class_in_their_order():
    y = np.array([3, 1, 3, *range(10), 3, *range(10)], np.uint8)
    rows = first_of_each_class("y", y, 2)
    np.testing.assert_array_equal(rows, np.sort(rows))
    np.testing.assert_array_equal(np.bincount(y[rows]), [2] * 10)
    assert {0, 1, 2, 4} < set(rows)  # the first two of 3 and of 1
    assert not {6, 13} & set(rows)  # the third and fourth 3


def test_refuses_too_few_of_a_class():
    y = np.array([*range(10), *range(7), 8, 9], np.uint8)
    with pytest.raises(ValueError, match=r"labels\.gz holds 1 of class 7, expected at least 2"):
        first_of_each_class("labels.gz", y, 2)
    with pytest.raises(ValueError, match="n is 0"):
        first_of_each_class("y", y, 0)


def test_the_embedded_digits_are_those_of_the_full_set(full_mnist):
    subset = take_subset(full_mnist)
    assert subset.keys() == SUBSET_SHA256.keys()
    for name, array in subset.items():
        content = gzip.decompress((SUBSET / f"{name}.gz").read_bytes())
        assert encode_idx(array) == content, name


def test_is_a_part_of_the_full_set_in_its_order(full_mnist):
    """The images are looked up by their pixels alone."""
    path, _ = find_files(full_mnist)["test"]
    where = {image.tobytes(): row for row, image in enumerate(read_idx(path))}
    rows = [where[image.tobytes()] for image in read_idx(SUBSET / "t10k-images-idx3-ubyte.gz")]
    assert rows == sorted(set(rows))


def test_the_command_writes_the_embedded_files(tmp_path, capsys):
    """The subset is a subset of itself, so this needs no full set."""
    output = tmp_path / "new" / "subset"
    main([str(SUBSET), "--output", str(output)])
    written = sorted(output.iterdir())
    assert [path.name for path in written] == sorted(f"{name}.gz" for name in SUBSET_SHA256)
    for path in written:
        np.testing.assert_array_equal(read_idx(path), read_idx(SUBSET / path.name))
    report = capsys.readouterr().out.splitlines()
    assert sorted(report) == [f"{path}: {path.stat().st_size} bytes" for path in written]


@pytest.fixture
def altered(tmp_path):
    """Folder of the subset but for one pixel of a test image."""
    folder = tmp_path / "altered"
    shutil.copytree(SUBSET, folder)
    path = folder / "t10k-images-idx3-ubyte.gz"
    images = read_idx(path)
    images[500, 14, 14] ^= 1
    path.unlink()
    write_idx(path.with_suffix(""), images)
    return folder


def test_writes_nothing_from_other_digits(altered, tmp_path):
    with pytest.raises(ValueError, match=r"not hold the original MNIST: .* t10k-images"):
        make_subset(altered, tmp_path / "output")
    assert not (tmp_path / "output").exists()


def test_the_command_exits_with_the_message(altered, tmp_path):
    output = ["--output", str(tmp_path / "output")]
    with pytest.raises(SystemExit, match="altered does not hold the original MNIST"):
        main([str(altered), *output])
    with pytest.raises(SystemExit, match="absent is not a folder"):
        main([str(tmp_path / "absent"), *output])
    assert not (tmp_path / "output").exists()
