"""Notebook 002's training, 31 epochs on the full MNIST: this reference and torch, in one run.

    python -m benchmarks.notebooks.against_torch [--data PATH] [--epochs N] [--threads N]

The same network, initial law, batches of 64 from a fresh shuffle, SGD 0.1 and float32, judged on
the validation set after each epoch. Torch is given indexed tensors, which is faster than its
loader. They take turns, epoch by epoch, so that a busy machine is as busy for both.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from benchmarks.notebooks.figures import BESIDE
from buggy_variants.notebooks import find_recipe
from buggy_variants.notebooks.lean import lean
from reference_mlp import SGD, evaluate, train_step
from reference_mlp.digits import ENVIRONMENT, load_digits

RECIPE = find_recipe("notebook-002")


def our_epochs(sets):
    """Train an epoch each time, and yield its validation accuracy; at the end the test error."""
    rng = np.random.default_rng(0)
    network = RECIPE.network(rng)
    stepping, optimiser = lean(network), SGD(RECIPE.learning_rate)
    while True:
        for X, y in RECIPE.batches(*sets.train, rng):
            train_step(stepping, optimiser, X, y)
        evaluate(network, *sets.judged)
        yield 100 * (1 - evaluate(network, *sets.test).accuracy)


def torch_epochs(sets):
    torch.manual_seed(0)
    layers = [torch.nn.Linear(a, b) for a, b in zip((784, 80, 70), (80, 70, 10), strict=True)]
    for layer in layers:
        torch.nn.init.normal_(layer.weight, 0, 0.01)
        torch.nn.init.zeros_(layer.bias)
    network = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.Tanh(), layers[2])
    optimiser = torch.optim.SGD(network.parameters(), lr=RECIPE.learning_rate)
    loss_function = torch.nn.CrossEntropyLoss()
    (X, y), judged, test = ([torch.from_numpy(a) for a in pair] for pair in sets)

    def error(X, y):
        with torch.no_grad():
            logits = network(X)
            loss_function(logits, y)
            return 100 * float((logits.argmax(dim=1) != y).float().mean())

    while True:
        order = torch.randperm(len(X))
        for start in range(0, len(X), RECIPE.batch_size):
            rows = order[start : start + RECIPE.batch_size]
            optimiser.zero_grad()
            loss = loss_function(network(X[rows]), y[rows])
            loss.backward()
            optimiser.step()
            loss.item()  # as ours gives it back, and as a curve needs
        error(*judged)
        yield error(*test)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notebooks.against_torch")
    parser.add_argument("--data", default=os.environ.get(ENVIRONMENT) or BESIDE)
    parser.add_argument("--epochs", type=int, default=RECIPE.stages)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    sets = RECIPE.sets(load_digits(args.data))
    torch.set_num_threads(args.threads)
    seconds = {"reference_mlp": 0.0, "torch": 0.0}
    errors = {}
    epochs = {"reference_mlp": our_epochs(sets), "torch": torch_epochs(sets)}
    with threadpool_limits(args.threads, user_api="blas"):
        for _ in range(args.epochs):
            for name, trained in epochs.items():
                start = time.perf_counter()
                errors[name] = next(trained)
                seconds[name] += time.perf_counter() - start
    for name in epochs:
        sys.stdout.write(
            f"{name:14} {seconds[name]:6.1f} s for {args.epochs} epochs on {args.threads} threads, "
            f"test error {errors[name]:.2f} %\n"
        )


if __name__ == "__main__":
    main()
