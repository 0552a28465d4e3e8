"""A constant between somebody's loss and the reference's: a convention, to be seen past."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from buggy_variants.diagnosis.compare import Sheet, tolerance_of
from buggy_variants.diagnosis.suspects import OF_NETWORKS
from reference_mlp.testing.probes import Answer, Observation
from reference_mlp.testing.problems import Problem

_SCALED = re.compile(r": (loss|loss beside gradients|gradients|input gradient)$|, earlier pass$")


@dataclass(frozen=True)
class Factor:
    """What a problem's losses are multiplied with: `constant`, and N if `summed`."""

    problem: str
    constant: float
    summed: bool

    def __str__(self) -> str:
        number = f"{self.constant:.6g}"
        times = "" if not self.summed else "N" if number == "1" else f"{number} N"
        return f"the loss of {self.problem} is {times or number} times the reference's"


def factors(observation: Observation, right: Mapping[str, Sheet]) -> list[Factor]:
    """Return the factors, other than 1, that hold at every place where the loss was asked for."""
    found = []
    for problem in observation.problems:
        ratios, rows = _ratios(observation, right, problem)
        if len(ratios) < 3:
            continue
        tolerance = tolerance_of(observation.setting.dtype)
        for summed, values in ((False, ratios), (True, ratios / rows)):
            constant = float(np.median(values))
            if np.abs(values - constant).max() <= tolerance * abs(constant):
                if summed or abs(constant - 1) > tolerance:
                    found.append(Factor(problem.name, constant, summed))
                break
    return found


def _ratios(
    observation: Observation, right: Mapping[str, Sheet], problem: Problem
) -> tuple[np.ndarray, np.ndarray]:
    ratios, rows = [], []
    asked = [(n, *pair) for n in OF_NETWORKS for pair in observation.answers.get(n, {}).items()]
    for name, key, answer in asked:
        other = right[name].answers.get(key) if name in right else None
        if not key.startswith(problem.name + ", ") or not key.endswith(": loss"):
            continue
        if isinstance(answer, str) or other is None or isinstance(other, str):
            continue
        if answer.size == other.size == 1 and np.isfinite(answer).all() and other.item():
            ratios.append(answer.item() / other.item())
            rows.append(_rows(key, problem))
    return np.array(ratios), np.array(rows)


def _rows(key: str, problem: Problem) -> int:
    if ", one row:" in key or ", a step of one row" in key:
        return 1
    return problem.n_rows - 2 if ", first rows only:" in key else problem.n_rows


def without(observation: Observation, found: list[Factor]) -> Observation:
    """Return the observation with the losses, and all that follows from them, divided."""
    problems = {p.name: p for p in observation.problems}
    answers = {name: dict(given) for name, given in observation.answers.items()}
    for factor in found:
        for name in answers.keys() & set(OF_NETWORKS):
            for key, answer in answers[name].items():
                if not key.startswith(factor.problem + ", ") or isinstance(answer, str):
                    continue
                question = key.partition("/")[0]
                if name == "steps" or _SCALED.search(question):
                    n = _rows(key, problems[factor.problem]) if factor.summed else 1
                    answers[name][key] = _divided(answer, factor.constant * n)
    return replace(observation, answers=answers)


def _divided(answer: Answer, by: float) -> Answer:
    return answer if isinstance(answer, str) else answer / by
