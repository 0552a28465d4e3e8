"""Which networks a replaced part is in: the others are the reference's, whatever is replaced."""

from __future__ import annotations

from collections.abc import Collection

from reference_mlp import ACTIVATIONS
from reference_mlp.testing.problems import Problem

_LOSSES = ("softmax_cross_entropy", "sigmoid_binary_cross_entropy", "squared_error")


def concerned(parts: Collection[str], problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return those of `problems` in whose networks one of `parts` is, named as in `assemble`.

    >>> from reference_mlp.testing import PROBLEMS
    >>> [problem.name for problem in concerned(["sigmoid"], PROBLEMS)]
    ['sigmoid network, binary cross-entropy']
    >>> concerned(["network"], PROBLEMS) == PROBLEMS
    True
    """
    return tuple(p for p in problems if any(_is_in(part, p) for part in parts))


def _is_in(part: str, problem: Problem) -> bool:
    if part in ACTIVATIONS:
        return part in problem.activation
    if part in _LOSSES:
        return part == problem.loss
    if part == "softmax":
        return problem.loss == "softmax_cross_entropy"
    if part == "penalty":
        return problem.l2 > 0
    return True
