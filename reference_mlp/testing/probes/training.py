"""Questions to what trains: optimisers, clipping, stopping, a step, epochs, and the judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from reference_mlp._arrays import Array, Params
from reference_mlp.early_stopping import EarlyStopping
from reference_mlp.optimisers import SGD, Momentum
from reference_mlp.perceptron import mlp
from reference_mlp.testing.checker_cases import Case, right_cases, wrong_cases
from reference_mlp.testing.global_generators import seeded
from reference_mlp.testing.implementation import NetworkFactory
from reference_mlp.testing.probes.observation import Answers, probe
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting


def _grads(at: Setting, rng: np.random.Generator, scale: float = 1.0) -> Params:
    shapes = {"0.W": (3, 2), "0.b": (2,), "2.W": (2, 2), "4.W": (2, 2)}
    return {
        name: (scale * rng.normal(size=shape)).astype(at.dtype) for name, shape in shapes.items()
    }


@probe
def optimisers(at: Setting, answers: Answers, optimisers: Mapping[str, Callable[..., Any]]) -> None:
    """Ask each optimiser for five steps: with all gradients, in another order, with some only."""
    for name, make in optimisers.items():
        # Not 0.1, which is 1 - 0.9 too. Gradients of 1e-7: there Adam's epsilon counts.
        for rate, scale in ((0.3, 1.0), (2.0**-6, 1e-7)):
            rng = np.random.default_rng([at.seed, 12])
            params = _grads(at, rng)
            arrays = dict(params)
            optimiser, other = make(rate), make(rate)
            for step in range(5):
                grads = _grads(at, rng, scale)
                if step == 1:
                    grads = dict(reversed(grads.items()))
                if step == 3:
                    del grads["0.b"]
                given = {key: g.copy() for key, g in grads.items()}
                key = f"{name} at {rate}, step {step}"
                answers.ask(key, optimiser.step, params, given)
                answers.keep(f"{key}: parameters", dict(params))
                same = all(np.array_equal(given[key], g) for key, g in grads.items())
                answers.keep(f"{key}: gradients", "left alone" if same else "changed")
                for g in given.values():
                    g[...] = 7  # the caller's own, to be used again
                # Another one that trains another network in turns.
                answers.ask(f"{key}: other", other.step, _grads(at, rng), _grads(at, rng))
            moved = [key for key, a in arrays.items() if params[key] is not a]
            answers.keep(f"{name} at {rate}: other arrays", ", ".join(moved) or "none")


@probe
def clip_norm(at: Setting, answers: Answers, clip_norm: Callable[..., Params]) -> None:
    """Ask for gradients below and above the norm, huge and tiny ones."""
    grads = _grads(at, np.random.default_rng([at.seed, 13]))
    huge = 1e200 if np.dtype(at.dtype) == np.float64 else 1e25
    for name, scale, most in (
        ("below", 1.0, 50.0),
        ("above", 1.0, 0.5),
        ("huge", huge, 1.0),
        ("tiny", 1 / huge, 1.0),
        ("zero", 0.0, 1.0),
    ):
        scaled = {key: g * g.dtype.type(scale) for key, g in grads.items()}
        given = {key: g.copy() for key, g in scaled.items()}
        answers.ask(name, clip_norm, given, most)
        same = all(np.array_equal(given[key], g) for key, g in scaled.items())
        answers.keep(f"{name}: changed", "nothing" if same else "its argument")


@probe
def early_stopping(at: Setting, answers: Answers, early_stopping: Callable[[int], Any]) -> None:
    """Ask when to stop, and which parameters are put back."""
    for patience in (1, 2, 3):
        stopping, params = early_stopping(patience), {"0.b": np.zeros(2, at.dtype)}
        for i, loss in enumerate((5.0, 4.0, 4.0, 3.0, 3.5, 3.2, 3.1, 3.3, 2.0)):
            params["0.b"] += 1
            answers.ask(f"patience {patience}, epoch {i}", stopping.update, loss, params)
            if i in {5, 7}:
                again = {key: p.copy() for key, p in params.items()}
                answers.ask(f"patience {patience}, put back {i}", stopping.restore, again)
                answers.keep(f"patience {patience}, parameters {i}", again)


SMALL = Problem("small", (4, 6, 3), ("tanh",), "softmax_cross_entropy", "labels", 9, l2=0.01)


def _small(at: Setting, **options: Any) -> tuple[Any, Array, Array]:
    """Return one of the reference's own networks, with a batch."""
    network = mlp(
        SMALL.sizes, activation="tanh", l2=SMALL.l2, dtype=at.dtype, rng=at.rng(), **options
    )
    return network, *SMALL.batch(dtype=at.dtype, rng=np.random.default_rng([at.seed, 14]))


