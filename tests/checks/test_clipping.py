"""The check of clipping by the norm: planted faults, and other correct code."""

import numpy as np
import pytest

from reference_mlp.testing import CHECKS, Implementation, Outcome, Setting, run_check


def result_of(clip_norm, *, seed=0, dtype=np.float64):
    own = Implementation(name="own", clip_norm=clip_norm)
    return run_check(CHECKS["clipped_norm"], own, setting=Setting(seed, dtype))


def by_long_double(grads, max_norm):
    norm = np.sqrt(sum((g.astype(np.longdouble) ** 2).sum() for g in grads.values()))
    factor = min(np.longdouble(1), max_norm / norm)
    return {name: (g * factor).astype(g.dtype) for name, g in grads.items()}


def by_value(grads, max_norm):
    return {name: np.clip(g, -max_norm, max_norm) for name, g in grads.items()}


def overflowing(grads, max_norm):
    norm = np.sqrt(sum((g * g).sum() for g in grads.values()))
    return {n: g * (max_norm / norm) if norm > max_norm else g for n, g in grads.items()}


def in_place(grads, max_norm):
    clipped = by_long_double(grads, max_norm)
    for name, g in grads.items():
        g[...] = clipped[name]
    return grads


@pytest.mark.skipif(np.finfo(np.longdouble).maxexp < 2000, reason="long double is double here")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(4))
def test_another_clip_passes(seed, dtype):
    assert result_of(by_long_double, seed=seed, dtype=dtype).outcome is Outcome.PASSED


@pytest.mark.parametrize("clip", [by_value, overflowing])
def test_wrong_clips_are_flagged(clip):
    found = result_of(clip)
    assert found.outcome is Outcome.FLAGGED
    assert "roundings" in found.message


def test_clipping_the_callers_arrays_is_flagged():
    found = result_of(in_place)
    assert found.outcome is Outcome.FLAGGED
    assert "of the caller's arrays changed" in found.message
