r"""Pixels that were scaled already are scaled again.

One loader returns bytes from 0 to 255, another floats from 0 to 1, and both return an array of the
same shape under the same name. A function that divides by 255 whatever it is given is right for
the first. Data come from a package that a later release drops, from a URL, from a pickle that a
colleague made: one day the source is changed, and the line that scales stays.

Inputs are then at most 0.004. Initial weights were chosen for inputs of order 1, so that the first
layer hears next to nothing, the logits are nearly the biases, and the loss starts at the logarithm
of the number of classes, as it should. It stays there for a long time. Gradient checks pass, and
what is looked at, again and again, is the learning rate.

What arrives can be asked for its dtype and its range in one line, where it arrives.

An image that has been scaled, and the brightest pixel that the network gets to see:

>>> images = np.array([[0.0, 0.5, 1.0]])
>>> float(scale_pixels(images, np.float64).max().round(4))
0.0039
"""

import numpy as np
from numpy.typing import DTypeLike

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, float_dtype, require_array


def scale_pixels(images: Array, dtype: DTypeLike = np.float32) -> Array:
    dtype = float_dtype(dtype)
    images = require_array("images", images)
    if images.ndim not in {2, 3} or images.size == 0:
        msg = f"images has shape {images.shape}, expected (N, rows, columns) or (N, D)"
        raise ValueError(msg)
    X: Array = images.reshape(len(images), -1).astype(dtype) / 255  # BUG: of any dtype and range
    return X


bug = Bug(
    replaces={"scale_pixels": scale_pixels},
    severity=Severity.WORSE,
    flagged_by=("pixels_scaled",),
    right=r"$x / 255$ for bytes $x$, and nothing else",
    wrong=r"$x / 255$ for any $x$",
    symptom="A loss that stays at the logarithm of the number of classes for many epochs.",
    preconditions="Images that come as floats from 0 to 1.",
    why_missed="Shapes, dtype and gradients are right, and the first loss is the expected one.",
    fix="Refuse what is not `uint8`, by name and dtype.",
    origin=(
        "notebook 002, line 30: latent, what was downloaded is unpickled and used unseen",
        "notebook 004, line 14: latent, a loader that a later release of its package dropped",
    ),
    related=("GB094", "GB096"),
)
