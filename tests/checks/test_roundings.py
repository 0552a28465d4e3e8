"""Arrays held against others in roundings: what is granted, and what is named."""

from __future__ import annotations

import numpy as np
import pytest

from reference_mlp.testing import Outcome
from reference_mlp.testing.roundings import ROUNDINGS, hold_in_roundings

every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def held(got, expected, dtype=np.float64, **floor):
    arrays = ({name: np.array(a, dtype) for name, a in each.items()} for each in (got, expected))
    return hold_in_roundings(*arrays, "here", dtype=dtype, **floor)


@every_dtype
def test_a_hundred_roundings_of_the_largest_entry_are_granted(dtype):
    u = float(np.finfo(dtype).eps)
    expected = {"b": [1.0, -8.0]}
    assert held({"b": [1 + 90 * 8 * u, -8]}, expected, dtype).outcome is Outcome.PASSED
    found = held({"b": [1 + 110 * 8 * u, -8]}, expected, dtype)
    assert found.outcome is Outcome.FLAGGED
    assert found.threshold == ROUNDINGS
    assert found.message == "b is off by 110 roundings; here"


def test_what_is_small_is_held_to_the_floor():
    got, expected = {"b": [1e-16]}, {"b": [0.0]}
    assert held(got, expected).outcome is Outcome.PASSED
    assert held(got, expected, floor=0).outcome is Outcome.FLAGGED
    assert held({"b": [1e-9]}, expected).outcome is Outcome.FLAGGED
    assert held({"b": [1e-9]}, expected, floor=1e6).outcome is Outcome.PASSED


def test_the_array_that_is_furthest_off_is_named():
    assert held({"a": [1.0], "b": [3.0]}, {"a": [2.0], "b": [1.0]}).message.startswith("b is off")


@pytest.mark.parametrize(
    ("got", "message"),
    [
        ({"a": [1.0]}, "b is missing; here"),
        ({"a": [1.0], "b": [[2.0]]}, "b has shape (1, 1), expected (1,); here"),
        ({"a": [1.0], "b": [np.nan]}, "b is off by inf roundings; here"),
    ],
)
def test_what_cannot_be_compared_is_flagged(got, message):
    found = held(got, {"a": [1.0], "b": [2.0]})
    assert found.outcome is Outcome.FLAGGED
    assert found.message == message
