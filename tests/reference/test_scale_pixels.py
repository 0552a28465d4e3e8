"""Bytes of images as rows from 0 to 1."""

import numpy as np
import pytest

from reference_mlp import scale_pixels


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_byte_is_divided_by_255_and_rounded_once(dtype):
    levels = np.arange(256, dtype=np.uint8)
    X = scale_pixels(levels[:, None], dtype)
    assert X.dtype == dtype
    wanted = [dtype(level) / dtype(255) for level in range(256)]
    np.testing.assert_array_equal(X[:, 0], wanted)
    assert (X[0, 0], X[255, 0]) == (0, 1)


def test_images_are_read_row_by_row():
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    X = scale_pixels(images)
    assert (X.shape, X.dtype) == ((2, 12), np.float32)
    np.testing.assert_array_equal(np.rint(X * 255), np.arange(24).reshape(2, 12))
    np.testing.assert_array_equal(scale_pixels(images.reshape(2, 12)), X)


def test_images_laid_out_otherwise_are_the_same_images():
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    np.testing.assert_array_equal(scale_pixels(np.asfortranarray(images)), scale_pixels(images))


def test_the_images_are_left_alone():
    images = np.full((2, 4), 200, np.uint8)
    X = scale_pixels(images)
    X[...] = 0
    assert (images == 200).all()


@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.int8, np.bool_])
def test_other_numbers_are_refused(dtype):
    """Of floats nobody can say whether they are scaled already."""
    with pytest.raises(TypeError, match=r"images has dtype \w+ and shape \(2, 4\), expected uint8"):
        scale_pixels(np.ones((2, 4), dtype))


@pytest.mark.parametrize("shape", [(4,), (2, 3, 4, 1), (2, 0), (2, 0, 4)], ids=str)
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected \(N, rows, columns\) or \(N, D\)"):
        scale_pixels(np.zeros(shape, np.uint8))


def test_no_images_are_refused():
    with pytest.raises(ValueError, match=r"images has shape \(0, 4\), expected at least one row"):
        scale_pixels(np.zeros((0, 4), np.uint8))
    with pytest.raises(TypeError, match="images is a list, expected a NumPy array"):
        scale_pixels([[0, 255]])


@pytest.mark.parametrize("dtype", [np.float16, np.int64])
def test_other_results_are_refused(dtype):
    with pytest.raises(TypeError, match=r"dtype is \w+, expected float32 or float64"):
        scale_pixels(np.zeros((2, 4), np.uint8), dtype)
