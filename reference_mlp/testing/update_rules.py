"""Update rules of optimisers by their textbook formulas, one number at a time.

Independent of the reference's optimisers by construction: no arrays, no state by name. A rule
takes a gradient, the step's number from 1 and its own state, and returns the move.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

State = dict[str, float]
Rule = Callable[[float, int, State], float]


def sgd(g: float, t: int, state: State, *, learning_rate: float) -> float:
    """Return -learning_rate g."""
    return -learning_rate * g


def momentum(g: float, t: int, state: State, *, learning_rate: float, momentum: float) -> float:
    """Return v = m v - learning_rate g: Polyak 1964."""
    v = state["v"] = momentum * state.get("v", 0.0) - learning_rate * g
    return v


def nesterov(g: float, t: int, state: State, *, learning_rate: float, momentum: float) -> float:
    """Return -m v + (1 + m) v' for the old velocity v and the new one v' = m v - learning_rate g.

    Places are those at which gradients are taken: Bengio et al. 2013, eq. 7.
    """
    before = state.get("v", 0.0)
    v = state["v"] = momentum * before - learning_rate * g
    return -momentum * before + (1 + momentum) * v


def adam(
    g: float,
    t: int,
    state: State,
    *,
    learning_rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    epsilon_hat: bool = False,
) -> float:
    """Return the move of Kingma and Ba 2015, algorithm 1.

    With `epsilon_hat`, of the order that the end of their section 2 proposes and some libraries
    follow: epsilon is added to the root of v before that is corrected.
    """
    m = state["m"] = beta1 * state.get("m", 0.0) + (1 - beta1) * g
    v = state["v"] = beta2 * state.get("v", 0.0) + (1 - beta2) * g**2
    if epsilon_hat:
        rate = learning_rate * math.sqrt(1 - beta2**t) / (1 - beta1**t)
        return -rate * m / (math.sqrt(v) + epsilon)
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return -learning_rate * m_hat / (math.sqrt(v_hat) + epsilon)


@dataclass(frozen=True)
class Family:
    """The settings that an optimiser is made with, and the rules that it may follow then.

    `condition` is by how much the rule magnifies the rounding of its settings.
    """

    learning_rate: float
    rules: tuple[Callable[..., float], ...]
    settings: Mapping[str, float] = field(default_factory=dict)
    condition: float = 1.0

    def readings(self) -> list[Rule]:
        """Return the rules, with the settings filled in."""
        return [
            partial(rule, learning_rate=self.learning_rate, **self.settings) for rule in self.rules
        ]


# Away from the usual defaults, so that an argument which is ignored shows as well.
FAMILIES: Mapping[str, Family] = {
    "sgd": Family(0.3, (sgd,)),
    "momentum": Family(0.3, (momentum,), {"momentum": 0.8}),
    "nesterov": Family(0.3, (nesterov,), {"momentum": 0.8}),
    "adam": Family(
        0.3,
        (adam, partial(adam, epsilon_hat=True)),
        {"beta1": 0.8, "beta2": 0.96, "epsilon": 1e-8},
        # 1 - beta2 has lost as many digits as it is small.
        condition=1 / (1 - 0.96),
    ),
}


def places(rule: Rule, start: float, gradients: Sequence[float]) -> list[float]:
    """Return where a parameter is after each step under the `gradients`.

    >>> places(FAMILIES["sgd"].readings()[0], 1.0, [1.0, 1.0])
    [0.7, 0.39999999999999997]
    """
    state: State = {}
    path = []
    for t, g in enumerate(gradients, start=1):
        start += rule(g, t, state)
        path.append(start)
    return path


def distances(rule: Rule, gradients: Sequence[float]) -> list[float]:
    """Return how far the parameter could have come after each step, had no two terms cancelled."""
    return [abs(p) for p in places(rule, 0.0, [abs(g) for g in gradients])]
