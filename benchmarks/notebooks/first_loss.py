"""The loss that notebook 004 starts from: as it was written, and with weights by fan-in.

    python -m benchmarks.notebooks.first_loss [--draws N]

Of N networks, each on one batch of 32 digits that come with the package, as its author printed it.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from buggy_variants.notebooks.as_written import nb004
from buggy_variants.notebooks.stories.nb004 import small_weights
from reference_mlp import SoftmaxCrossEntropy
from reference_mlp.digits import SUBSET, load_digits
from reference_mlp.testing.adapt import seeded

PRINTED = 3.4576


def first_losses(code: nb004.Code, draws: int) -> np.ndarray:
    X, y = load_digits(SUBSET, dtype="float64").train
    losses = []
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        with seeded(seed):
            network = nb004.Model((784, 128, 128, 10), code, rng)
        rows = rng.choice(len(X), nb004.BATCH_SIZE, replace=False)
        losses.append(SoftmaxCrossEntropy().value(network.logits(X[rows]), y[rows]))
    return np.array(losses)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notebooks.first_loss")
    parser.add_argument("--draws", type=int, default=1000)
    args = parser.parse_args()
    codes = {"as written": nb004.Code(), "by fan-in": nb004.Code(draw=small_weights)}
    for name, code in codes.items():
        losses = first_losses(code, args.draws)
        sys.stdout.write(
            f"{name}: {losses.mean():.2f} ± {losses.std(ddof=1):.2f}, {losses.min():.2f} to "
            f"{losses.max():.2f}; {100 * (losses >= PRINTED).mean():.1f} % at least {PRINTED}\n"
        )


if __name__ == "__main__":
    main()
