r"""Inputs standardised by their own batch.

Standardised inputs train better, so the network sees to it: it takes the mean of the batch off
and divides by the standard deviation, as its first step, every time it is called. In
training that works well. It is what batch normalisation does, less the part that makes it usable
afterwards.

A sample's output now depends on its company. The same image gets other logits in every batch, and
alone it gets the logits of a blank one, because a batch of one less its own mean is zero.
Evaluation on 1,000 samples is hardly affected, as their mean is nearly that of the training set; a
server that answers one request at a time gives one answer to everybody.

The statistics are taken for constants of the data, so gradients of the weights are complete.
Only the gradient by the inputs misses two terms and a division, and that one is seldom
checked. Two samples, then each of them alone:

>>> import numpy as np
>>> from reference_mlp import mlp
>>> rng = np.random.default_rng(0)
>>> network = mlp((4, 3), rng=rng, network=StandardisedByBatch)
>>> X = rng.normal(size=(2, 4))
>>> network.logits(X).round(2)
array([[-2.15, -0.  ,  2.45],
       [ 2.15,  0.  , -2.45]])
>>> np.concatenate([network.logits(X[:1]), network.logits(X[1:])])
array([[0., 0., 0.],
       [0., 0., 0.]])
"""

from buggy_variants.bug import Bug, Severity
from reference_mlp import Network
from reference_mlp._arrays import Array
from reference_mlp.network import Tape


class StandardisedByBatch(Network):
    def forward(self, X: Array) -> tuple[Array, Tape]:
        spread = X.std(axis=0) + X.dtype.type(1e-8)
        return super().forward((X - X.mean(axis=0)) / spread)  # BUG: by whoever else is there


bug = Bug(
    replaces={"network": StandardisedByBatch},
    severity=Severity.WRONG,
    flagged_by=(
        "input_differences",
        "per_sample",
        "batch_cut",
        "homogeneity",
        "forward_formulas",
        "convex_optimum",
        "overfits_32_digits",
        "convergence",
        "evaluation_weights",
        "history_reported",
    ),
    right=r"$x_{id} = (X_{id} - \mu_d) / \sigma_d$ with the training set's $\mu$ and $\sigma$",
    wrong=r"the same with $\mu$ and $\sigma$ of the batch at hand",
    symptom=(
        "Good test accuracy in large batches, worse in small ones, and the same prediction for "
        "every sample that comes alone."
    ),
    preconditions="Batches that differ from each other, or a single sample.",
    why_missed=(
        "The test set goes through in one large batch. A gradient check of the parameters holds "
        "the batch fixed, and with it the statistics."
    ),
    fix="Compute mean and standard deviation once, on the training set, and keep them.",
    origin=("synthetic",),
    related=("GB019", "GB056", "GB066"),
)
