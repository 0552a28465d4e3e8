r"""Bytes that wrap around.

An image from a file is an array of bytes, and arithmetic on bytes is arithmetic modulo 256. There
is no overflow warning, because for unsigned integers this is what the definition says. `images -
128` was meant to centre the pixels, as the preprocessing of many older networks does. For a pixel
of 200 it gives 72. For one of 100 it gives 228, where -28 was meant.

Dividing by 255 comes after, converts to floating point and is too late. Everything darker than
mid-grey has been lifted above everything brighter. The scale has been cut in the middle and its
halves exchanged, so that black and white, its two ends, now lie side by side, one 255th apart,
and what stands out in a scanned digit is the grey edge of its stroke. That is a bijection.
Nothing is lost in principle, a network can learn from such pictures, and it is tested on others
of the same make. It fails on images that came in by another path, from a PNG reader that returns
floats, say.

NumPy 2 sees to it that bytes remain bytes when a Python number is added; before that it was so,
too, for numbers that fit. The addition of two images, 200 + 200, is 144 by the same rule.

Six pixels, as they come out and as they should:

>>> pixels = np.array([[0, 50, 127, 128, 200, 255]], np.uint8)
>>> scale_pixels(pixels).round(3)
array([[1.004, 1.2  , 1.502, 0.502, 0.784, 1.   ]], dtype=float32)
>>> (pixels / 255).round(3)
array([[0.   , 0.196, 0.498, 0.502, 0.784, 1.   ]])
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
    centred = images.reshape(len(images), -1) - 128  # BUG: bytes below 128 wrap around
    X: Array = (centred / 255 + 128 / 255).astype(dtype)
    return X


bug = Bug(
    replaces={"scale_pixels": scale_pixels},
    severity=Severity.WRONG,
    flagged_by=("pixels_scaled",),
    right=r"$(x - 128) / 255 + 128 / 255 = x / 255$",
    wrong=r"$((x - 128) \bmod 256) / 255 + 128 / 255$",
    symptom=(
        "Values go up to 1.5, and black and white come out almost equal. A network learns from "
        "them all the same, and fails on images that were read in another way."
    ),
    preconditions="Any arithmetic on `uint8` before the conversion to floating point.",
    why_missed=(
        "The map is one-to-one, so a network can learn from it, and a test set that passes through "
        "the same function is as distorted as the training set. Gradient checks never see an image."
    ),
    fix="Convert first: `images.astype(dtype)`, and calculate afterwards.",
    origin=("sightmachine/SimpleCV#354", "waveform80/picamera#263"),
    related=("GB094",),
)
