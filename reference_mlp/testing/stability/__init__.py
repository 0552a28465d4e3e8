"""Numerical stability, measured in units in the last place.

`check_stability` judges a function, `measure` returns all its errors, `first_failure` finds the
input at which it first goes wrong.
"""

from reference_mlp.testing.stability.check_stability import check_stability
from reference_mlp.testing.stability.measure import Measurement, measure
from reference_mlp.testing.stability.parts import first_failures, functions_of
from reference_mlp.testing.stability.report import StabilityReport
from reference_mlp.testing.stability.specials import breaches
from reference_mlp.testing.stability.subjects import SUBJECTS, Subject
from reference_mlp.testing.stability.threshold import (
    PATHS,
    Failure,
    Path,
    errors_along,
    first_failure,
    paths_of,
)
from reference_mlp.testing.stability.ulp import distance, ulp, ulp_error

__all__ = [
    "PATHS",
    "SUBJECTS",
    "Failure",
    "Measurement",
    "Path",
    "StabilityReport",
    "Subject",
    "breaches",
    "check_stability",
    "distance",
    "errors_along",
    "first_failure",
    "first_failures",
    "functions_of",
    "measure",
    "paths_of",
    "ulp",
    "ulp_error",
]
