"""Training a recipe, stage by stage, so that a killed one goes on bit for bit."""

from __future__ import annotations

import math
import os
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from buggy_variants.notebooks.lean import lean
from buggy_variants.notebooks.recipes import Recipe
from reference_mlp import SGD, Epoch, Evaluation, Network, evaluate, train_step
from reference_mlp._arrays import Array
from reference_mlp.checkpoint import load_checkpoint, save_checkpoint
from reference_mlp.digits import Digits

# Told how far training is, in stages, and what came of those that are done.
OnProgress = Callable[[float, list[Epoch]], None]
_STEPS_BETWEEN_REPORTS = 100


class Trained(NamedTuple):
    """A trained network, an `Epoch` for each stage, and what it makes of the test digits."""

    network: Network
    history: list[Epoch]
    test: Evaluation


def train(
    recipe: Recipe,
    digits: Digits,
    *,
    seed: int = 0,
    stages: int | None = None,
    threads: int = 1,
    checkpoint: str | os.PathLike[str] | None = None,
    resume: bool = False,
    on_progress: OnProgress | None = None,
) -> Trained:
    """Train the network of `recipe` for `stages`, its own number where None.

    After each stage the network is judged and, where `checkpoint` is given, all of training is
    written there. With `resume` it goes on from that file, where there is one, and ends with the
    weights that an uninterrupted training has, to the bit: on the same machine and with as many
    `threads` of BLAS.

    Raises ValueError for a checkpoint that is damaged or of another recipe, seed, precision, number
    of threads or data, and FloatingPointError as soon as a loss is NaN or infinite.
    """
    rng = np.random.default_rng(seed)
    sets = recipe.sets(digits)
    dtype = digits.train[0].dtype
    network = recipe.network(rng, dtype)
    optimiser = SGD(recipe.learning_rate)
    state: dict[str, Any] = {
        "params": network.params,
        "optimiser": optimiser,
        "rng": rng,
        "identity": {
            "recipe": recipe.name,
            "seed": seed,
            "dtype": str(dtype),
            "threads": threads,
            "data": _fingerprint(digits),
        },
    }
    history: list[Epoch] = []
    if checkpoint is not None and resume and Path(checkpoint).exists():
        history = load_checkpoint(checkpoint, **state)
    report = on_progress or (lambda *_: None)
    with threadpool_limits(threads):
        for number in range(len(history) + 1, (stages or recipe.stages) + 1):
            start = time.perf_counter()
            loss = _one_stage(
                recipe, lean(network), optimiser, sets.train, rng, number, history, report
            )
            seconds = time.perf_counter() - start
            history.append(Epoch(number, loss, seconds, evaluate(network, *sets.judged)))
            if checkpoint is not None:
                save_checkpoint(checkpoint, history=history, **state)
            report(number, history)
        return Trained(network, history, evaluate(network, *sets.test))


def _one_stage(
    recipe: Recipe,
    network: Network,
    optimiser: SGD,
    train_set: tuple[Array, Array],
    rng: np.random.Generator,
    number: int,
    history: list[Epoch],
    report: OnProgress,
) -> float:
    """Train one stage and return the mean loss of its rows."""
    total, n_rows = 0.0, 0
    n_batches = recipe.n_batches(len(train_set[0]))
    for i, (X, targets) in enumerate(recipe.batches(*train_set, rng)):
        loss = train_step(network, optimiser, X, targets)
        if not math.isfinite(loss):
            msg = f"the loss became {loss} at step {i + 1} of stage {number} of {recipe.name}"
            raise FloatingPointError(msg)
        total += loss * len(X)
        n_rows += len(X)
        if i % _STEPS_BETWEEN_REPORTS == 0:
            report(number - 1 + i / n_batches, history)
    return total / n_rows


def _fingerprint(digits: Digits) -> str:
    """Return a checksum of all digits and labels, and how many there are."""
    crc = 0
    for array in (*digits.train, *digits.test):
        crc = zlib.crc32(np.ascontiguousarray(array).data, crc)
    return f"{len(digits.train[0])} and {len(digits.test[0])} digits, CRC {crc:08x}"
