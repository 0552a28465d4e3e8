r"""Test set standardised by its own mean and variance.

`standardise(X_train)`, `standardise(X_test)`: the same function for both sets, which is what one
does with every other step of preparation. But a standardisation has parameters, a mean and a scale
for each column, and they belong to the model as its weights do. Taken anew from the test set they
put it in other units than those in which the weights were learned.

If both sets are large and drawn from one source the two scalings nearly agree and nothing is seen.
The smaller the set, the larger the difference, and a single sample shows how far it goes: its mean
is itself, so whatever it is, all of its columns become 0, and every sample gets the same answer.

It hides something besides. If the test data have drifted, all pixels brighter by 20, say, then a
network in use would meet that drift. A test set that is centred by its own mean doesn't have it
any more, and the evaluation reports an accuracy that use will not reach.

Three test rows that lie 2 standard deviations above all that was trained on:

>>> X, X_test = np.array([[-1.0], [1.0]]), np.array([[1.0], [2.0], [3.0]])
>>> standardise(X, X_test)[1].ravel().round(2)
array([-1.22,  0.  ,  1.22])
>>> standardise(X, X_test[2:])[1]
array([[0.]])
"""

import numpy as np

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_array, require_finite


def standardise(X: Array, *others: Array) -> tuple[Array, ...]:
    for i, A in enumerate((X, *others)):
        require_finite("X" if i == 0 else f"others[{i - 1}]", require_array("X", A))

    def standardised(A: Array) -> Array:
        mean = A.mean(axis=0, dtype=np.float64)  # BUG: the set's own, not those of X
        std = A.std(axis=0, dtype=np.float64)
        scale = np.where((std > 0) & (np.ptp(A, axis=0) > 0), std, 1)
        Z: Array = ((A - mean) / scale).astype(A.dtype)
        return Z

    return tuple(standardised(A) for A in (X, *others))


bug = Bug(
    replaces={"standardise": standardise},
    severity=Severity.WRONG,
    flagged_by=("standardised_columns",),
    right=r"$z_\text{test} = (x_\text{test} - \mu_\text{train}) / \sigma_\text{train}$",
    wrong=r"$z_\text{test} = (x_\text{test} - \mu_\text{test}) / \sigma_\text{test}$",
    symptom=(
        "Predictions for one sample depend on which others are in the set with it; drift between "
        "training and use is not seen."
    ),
    preconditions="A set that is small, or of another distribution than the training set.",
    why_missed="Each set has mean 0 and variance 1, which is what a test of the function looks at.",
    fix="Compute mean and scale from the training set and apply them to every other.",
    origin=("deepchem/deepchem#51", "ikhlestov/vision_networks#27"),
    related=("GB170", "GB171"),
)
