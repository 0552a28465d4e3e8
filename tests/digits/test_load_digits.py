import shutil

import numpy as np
import pytest

from reference_mlp.digits import ENVIRONMENT, SUBSET, load_digits, read_idx, write_idx

NAMES = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
]


@pytest.fixture(autouse=True)
def _no_folder_in_the_environment(monkeypatch):
    monkeypatch.delenv(ENVIRONMENT, raising=False)


@pytest.fixture
def small(tmp_path):
    """Folder of four plain files: 12 training and 10 test digits, distinct in every pixel row."""
    rng = np.random.default_rng(0)
    for part, n in (("train", 12), ("t10k", 10)):
        images = rng.integers(256, size=(n, 28, 28)).astype(np.uint8)
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", images)
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", np.arange(n, dtype=np.uint8) % 10)
    return tmp_path


@pytest.mark.parametrize(("part", "n"), [("train", 5000), ("test", 1000)])
def test_the_embedded_digits(part, n):
    X, y = getattr(load_digits(), part)
    assert (X.shape, X.dtype) == ((n, 784), np.float32)
    assert (X.min(), X.max()) == (0, 1)
    assert (y.shape, y.dtype) == ((n,), np.int64)
    np.testing.assert_array_equal(np.bincount(y), [n // 10] * 10)


def test_the_embedded_digits_begin_as_mnist_does():
    digits = load_digits()
    np.testing.assert_array_equal(digits.train[1][:10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    np.testing.assert_array_equal(digits.test[1][:10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])


def test_images_and_labels_belong_together():
    """Nearest class mean gets four in five right, and one in ten were they misaligned."""
    (X, y), (X_test, y_test) = load_digits()
    means = np.stack([X[y == k].mean(axis=0) for k in range(10)])
    distance = ((X_test[:, None] - means) ** 2).sum(axis=2)
    assert (distance.argmin(axis=1) == y_test).mean() > 0.75


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pixels_are_the_bytes_over_255_row_by_row(small, dtype):
    X, _ = load_digits(small, dtype=dtype).train
    images = read_idx(small / NAMES[0])
    assert X.dtype == dtype
    np.testing.assert_array_equal(X, images.reshape(12, 784) / dtype(255))
    assert X[3, 28 * 5 + 7] == dtype(images[3, 5, 7]) / dtype(255)


@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.complex128])
def test_refuses_another_dtype(small, dtype):
    with pytest.raises(TypeError, match="expected float32 or float64"):
        load_digits(small, dtype=dtype)


def test_the_environment_names_the_folder(small, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(small))
    assert len(load_digits().train[0]) == 12
    assert len(load_digits(SUBSET).train[0]) == 5000


def test_an_empty_environment_variable_names_none(monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, "")
    assert len(load_digits().train[0]) == 5000


def test_reads_files_with_gz_and_prefers_those_without(small):
    X, y = load_digits(small).train
    write_idx(small / f"{NAMES[1]}.gz", np.zeros(12, np.uint8))
    np.testing.assert_array_equal(load_digits(small).train[1], y)
    (small / NAMES[1]).unlink()
    np.testing.assert_array_equal(load_digits(small).train[1], np.zeros(12))
    np.testing.assert_array_equal(load_digits(str(small)).train[0], X)


@pytest.mark.parametrize("missing", NAMES)
def test_names_the_file_that_is_missing(small, missing):
    (small / missing).unlink()
    with pytest.raises(FileNotFoundError, match=f"lacks {missing}, expected the four") as caught:
        load_digits(small)
    assert str(caught.value).startswith(str(small))


def test_names_every_file_and_the_folder_that_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"lacks {', '.join(NAMES)}, expected"):
        load_digits(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"absent is not a folder, expected one with train"):
        load_digits(tmp_path / "absent")


def test_says_that_the_missing_folder_is_the_environments(tmp_path, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path / "absent"))
    with pytest.raises(FileNotFoundError, match=f"^{ENVIRONMENT}=.*absent is not a folder"):
        load_digits()


ONES = np.ones
REFUSED = {
    "one label fewer": (1, ONES(11), "12 images and .*train-labels.* 11 labels"),
    "one image more": (0, ONES((13, 28, 28)), "13 images and .* 12 labels"),
    "a label of 10": (1, np.arange(12) % 11, "holds 1 labels above 9 of 12, the highest 10"),
    "labels of 255": (3, ONES(10) * 255, "holds 10 labels above 9 of 10, the highest 255"),
    "images as rows": (0, ONES((12, 784)), r"shape \(12, 784\), expected \(N, 28, 28\)"),
    "images 32x32": (2, ONES((10, 32, 32)), r"shape \(10, 32, 32\), expected \(N, 28, 28\)"),
    "images 28x27": (2, ONES((10, 28, 27)), r"shape \(10, 28, 27\), expected \(N, 28, 28\)"),
    "images with a channel": (0, ONES((12, 28, 28, 1)), r"expected \(N, 28, 28\)"),
    "labels for images": (0, ONES(12), r"images of shape \(12,\), expected \(N, 28, 28\)"),
    "images for labels": (1, ONES((12, 28, 28)), r"labels of shape .* expected \(N,\)"),
    "labels in a column": (3, ONES((10, 1)), r"labels of shape \(10, 1\), expected \(N,\)"),
}


@pytest.mark.parametrize(("file", "array", "complaint"), REFUSED.values(), ids=REFUSED)
def test_refuses_files_that_do_not_fit(small, file, array, complaint):
    path = small / NAMES[file]
    write_idx(path, array.astype(np.uint8))
    with pytest.raises(ValueError, match=complaint) as caught:
        load_digits(small)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_refuses_a_damaged_file_of_the_four(tmp_path, name):
    shutil.copytree(SUBSET, tmp_path, dirs_exist_ok=True)
    path = tmp_path / f"{name}.gz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match="damaged gzip") as caught:
        load_digits(tmp_path)
    assert str(caught.value).startswith(str(path))


def test_the_full_set(full_mnist):
    digits = load_digits(full_mnist)
    assert digits.train[0].shape == (60_000, 784)
    assert digits.test[0].shape == (10_000, 784)
    # As published: 5,923 zeros, 6,742 ones, and so on.
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    np.testing.assert_array_equal(np.bincount(digits.train[1]), counts)
    # The mean that everybody standardises by.
    assert digits.train[0].mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)
