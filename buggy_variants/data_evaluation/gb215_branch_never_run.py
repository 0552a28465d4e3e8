r"""A name that only a branch that never ran would have missed.

Python looks names up when a line runs. A function may mention `Y_valid_hot`, defined nowhere, in
the branch that is taken when there is a validation set, or call a method with three arguments that
takes two, and it will import, train and be handed in, as long as nobody passes a validation set.

Notebooks favour this. A cell defines a name, the function below uses it as a global, the cell is
edited or deleted, and the name lives on in the kernel. Everything works until Restart and Run All,
or until a colleague opens the file.

Here the branch is the last, smaller batch of an evaluation. With 1,000 samples in batches of 100 it
is never needed. With 1,050 the last line of a night's training raises a NameError.

>>> import numpy as np
>>> from reference_mlp import mlp
>>> net = mlp((2, 3), rng=np.random.default_rng(0))
>>> evaluate(net, np.ones((6, 2)), np.zeros(6, int), batch_size=3).accuracy in {0.0, 1.0}
True
>>> evaluate(net, np.ones((7, 2)), np.zeros(7, int), batch_size=3)
Traceback (most recent call last):
NameError: name 'rows_left' is not defined
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp._arrays import Array, require_count, require_pairs
from reference_mlp.evaluation import Evaluation, Scored, accuracy, loss_and_logits


def evaluate(network: Scored, X: Array, y: Array, *, batch_size: int = 1000) -> Evaluation:
    require_pairs(X, y)
    batch_size = require_count("batch_size", batch_size)
    loss = hits = 0.0
    for start in range(0, len(X), batch_size):
        rows = slice(start, start + batch_size)
        n = batch_size
        if start + batch_size > len(X):
            n = rows_left  # type: ignore[name-defined]  # noqa: F821  # BUG: defined nowhere
        mean_loss, logits = loss_and_logits(network, X[rows], y[rows])
        loss += n * float(mean_loss)
        hits += n * accuracy(logits, y[rows])
    return Evaluation(loss / len(X), hits / len(X))


bug = Bug(
    replaces={"evaluate": evaluate},
    severity=Severity.CRASH,
    flagged_by=(),
    crashes_in={"evaluation_weights": NameError, "history_reported": NameError},
    right=r"$n = \min(B, N - iB)$",
    wrong="a name that nothing defines",
    symptom="A `NameError`, hours into a run that has worked before.",
    preconditions="The branch is taken: here a set that is no multiple of the batch.",
    why_missed="Tests, and the author, never take the branch. A linter reads it all the same.",
    fix="`n = len(X[rows])`; and a linter, which names it at once.",
    origin=("notebook 002, lines 377-386, 407 and 418",),
    related=("GB090", "GB091"),
)
