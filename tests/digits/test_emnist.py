import numpy as np
import pytest

from reference_mlp.digits import load_digits, load_emnist, write_idx


@pytest.fixture
def letters(tmp_path):
    """Folder of EMNIST's letters: images with a row of ink where MNIST has a column."""
    for part, n in (("train", 26), ("test", 3)):
        images = np.zeros((n, 28, 28), np.uint8)
        images[:, 5, 7:] = 255
        name = f"{tmp_path}/emnist-letters-{part}"
        write_idx(f"{name}-images-idx3-ubyte.gz", images)
        write_idx(f"{name}-labels-idx1-ubyte", np.arange(1, n + 1, dtype=np.uint8))
    return tmp_path


def test_images_are_turned_back(letters):
    (X, y), (X_test, _) = load_emnist(letters, "letters")
    assert (X.shape, X.dtype, X_test.shape) == ((26, 784), np.float32, (3, 784))
    assert (y.min(), y.max(), y.dtype) == (1, 26, np.int64)
    image = X[0].reshape(28, 28)
    assert image[7:, 5].all()
    assert image.sum() == 21


def test_images_are_left_as_they_are_where_asked(letters):
    (X, _), _ = load_emnist(letters, "letters", transposed=False, dtype=np.float64)
    assert X.dtype == np.float64
    assert X[0].reshape(28, 28)[5, 7:].all()


def test_labels_go_up_to_61(tmp_path):
    for part in ("train", "test"):
        name = f"{tmp_path}/emnist-byclass-{part}"
        write_idx(f"{name}-images-idx3-ubyte", np.zeros((62, 28, 28), np.uint8))
        write_idx(f"{name}-labels-idx1-ubyte", np.arange(62, dtype=np.uint8))
    assert load_emnist(tmp_path, "byclass").train[1].max() == 61


def test_labels_above_are_refused(letters):
    path = letters / "emnist-letters-test-labels-idx1-ubyte"
    write_idx(path, np.array([1, 27, 2], np.uint8))
    with pytest.raises(ValueError, match="1 labels above 26 of 3, the highest 27") as caught:
        load_emnist(letters, "letters")
    assert str(path) in str(caught.value)


def test_another_split_is_refused(letters):
    with pytest.raises(ValueError, match="split is 'words', expected one of byclass"):
        load_emnist(letters, "words")
    with pytest.raises(FileNotFoundError, match="lacks emnist-digits-train-images-idx3-ubyte"):
        load_emnist(letters, "digits")


def test_fashion_mnist_has_the_files_of_mnist(tmp_path):
    for part in ("train", "t10k"):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte.gz", np.zeros((10, 28, 28), np.uint8))
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte.gz", np.arange(10, dtype=np.uint8))
    assert load_digits(tmp_path).train[1].tolist() == list(range(10))
