"""The sweep over all float32 numbers, on a slice of them."""

import numpy as np
import pytest

from benchmarks.stability.exhaustive import BLOCKS, FUNCTIONS, block, exact, off, settle
from reference_mlp.testing.stability import SUBJECTS, inputs, ulp_error


@pytest.mark.parametrize("name", FUNCTIONS)
def test_its_quick_ulps_and_its_oracle_are_the_usual_ones(name):
    z = inputs.numbers(np.float32)
    got = FUNCTIONS[name](z)
    slow = ulp_error(got, SUBJECTS[name].exact(np.float64, z)[0])
    np.testing.assert_allclose(off(got, exact(name, z)), slow, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_block_of_the_sweep(name):
    # From 2.0 on, the 2^17 numbers of a part of a binade.
    start = int(np.float32(2.0).view(np.uint32))
    count, wrong, worst, at, total = block(name, start, 1 << 17)
    assert count == 1 << 17
    assert wrong == 0
    assert 0.49 < worst <= 0.5
    assert settle(name, at) == pytest.approx(worst, abs=1e-6)
    assert 0.1 < total / count < 0.4


def test_blocks_of_nan_and_infinity_are_left_out():
    start = int(np.float32(np.inf).view(np.uint32))
    assert block("sigmoid", start, 1 << 10)[0] == 0
    assert 2**32 % BLOCKS == 0
