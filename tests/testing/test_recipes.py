"""The recorded curves are the reference's."""

from __future__ import annotations

import numpy as np
import pytest

from reference_mlp.testing.recipes import (
    CONVERGENCE,
    OVERFITTING,
    REFERENCE_SEEDS,
    reference_curves,
    train_reference,
    upper_limit,
)


@pytest.mark.parametrize("recipe", [*CONVERGENCE, *OVERFITTING], ids=lambda r: r.key)
def test_a_recorded_curve_is_what_training_gives_now(recipe):
    recorded = reference_curves(recipe)
    assert recorded.shape == (len(REFERENCE_SEEDS), recipe.stages + 1)
    curve = train_reference(recipe, seed=REFERENCE_SEEDS[3])
    # Another BLAS adds in another order; two hundred float32 steps make a few digits of that.
    np.testing.assert_allclose(curve, recorded[3], rtol=1e-2)


def test_the_limit_is_student_s_prediction_limit():
    curves = np.array([[9.0, 1.0], [9.0, 2.0], [9.0, 3.0]])
    # By hand: mean 2, s 1, n 3, and t of two degrees of freedom at 1 - 1e-6 is 707.106...
    assert upper_limit(curves) == pytest.approx(2 + 707.106 * np.sqrt(4 / 3), rel=1e-4)


@pytest.mark.parametrize("recipe", CONVERGENCE, ids=lambda r: r.key)
def test_a_network_that_does_not_learn_is_above_the_limit(recipe):
    curves = reference_curves(recipe)
    assert curves[:, 0].min() > 2 * upper_limit(curves)
