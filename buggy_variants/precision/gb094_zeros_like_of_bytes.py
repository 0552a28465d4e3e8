r"""Zeros like integers.

`np.zeros_like(images)` makes an array of the same shape, and of the same dtype. The second is
easily forgotten, because in most code it is a kindness. Here the images are bytes: the pixels are
divided by 255, correctly, in floating point, and the quotients are stored in an array of bytes,
which keeps their integer part. Every fraction is 0. A pixel of 255 gives 1. Everything else, all
the grey of the stroke's edges, is gone.

Assigning to `X[...]` converts without a word: NumPy refuses an in-place `X /= 255` on bytes, with
an error that names the dtypes, and allows the very same values through a slice. Nor is the result
absurd. Scanned digits are mostly black and white, so what is left looks like a thinned version of
them, and a network can learn from it. The final `astype` hides the evidence: the array that
leaves is float32, has values from 0 to 1 and the right shape.

The same trap catches a buffer for gradients made like integer inputs, a moving average made like
a list of rewards, a matrix of probabilities made like its labels.

Four pixels of which two survive as they should:

>>> pixels = np.array([[0, 51, 254, 255]], np.uint8)
>>> scale_pixels(pixels)
array([[0., 0., 0., 1.]], dtype=float32)
>>> pixels / 255
array([[0.        , 0.2       , 0.99607843, 1.        ]])
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, float_dtype, require_array


def scale_pixels(images: Array, dtype: DTypeLike = np.float32) -> Array:
    dtype = float_dtype(dtype)
    images = require_array("images", images)
    if images.dtype != np.uint8:
        msg = f"images has dtype {images.dtype} and shape {images.shape}, expected uint8"
        raise TypeError(msg)
    if images.ndim not in {2, 3} or images.size == 0:
        msg = f"images has shape {images.shape}, expected (N, rows, columns) or (N, D)"
        raise ValueError(msg)
    rows = images.reshape(len(images), -1)
    X = np.zeros_like(rows)  # BUG: of bytes, too, so that fractions are cut off
    X[...] = rows / 255
    return X.astype(dtype)


bug = Bug(
    replaces={"scale_pixels": scale_pixels},
    severity=Severity.WORSE,
    flagged_by=("pixels_scaled",),
    right=r"$x / 255$",
    wrong=r"$\lfloor x / 255 \rfloor$: 1 for a pixel of 255, and 0 for all others",
    symptom=("Inputs are 0 or 1 and nothing between. The network learns from what is left."),
    preconditions="Integer input to code that fills an array made by `zeros_like` or `empty_like`.",
    why_missed=(
        "Shape, dtype and range of the result are as expected, and gradient checks draw their own "
        "inputs, which are floats. A histogram of the pixels would show it at once."
    ),
    fix="`np.zeros(shape, dtype)`, or no buffer at all: `rows.astype(dtype) / 255`.",
    origin=("numpy/numpy#16578",),
    related=("GB096",),
)
