"""Questions to functions of data: encoded, cut, split, scaled, drawn and scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.global_generators import drawn_from_since, global_state
from reference_mlp.testing.probes.observation import Answers, probe
from reference_mlp.testing.registry import Setting


@probe
def one_hot(at: Setting, answers: Answers, one_hot: Callable[..., Array]) -> None:
    """Ask for one-hot rows of labels with and without the largest class."""
    for labels, k in (([2, 0], 3), ([1, 0, 1], 4), ([0], 2), ([3, 3, 2, 1, 0], 4)):
        key = f"labels {' '.join(map(str, labels))}"
        rows = answers.ask(key, lambda y=labels, k=k: one_hot(np.array(y), k, dtype=at.dtype))
        answers.keep(f"{key}/dtype", str(getattr(rows, "dtype", None)))


def _tagged(n: int, at: Setting) -> tuple[Array, Array]:
    """Return rows and targets that name themselves."""
    return np.arange(n, dtype=at.dtype)[:, None] * np.ones(2, at.dtype), np.arange(n)


@probe
def minibatches(at: Setting, answers: Answers, minibatches: Callable[..., Any]) -> None:
    """Ask for the batches of two epochs: which rows, in which order, with which targets."""
    X, y = _tagged(23, at)
    for size in (5, 23, 30, 1, None):
        rng, before = at.rng(), global_state()
        given = X.copy(), y.copy()
        for epoch in ("first", "second"):
            answers.ask(
                f"size {size}, {epoch} epoch",
                lambda rng=rng, given=given, size=size: _epoch(minibatches, given, size, rng),
            )
        answers.keep(f"size {size}: global generator", drawn_from_since(before))
        same = np.array_equal(given[0], X) and np.array_equal(given[1], y)
        answers.keep(f"size {size}: data", "left alone" if same else "changed")


def _epoch(
    minibatches: Callable[..., Any], given: tuple[Array, Array], size: int | None, rng: Any
) -> dict[str, Any]:
    pairs = [(np.array(rows), np.array(t)) for rows, t in minibatches(*given, size, rng=rng)]
    return {
        "sizes": np.array([len(rows) for rows, _ in pairs]),
        "rows": np.concatenate([rows[:, 0] for rows, _ in pairs]),
        "targets": np.concatenate([targets for _, targets in pairs]),
    }


@probe
def split(at: Setting, answers: Answers, split: Callable[..., Any]) -> None:
    """Ask for the rows and targets of both parts."""
    X, y = _tagged(20, at)
    for fraction in (0.2, 0.5):
        answers.ask(f"fraction {fraction}", lambda f=fraction: split(X, y, f, rng=at.rng()))


@probe
def standardise(at: Setting, answers: Answers, standardise: Callable[..., Any]) -> None:
    """Ask for columns of mean 0 and variance 1: usual, far from 0, and one that doesn't vary."""
    rng = np.random.default_rng([at.seed, 10])
    usual = rng.normal(size=(9, 3)) * [1, 5, 0.1] + [2, 0, -1]
    constant = usual.copy()
    constant[:, 1] = 7
    far = usual + 1e8 if np.dtype(at.dtype) == np.float64 else usual + 1e4
    for name, X in {"usual": usual, "constant": constant, "far": far}.items():
        A = X.astype(at.dtype)
        B = (X[:4] + 0.5).astype(at.dtype)
        given = A.copy(), B.copy()
        answers.ask(f"{name}: alone", standardise, A.copy())
        answers.ask(f"{name}: with another", standardise, *given)
        same = np.array_equal(given[0], A) and np.array_equal(given[1], B)
        answers.keep(f"{name}: changed", "nothing" if same else "its arguments")


@probe
def scale_pixels(at: Setting, answers: Answers, scale_pixels: Callable[..., Array]) -> None:
    """Ask for bytes as fractions, all of them."""
    images = np.arange(256, dtype=np.uint8).reshape(4, 8, 8)
    given = images.copy()
    X = answers.ask("all bytes", scale_pixels, given, at.dtype)
    answers.keep("dtype", str(getattr(X, "dtype", None)))
    scaled = images.reshape(4, 64).astype(at.dtype) / 255
    answers.ask("scaled already", scale_pixels, scaled, at.dtype)
    answers.keep("changed", "nothing" if np.array_equal(given, images) else "its argument")


@probe
def initialisers(at: Setting, answers: Answers, initialisers: Mapping[str, Any]) -> None:
    """Ask for two draws in a row, of both shapes, and whether they come from the generator."""
    for name, draw in initialisers.items():
        rng, before = at.rng(), global_state()
        for i, shape in enumerate(((24, 16), (16, 24), (24, 16))):
            answers.ask(
                f"{name}, draw {i}",
                lambda d=draw, s=shape, rng=rng: d(*s, rng=rng, dtype=at.dtype),
            )
        answers.keep(f"{name}: global generator", drawn_from_since(before))


@probe
def accuracy(at: Setting, answers: Answers, accuracy: Callable[..., float]) -> None:
    """Ask for the score of rows right and wrong, of one row, with NaN in it."""
    rng = np.random.default_rng([at.seed, 11])
    scores = rng.normal(size=(7, 3)).astype(at.dtype)
    y = np.array([0, 1, 2, 0, 1, 2, 0])
    broken = scores.copy()
    broken[1] = np.nan
    for name, s, t in (
        ("labels", scores, y),
        ("one-hot", scores, np.eye(3)[y]),
        ("all right", np.eye(3)[y], y),
        ("one row", np.eye(3)[:1], y[:1]),
        ("NaN", broken, y),
    ):
        answers.ask(name, accuracy, s, t)
