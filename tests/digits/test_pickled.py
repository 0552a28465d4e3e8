import gzip
import pickle

import numpy as np
import pytest

from reference_mlp.digits import load_digits, read_pickle
from reference_mlp.digits.pickled import MAX_CONTENT
from tests.digits.pickles import GOOD, GOOD_2, GOOD_2_TEXT, pickled, splits

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


def test_the_limit_holds_the_full_set():
    arrays = (50_000 + 10_000 + 10_000) * (784 * 4 + 8)
    assert arrays < MAX_CONTENT < arrays + 2**20
