"""The global generators are watched, seeded and put back."""

from __future__ import annotations

import random
from functools import partial

import numpy as np
import pytest

from reference_mlp.testing.global_generators import (
    drawn_from_since,
    global_state,
    numpy_state,
    put_back,
    seeded,
)

DRAWS = {
    "a number": np.random.random,
    "a normal": np.random.randn,
    "a seed": partial(np.random.seed, 7),
    "an order": partial(np.random.permutation, 4),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_any_use_of_np_random_is_noticed_and_undone(draw):
    before = numpy_state()
    with put_back():
        draw()
        assert numpy_state() != before
    assert numpy_state() == before


def test_python_s_generator_is_watched_as_well():
    before = global_state()
    with put_back():
        random.shuffle([1, 2, 3])
        assert global_state() != before
    assert global_state() == before


def test_it_is_told_whose_generators_were_used():
    before = global_state()
    with put_back():
        assert drawn_from_since(before) == "left alone"
        random.shuffle([1, 2, 3])
        assert drawn_from_since(before) == "Python's"
        np.random.random()  # noqa: NPY002
        assert drawn_from_since(before) == "NumPy's and Python's"


def test_an_error_changes_nothing_of_it():
    before = global_state()
    with pytest.raises(ZeroDivisionError), seeded(3):
        random.seed(1 // 0)
    assert global_state() == before


def test_a_seed_gives_the_same_numbers_and_another_one_others():
    drawn = []
    for seed in (3, 3, 4):
        with seeded(seed):
            drawn.append((np.random.random(), random.sample(range(10**9), 1)))  # noqa: NPY002
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
