"""Random correct networks of all kinds: none is flagged."""

import numpy as np
import pytest

import reference_mlp as mlp
from reference_mlp.testing.certified import check_gradients
from reference_mlp.testing.evidence import Outcome

NETWORKS = 60


def _random_case(seed, dtype):
    rng = np.random.default_rng(seed)
    sizes = tuple(int(n) for n in rng.integers(1, 40, size=rng.integers(2, 6)))
    loss = str(rng.choice(["squared_error", "sigmoid_binary_cross_entropy"]))
    names = rng.choice(["relu", "sigmoid", "tanh", "identity"], size=len(sizes) - 2)
    net = mlp.mlp(sizes, rng=rng, activation=list(map(str, names)), loss=loss, dtype=dtype)
    n = int(rng.integers(1, 129))
    X = rng.normal(size=(n, sizes[0])).astype(dtype)
    return net, X, rng.uniform(size=(n, sizes[-1])).astype(dtype)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_random_correct_network_is_flagged(dtype):
    outcomes = []
    for seed in range(NETWORKS):
        report = check_gradients(*_random_case(seed, dtype), rng=seed)
        assert report.outcome is not Outcome.FLAGGED, f"seed {seed}: {report.message}"
        outcomes.append(report.outcome)
    assert outcomes.count(Outcome.INCONCLUSIVE) <= 0.02 * NETWORKS