@probe
def train_step(at: Setting, answers: Answers, train_step: Callable[..., float]) -> None:
    """Ask for steps of the reference's network: plain, with frozen layers, of one row, clipped."""
    for name, options in (("plain", {}), ("frozen", {"frozen": ("0.W", "0.b")})):
        network, X, y = _small(at, **options)
        optimiser = Momentum(0.2)
        for i, rows in enumerate((slice(None), slice(4), slice(1))):
            answers.ask(f"{name}, step {i}", train_step, network, optimiser, X[rows], y[rows])
            answers.keep(f"{name}, parameters {i}", network.params)
    network, X, y = _small(at)
    answers.ask("clipped", lambda: train_step(network, SGD(0.2), X, y, max_norm=0.1))
    answers.keep("clipped, parameters", network.params)


@probe
def fit(at: Setting, answers: Answers, fit: Callable[..., Any]) -> None:
    """Ask for the history of a short training of the reference's network, and what it left."""
    for name, size, options in (
        ("batches of 4", 4, {}),
        ("all rows", None, {}),
        ("stopped", 4, {"early_stopping": EarlyStopping(1)}),
    ):
        network, X, y = _small(at)
        seen, rate = (X[:6], y[:6]), 4.0 if name == "stopped" else 0.3
        history = answers.ask(
            f"{name}: history",
            lambda net=network, rate=rate, size=size, options=options, seen=seen, X=X, y=y: [
                (e.number, e.loss, *(e.validation or (0.0, 0.0)))
                for e in fit(
                    net,
                    X,
                    y,
                    optimiser=SGD(rate),
                    epochs=3,
                    rng=at.rng(),
                    batch_size=size,
                    validation=seen,
                    **options,
                )
            ],
        )
        if history is not None:
            answers.keep(f"{name}: parameters", network.params)


@probe
def evaluate(at: Setting, answers: Answers, evaluate: Callable[..., Any]) -> None:
    """Ask for loss and accuracy over batches that don't come out even."""
    network, X, y = _small(at)
    for size in (2, 4, 9, 20):
        answers.ask(
            f"batches of {size}",
            lambda size=size: tuple(evaluate(network, X, y, batch_size=size)),
        )


@probe
def fresh(
    at: Setting,
    answers: Answers,
    make_network: NetworkFactory,
    initialisers: Mapping[str, Any],
) -> None:
    """Ask for the initial parameters of a network, where its initialisers are known too."""
    for kind in ("relu", "tanh"):
        problem = Problem(kind, (6, 5, 4), (kind,), "softmax_cross_entropy", "labels", 3)
        for time in ("first", "second"):
            network = problem.fresh(make_network, dtype=at.dtype, rng=at.rng())
            answers.keep(f"{kind}, {time}", dict(network.params))


@probe
def gradient_checker(at: Setting, answers: Answers, gradient_checker: Callable[..., bool]) -> None:
    """Ask what a checker says of right networks and of those with a planted fault."""
    for kind, case in checker_questions(at.seed):
        ask_checker(answers, gradient_checker, kind, case)


def checker_questions(seed: int) -> list[tuple[str, Case]]:
    """Return what a checker is asked about, with what it is: right or wrong."""
    right = (*right_cases(seed), _linear("right", 1.0))
    wrong = (*wrong_cases(seed), _linear("wrong", 1.0001))
    return [("right", case) for case in right] + [("wrong", case) for case in wrong]


def ask_checker(answers: Answers, checker: Callable[..., bool], kind: str, case: Case) -> None:
    """Ask what a checker says of one network, and which parameters it leaves changed."""
    before = {name: p.copy() for name, p in case.network.params.items()}
    with seeded(0):
        answers.ask(
            f"{kind}: {case.name}", lambda: str(bool(checker(case.network, case.X, case.y)))
        )
    now = case.network.params
    moved = [name for name, p in before.items() if not np.array_equal(now[name], p)]
    answers.keep(f"{kind}: {case.name}, moved", ", ".join(moved) or "nothing")
    for name, p in before.items():
        now[name][...] = p


class _Linear:
    """A loss that is linear in parameters at zero, so that no step is too small to be seen."""

    def __init__(self, factor: float) -> None:
        self.params = {"0.W": np.zeros((2, 2)), "0.b": np.zeros(2)}
        self.slopes = {"0.W": np.array([[900.0, -700.0], [500.0, 300.0]]), "0.b": np.ones(2)}
        self.factor = factor

    @property
    def trainable(self) -> tuple[str, ...]:
        return tuple(self.params)

    def logits(self, X: Array) -> Array:
        return np.asarray(X @ self.params["0.W"] + self.params["0.b"])

    def loss(self, X: Array, y: Array) -> float:
        return float(sum(np.vdot(self.slopes[name], p) for name, p in self.params.items()))

    def gradients(self, X: Array, y: Array) -> Params:
        return {name: slope * self.factor for name, slope in self.slopes.items()}

    def loss_and_gradients(self, X: Array, y: Array) -> tuple[float, Params]:
        return self.loss(X, y), self.gradients(X, y)


def _linear(name: str, factor: float) -> Case:
    """Return a case of slopes of hundreds, of which the gradients are `factor` times."""
    stub: Any = _Linear(factor)
    return Case(f"linear, {name}", stub, np.ones((3, 2)), np.zeros((3, 2)))
