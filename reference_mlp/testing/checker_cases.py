"""Right networks that a gradient checker must pass, and wrong ones that it must not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from reference_mlp._arrays import Array
from reference_mlp.network import Network
from reference_mlp.perceptron import mlp
from reference_mlp.testing.faults import FAULTS, FaultyNetwork
from reference_mlp.testing.global_generators import seeded
from reference_mlp.testing.implementation import NetworkUnderTest
from reference_mlp.testing.problems import Problem

# Of the losses and activations of PROBLEMS, but of some thirty parameters each: a checker that
# goes through them one by one is done in milliseconds.
DEEP = Problem(
    "tanh network, cross-entropy, L2",
    (3, 2, 2, 4),
    ("tanh", "tanh"),
    "softmax_cross_entropy",
    "labels",
    n_rows=5,
    l2=0.05,
)
SMALL = (
    DEEP,
    Problem("relu network, squared error", (3, 4, 1), ("relu",), "squared_error", "column", 5),
    Problem(
        "sigmoid network, binary cross-entropy",
        (3, 4, 2),
        ("sigmoid",),
        "sigmoid_binary_cross_entropy",
        "fractions",
        n_rows=5,
    ),
)
GROSS = ("gradients times N", "gradients negated", "middle array zero", "all NaN")
"""The faults that are expected to be seen in float32 as well."""


class Case(NamedTuple):
    """A network with a batch, and what there is about it."""

    name: str
    network: NetworkUnderTest
    X: Array
    y: Array


def right_cases(seed: int) -> Iterator[Case]:
    """Yield right networks of both dtypes: with kinks, gradients or a loss to stumble over.

    In float32 a checker is expected to know that a difference has fewer digits, or to take the
    differences in float64.
    """
    for dtype in (np.float64, np.float32):
        rng = np.random.default_rng(seed)
        for problem in SMALL:
            yield _case(problem.name, problem, dtype, rng)
        yield _at_kinks(dtype, rng)
        yield _case("weights of 1e-6", DEEP, dtype, rng, weights=1e-6)
    yield _nearly_at_kinks(rng)
    yield _case("a loss of about 1e6", SMALL[1], np.float64, rng, targets=1.5e3)
    yield _case("a batch of one", DEEP, np.float64, rng, n_rows=1)


def wrong_cases(seed: int) -> Iterator[Case]:
    """Yield networks with a fault of `FAULTS` in each: all at usual weights, some at small ones.

    At weights a hundredth of the usual, hidden layers' gradients are of order 1e-4 and below, a
    million times what differences in float64 can tell. In float32 only gross faults are in.
    """
    rng = np.random.default_rng(seed)
    usual = _case("", DEEP, np.float64, rng)
    for name in FAULTS:
        yield _with(name, name, usual)
    small = _case("", DEEP, np.float64, rng, weights=0.01)
    for name in ("first array zero", "square weights transposed"):
        yield _with(f"{name}, small weights", name, small)
    single = _case("", DEEP, np.float32, rng)
    for name in GROSS:
        yield _with(f"{name}, float32", name, single)


def let_through(checker: Any, seed: int = 0) -> list[str]:
    """Return the names of the wrong networks of which `checker` says that they are right.

    A checker that raises has not let anything through.

    >>> let_through(lambda network, X, y: False)
    []
    """
    return [case.name for case in wrong_cases(seed) if _passes(checker, case)]


def false_alarms(checker: Any, seed: int = 0) -> list[str]:
    """Return the names of the right networks of which `checker` doesn't say that they are.

    >>> false_alarms(lambda network, X, y: True)
    []
    """
    return [case.name for case in right_cases(seed) if not _passes(checker, case)]


def _passes(checker: Any, case: Case) -> bool:
    try:
        with np.errstate(all="ignore"), seeded(0):
            return bool(checker(case.network, case.X, case.y))
    except Exception:  # noqa: BLE001 - whatever it raises, it has not said yes
        return False


def _case(
    name: str,
    problem: Problem,
    dtype: DTypeLike,
    rng: np.random.Generator,
    *,
    weights: float = 1.0,
    targets: float = 1.0,
    n_rows: int | None = None,
) -> Case:
    """Return a network for `problem`, its weights and the targets of its batch scaled."""
    network = problem.build(mlp, dtype=dtype, rng=rng)
    for p in network.params.values():
        p *= weights
    X, y = problem.batch(dtype=dtype, rng=rng, n_rows=n_rows)
    if y.dtype.kind == "f":
        y *= targets
    return Case(f"{name}, {np.dtype(dtype)}", network, X, y)


def _at_kinks(dtype: DTypeLike, rng: np.random.Generator) -> Case:
    """Return a relu network with a unit that is dead, and fresh biases under a row of zeros.

    The row puts every other unit on its kink, as an empty image does at the first step.
    """
    network = mlp((3, 4, 2), rng=rng, dtype=dtype)
    network.params["0.b"][0] = -100
    X = rng.normal(size=(5, 3)).astype(dtype)
    X[1] = 0
    return Case(f"relus on their kinks and dead, {np.dtype(dtype)}", network, X, np.arange(5) % 2)


def _nearly_at_kinks(rng: np.random.Generator) -> Case:
    """Return a relu network with a unit 1e-9 from its kink, which is inside every usual step."""
    network: Network = mlp((3, 4, 2), rng=rng)
    X = rng.normal(size=(5, 3))
    network.params["0.b"][0] = 1e-9 - X[0] @ network.params["0.W"][:, 0]
    return Case("a relu 1e-9 from its kink", network, X, np.arange(5) % 2)


def _with(name: str, fault: str, case: Case) -> Case:
    return case._replace(name=name, network=FaultyNetwork(case.network, FAULTS[fault]))
