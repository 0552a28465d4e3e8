"""The networks of scikit-learn: what is right of them passes, what they mean otherwise is told."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from reference_mlp.testing import Outcome
from reference_mlp.testing.adapt import implementation_of
from tests.own.libraries import OF_NETWORKS, import_or_skip, outcomes


def sklearn_mlp(model, **sizes):
    neural_network = import_or_skip("sklearn.neural_network")
    from reference_mlp.testing.adapters.sklearn_mlp import adapt_mlp

    def make(dtype=np.float64):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return adapt_mlp(model(neural_network), dtype=dtype, **sizes)

    return implementation_of(make)


@pytest.mark.parametrize(
    ("hidden", "n_outputs", "activation", "dtype"),
    [
        ((7,), 4, "relu", np.float32),
        ((8, 6), 3, "logistic", np.float64),
        ((6,), 2, "tanh", np.float32),
        # Each in the other precision.
        pytest.param((7,), 4, "relu", np.float64, marks=pytest.mark.slow),
        pytest.param((8, 6), 3, "logistic", np.float32, marks=pytest.mark.slow),
        pytest.param((6,), 2, "tanh", np.float64, marks=pytest.mark.slow),
    ],
)
def test_classifiers_of_scikit_learn_pass(hidden, n_outputs, activation, dtype):
    own = sklearn_mlp(
        lambda nn: nn.MLPClassifier(hidden, activation=activation, alpha=0),
        n_inputs=5,
        n_outputs=n_outputs,
    )
    found = outcomes(own, OF_NETWORKS, dtype)
    alarms = {
        n: r.message for n, r in found.items() if r.outcome in {Outcome.FLAGGED, Outcome.CRASHED}
    }
    # Rightly: where a probability has rounded to 0 or 1 its loss is clipped, its gradient isn't.
    alarms.pop("saturated_differences", None)
    assert alarms == {}
    assert sum(r.outcome is Outcome.PASSED for r in found.values()) >= 10


def test_the_penalty_of_scikit_learn_is_divided_by_the_rows():
    own = sklearn_mlp(lambda nn: nn.MLPClassifier((7,), alpha=0.1), n_inputs=5, n_outputs=4)
    found = outcomes(own, ["parameter_differences", "duplicated_batch"], np.float64)
    assert found["parameter_differences"].outcome is Outcome.PASSED
    assert found["duplicated_batch"].outcome is Outcome.FLAGGED


def test_the_loss_of_a_regressor_is_a_mean_over_its_outputs():
    own = sklearn_mlp(
        lambda nn: nn.MLPRegressor(hidden_layer_sizes=(7,), alpha=0), n_inputs=5, n_outputs=3
    )
    (result,) = outcomes(own, ["gradient_scale"], np.float64).values()
    assert result.outcome is Outcome.FLAGGED
    assert 'scale="K"' in result.message
