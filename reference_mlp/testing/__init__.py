"""Checks of a hand-written network, public like numpy.testing."""

from reference_mlp.testing import checks  # registers the checks
from reference_mlp.testing.assembly import REFERENCE_PARTS, assemble
from reference_mlp.testing.certified import GradientReport, check_gradients
from reference_mlp.testing.evidence import Evidence, Outcome
from reference_mlp.testing.implementation import (
    Implementation,
    NetworkFactory,
    NetworkUnderTest,
)
from reference_mlp.testing.problems import PROBLEMS, Problem
from reference_mlp.testing.registry import CHECKS, Check, Setting, check
from reference_mlp.testing.run import TIME_LIMIT, Result, run_check

__all__ = [
    "CHECKS",
    "PROBLEMS",
    "REFERENCE_PARTS",
    "TIME_LIMIT",
    "Check",
    "Evidence",
    "GradientReport",
    "Implementation",
    "NetworkFactory",
    "NetworkUnderTest",
    "Outcome",
    "Problem",
    "Result",
    "Setting",
    "assemble",
    "check",
    "check_gradients",
    "checks",
    "run_check",
]
