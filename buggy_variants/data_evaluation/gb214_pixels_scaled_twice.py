r"""Pixels scaled twice.

One loader returns bytes from 0 to 255, another floats from 0 to 1, under the same name and in the
same shape. The script divides by 255, as scripts do. One day the loader does so as well: a later
release of its package scales by itself, or data that came from a pickle come from a helper now.
Neither of the two places is wrong.

Inputs are then at most 0.004. Initial weights were chosen for inputs of order 1, so that the first
layer hears next to nothing, the logits are nearly the biases, and the loss starts at the logarithm
of the number of classes, as it should. It stays there for a long time. Gradient checks pass, and
what is looked at, again and again, is the learning rate.

What arrives can be asked for its dtype and its range in one line, where it arrives.

The brightest pixel that there is, as the network gets to see it:

>>> import numpy as np
>>> float(scale_pixels(np.array([[0, 128, 255]], np.uint8), np.float64).max().round(4))
0.0039
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
    X: Array = images.reshape(len(images), -1).astype(dtype) / 255
    X /= 255  # BUG: it has been done
    return X


bug = Bug(
    replaces={"scale_pixels": scale_pixels},
    severity=Severity.WORSE,
    flagged_by=("pixels_scaled",),
    right=r"$x / 255$",
    wrong=r"$x / 255^2$",
    symptom="A loss that stays at the logarithm of the number of classes for many epochs.",
    preconditions="Two places that both mean well.",
    why_missed="Shapes, dtype and gradients are right, and the first loss is the expected one.",
    fix="Scale in one place, and refuse what is not `uint8` there.",
    origin=(
        "notebook 002, line 30: latent, what was downloaded is unpickled and used unseen",
        "notebook 004, line 14: latent, a loader that a later release of its package dropped",
    ),
    related=("GB094", "GB096"),
)
