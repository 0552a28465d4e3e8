"""Hypothesis strategies: random problems for networks, their batches, and settings of checks.

Hypothesis is imported here and nowhere else, so this module is not part of
`reference_mlp.testing`: write `from reference_mlp.testing.strategies import problems`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array, float_dtype, require_count
from reference_mlp.batches import one_hot
from reference_mlp.testing.problems import Problem, Targets
from reference_mlp.testing.registry import Setting

ACTIVATIONS: tuple[str, ...] = ("identity", "relu", "tanh", "sigmoid")
"""The activations of the reference, simplest first: what is found shrinks to the left."""

LOSSES: Mapping[str, tuple[Targets, ...]] = {
    "squared_error": ("reals", "column"),
    "sigmoid_binary_cross_entropy": ("fractions",),
    "softmax_cross_entropy": ("labels", "one-hot"),
}
"""The losses of the reference, simplest first, each with the forms of targets that it takes."""

Range = tuple[int, int]


def problems(
    *,
    hidden: Range = (0, 3),
    widths: Range = (1, 12),
    rows: Range = (1, 12),
    activations: Sequence[str] = ACTIVATIONS,
    losses: Sequence[str] = tuple(LOSSES),
    l2: Sequence[float] = (0.0, 0.01, 0.3),
) -> st.SearchStrategy[Problem]:
    """Draw problems: networks of any depth, widths, activations and loss, with fitting targets.

    `hidden`, `widths` and `rows` are ranges, both ends included, of the number of hidden layers,
    of every width and of the rows of a batch; the others are what is chosen from. A softmax
    has at least two outputs, and a column of targets goes with a single one.

    What fails shrinks to the smallest network that fails: first to fewer hidden layers, then to
    what stands first in `activations` and `losses`, to narrow layers, few rows and the first of
    `l2`. Raises ValueError for an empty range or choice, or a loss that isn't in `LOSSES`.

    >>> from hypothesis import find
    >>> smallest = find(problems(losses=["softmax_cross_entropy"]), lambda p: len(p.activation) > 1)
    >>> smallest.sizes, smallest.activation, smallest.n_rows
    ((1, 1, 1, 2), ('identity', 'identity'), 1)
    """
    for name, bounds in (("hidden", hidden), ("widths", widths), ("rows", rows)):
        _require_range(name, bounds, least=0 if name == "hidden" else 1)
    for name, choice in (("activations", activations), ("losses", losses), ("l2", l2)):
        if isinstance(choice, str) or not len(choice):
            msg = f"{name} is {choice!r}, expected at least one of them in a sequence"
            raise ValueError(msg)
    if unknown := set(losses) - set(LOSSES):
        msg = f"losses has {sorted(unknown)}, expected some of {sorted(LOSSES)}"
        raise ValueError(msg)
    if widths[1] < 2 and set(losses) == {"softmax_cross_entropy"}:
        msg = f"widths is {widths}, expected room for the two outputs of a softmax"
        raise ValueError(msg)
    if widths[1] < 2:
        losses = [loss for loss in losses if loss != "softmax_cross_entropy"]
    return _problems(hidden, widths, rows, tuple(activations), tuple(losses), tuple(l2))


@st.composite
def _problems(
    draw: st.DrawFn,
    hidden: Range,
    widths: Range,
    rows: Range,
    activations: tuple[str, ...],
    losses: tuple[str, ...],
    l2: tuple[float, ...],
) -> Problem:
    # In this order: what is drawn first is made simple first.
    width = st.integers(*widths)
    layers = draw(
        st.lists(
            st.tuples(st.sampled_from(activations), width), min_size=hidden[0], max_size=hidden[1]
        )
    )
    # One choice of as many draws as any other: a loss that took fewer would count as simpler.
    pairs = [(loss, targets) for loss in losses for targets in LOSSES[loss]]
    loss, targets = draw(st.sampled_from([p for p in pairs if p[1] != "column" or widths[0] == 1]))
    n_in = draw(width)
    n_out = draw(st.integers(max(2, widths[0]), widths[1]) if loss.startswith("softmax") else width)
    if targets == "column":
        n_out = 1
    sizes = (n_in, *(n for _, n in layers), n_out)
    return Problem(
        name=f"random {'-'.join(map(str, sizes))} network, {loss.replace('_', ' ')}",
        sizes=sizes,
        activation=tuple(name for name, _ in layers),
        loss=loss,
        targets=targets,
        n_rows=draw(st.integers(*rows)),
        l2=draw(st.sampled_from(l2)),
    )


def batches(
    problem: Problem, *, dtype: DTypeLike = np.float64
) -> st.SearchStrategy[tuple[Array, Array]]:
    """Draw inputs X (N, D) for a problem, and targets y in the form that it takes.

    Inputs and real targets lie in [-3, 3] and have the 11 binary digits of float16, so that they
    are short to read and the same in either dtype. They shrink to zeros, labels to class 0, and
    at zero a relu has its kink. Raises TypeError for another dtype than float32 and float64.

    >>> from hypothesis import find
    >>> problem = find(problems(losses=["softmax_cross_entropy"]), lambda p: p.n_rows == 2)
    >>> find(batches(problem), lambda batch: batch[1].any())
    (array([[0.],
           [0.]]), array([0, 1]))
    """
    dtype = float_dtype(dtype)
    n, d, k = problem.n_rows, problem.sizes[0], problem.sizes[-1]
    return st.tuples(_floats(dtype, (n, d), -3, 3), _targets(problem.targets, n, k, dtype))


def settings_of_checks(
    *, dtypes: Sequence[DTypeLike] = (np.float64, np.float32)
) -> st.SearchStrategy[Setting]:
    """Draw settings of checks: any seed of 32 bits with one of `dtypes`, the first the simplest.

    >>> from hypothesis import find
    >>> find(settings_of_checks(), lambda at: at.seed > 2)
    Setting(seed=3, dtype=<class 'numpy.float64'>)
    """
    for dtype in dtypes:
        float_dtype(dtype)
    return st.builds(Setting, st.integers(0, 2**32 - 1), st.sampled_from(tuple(dtypes)))


def _targets(targets: Targets, n: int, k: int, dtype: np.dtype[Any]) -> st.SearchStrategy[Array]:
    labels = hnp.arrays(np.int64, n, elements=st.integers(0, k - 1), fill=st.nothing())
    if targets == "labels":
        return labels
    if targets == "one-hot":
        return labels.map(lambda y: one_hot(y, k, dtype=dtype))
    if targets == "fractions":
        return _floats(dtype, (n, k), 0, 1)
    return _floats(dtype, (n,) if targets == "column" else (n, k), -3, 3)


def _floats(
    dtype: np.dtype[Any], shape: tuple[int, ...], low: float, high: float
) -> st.SearchStrategy[Array]:
    elements = st.floats(low, high, width=16, allow_subnormal=False)
    # No fill: each entry is drawn, and shrinks, by itself.
    return hnp.arrays(dtype, shape, elements=elements, fill=st.nothing())


def _require_range(name: str, bounds: Range, *, least: int) -> None:
    low, high = bounds
    require_count(f"{name}[0]", low, least=least)
    require_count(f"{name}[1]", high, least=low)
