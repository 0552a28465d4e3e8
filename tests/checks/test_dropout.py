"""The check of dropout: layers of another make, right ones and wrong ones."""

from __future__ import annotations

import numpy as np
import pytest

from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, run_check


class OnePass:
    """Dropout whose mask is a bit array, drawn as exponentials, and applied in place to a copy."""

    def __init__(self, rate, rng=None):
        self.rate, self.seed = rate, None if rng is None else rng.integers(2**31)

    def thinned(self, rng):
        return type(self)(self.rate, rng)

    def kept(self, shape):
        return np.random.default_rng(self.seed).exponential(size=shape) >= -np.log1p(-self.rate)

    def scale(self):
        return 1 - self.rate

    def forward(self, x, params):
        if self.seed is None:
            return x, None
        kept = self.kept(x.shape)
        out = x.copy()
        out[~kept] = 0
        out /= self.scale()
        return out, kept

    def backward(self, cache, dz, params):
        if cache is None:
            return dz, {}
        return np.where(cache, dz, 0) / self.scale(), {}


class OneMaskForAllRows(OnePass):
    def kept(self, shape):
        return np.broadcast_to(super().kept(shape[1:]), shape)


class WholeRows(OnePass):
    def kept(self, shape):
        return np.broadcast_to(super().kept((shape[0], 1)), shape)


class ActiveInEvaluation(OnePass):
    def __init__(self, rate, rng=None):
        super().__init__(rate, rng or np.random.default_rng(0))


class Unscaled(OnePass):
    def scale(self):
        return 1


class HalfAlways(OnePass):
    def kept(self, shape):
        return np.random.default_rng(self.seed).random(shape) >= 0.5


class MasksForEver(OnePass):
    def kept(self, shape):
        return np.random.default_rng(0).random(shape) >= self.rate


class ScaledForward(OnePass):
    """The scale is left out of the backward pass, the mask isn't."""

    def backward(self, cache, dz, params):
        return (dz if cache is None else dz * cache), {}


class AnotherMaskEachCall(OnePass):
    def thinned(self, rng):
        made = super().thinned(rng)
        made.rng = rng
        return made

    def kept(self, shape):
        return self.rng.random(shape) >= self.rate


class Gaussian(OnePass):
    def forward(self, x, params):
        if self.seed is None:
            return x, None
        noise = np.random.default_rng(self.seed).normal(1, 0.5, x.shape)
        return x * noise, noise


def run(make, dtype=np.float64, seed=3):
    implementation = Implementation(name="someone's", dropout=make)
    return run_check(CHECKS["dropout_masks"], implementation, setting=Setting(seed, dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_another_right_dropout_passes(dtype):
    for seed in range(20):
        result = run(OnePass, dtype, seed)
        assert result.outcome is Outcome.PASSED, result.message


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (OneMaskForAllRows, "all rows have one mask"),
        (WholeRows, "all columns have one mask"),
        (ActiveInEvaluation, "forward in evaluation: "),
        (Unscaled, "entries are not 0 or x / (1 - p)"),
        (HalfAlways, "of the entries are kept, expected 0.8 at a rate of 0.2"),
        (MasksForEver, "the mask of the first"),
        (ScaledForward, "backward against the mask of forward: "),
        (AnotherMaskEachCall, "draws another mask at its next call"),
        (Gaussian, "entries are not 0 or x / (1 - p)"),
    ],
)
def test_a_wrong_dropout_is_flagged(make, message, dtype):
    result = run(make, dtype)
    assert result.outcome is Outcome.FLAGGED
    assert message in result.message
