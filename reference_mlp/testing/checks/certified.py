"""Gradients against the loss along random directions, with a bound on what could be missed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from reference_mlp.network import Network
from reference_mlp.testing.certified import (
    GradientMismatchError,
    GradientReport,
    check_adjoints,
    check_gradients,
    check_symmetry,
)
from reference_mlp.testing.evidence import Evidence, Outcome
from reference_mlp.testing.implementation import NetworkFactory
from reference_mlp.testing.problems import Problem
from reference_mlp.testing.registry import Setting, check


@check("CRT")
def certified_gradients(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Gradients against the loss along random directions, held to the measured noise."""
    for problem, network, X, y in at.cases(problems, make_network):
        try:
            report = check_gradients(network, X, y, rng=at.seed)
        except GradientMismatchError as error:
            yield _unlike(error, problem)
        else:
            yield evidence_of(report, problem.name)


@check("SYM")
def symmetric_jacobian(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """The Jacobian of the gradients is symmetric: they are the gradients of some function."""
    for problem, network, X, y in at.cases(problems, make_network):
        try:
            report = check_symmetry(network, X, y, rng=at.rng())
        except GradientMismatchError as error:
            yield _unlike(error, problem)
            continue
        yield Evidence(
            measured=abs(report.forward - report.backward),
            threshold=report.tau,
            where=problem.name,
            message=f"{report.message}; {problem.name}",
            inconclusive=report.outcome is Outcome.INCONCLUSIVE,
        )


@check("ADJ")
def layer_adjoints(
    at: Setting, problems: tuple[Problem, ...], make_network: NetworkFactory
) -> Iterator[Evidence]:
    """Each layer's backward pass is the adjoint of its forward pass, <J v, w> = <v, J^T w>."""
    for problem, network, X, y in at.cases(problems, make_network):
        if not isinstance(network, Network):
            continue
        try:
            for found in check_adjoints(network, X, y, rng=at.rng()):
                yield evidence_of(found.report, f"layer {found.layer} of the {problem.name}")
        except GradientMismatchError as error:
            yield _unlike(error, problem)


def _unlike(error: GradientMismatchError, problem: Problem) -> Evidence:
    return Evidence(np.inf, 0.0, problem.name, f"{error}; {problem.name}")


def evidence_of(report: GradientReport, place: str) -> Evidence:
    """Return the reading of `report` that came nearest to its tolerance, or went past it."""
    worst = report.worst
    measured = abs(worst.slope.residual) if worst else np.inf
    threshold = worst.slope.tau if worst else 0.0
    if report.outcome is Outcome.PASSED:
        # Where the point is on a kink, a slope between the one-sided ones passes.
        measured = min(measured, threshold)
    elif report.outcome is Outcome.FLAGGED and measured <= threshold:
        # Flagged before any direction was tried, or by its float32 rounding.
        fault = report.faults[0] if report.faults else None
        measured = abs(fault.analytic - fault.numeric) if fault else np.inf
        threshold = fault.tau if fault else 0.0
    return Evidence(
        measured=measured,
        threshold=threshold,
        where=f"{report.where} of the {place}",
        message=f"{report.message}; {place}",
        inconclusive=report.outcome is Outcome.INCONCLUSIVE,
    )
