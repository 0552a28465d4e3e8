"""A twin has the numbers of a network and nothing else of it."""

from __future__ import annotations

import numpy as np
import pytest

from reference_mlp import mlp
from reference_mlp.testing import PROBLEMS
from reference_mlp.testing.parameters import copied
from reference_mlp.testing.twins import in_float64, twin_of
from tests.testing.rewrites import REWRITES


@pytest.mark.parametrize("make_network", [mlp, *REWRITES])
def test_a_twin_has_the_same_numbers_in_arrays_of_its_own(make_network):
    network = PROBLEMS[0].build(make_network, dtype=np.float32, rng=np.random.default_rng(3))
    before = copied(network.params)
    twin = twin_of(PROBLEMS[0], make_network, network.params)
    for name, p in twin.params.items():
        assert p.dtype == np.float64
        assert np.array_equal(p, before[name])
        p += 1
    assert all(np.array_equal(p, before[name]) for name, p in network.params.items())


def test_networks_that_share_their_arrays_have_twins_too():
    held = {}

    class Sharing:
        def __init__(self, sizes, *, rng, **settings):
            held["W"] = rng.normal(size=sizes[:2])
            self.params = held

    problem = PROBLEMS[0]
    network = problem.build(Sharing, dtype=np.float64, rng=np.random.default_rng(3))
    before = network.params["W"].copy()
    assert np.array_equal(twin_of(problem, Sharing, network.params).params["W"], before)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.name)
def test_a_batch_in_float64_has_the_same_numbers(problem):
    X, y = problem.batch(dtype=np.float32, rng=np.random.default_rng(3))
    X64, y64 = in_float64(X, y)
    assert X64.dtype == np.float64
    assert y64.dtype == (y.dtype if problem.targets == "labels" else np.float64)
    assert np.array_equal(X64, X)
    assert np.array_equal(y64, y)
