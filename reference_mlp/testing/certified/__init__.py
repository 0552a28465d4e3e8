"""A gradient check that says how large an error it could have missed."""

from reference_mlp.testing.certified.adjoint import LayerReport, check_adjoints
from reference_mlp.testing.certified.certificate import Certificate
from reference_mlp.testing.certified.check import check_gradients
from reference_mlp.testing.certified.examine import ControlFailedError
from reference_mlp.testing.certified.objective import Functions, GradientMismatchError
from reference_mlp.testing.certified.oracle import Slope
from reference_mlp.testing.certified.plots import (
    entry_errors,
    plot_entry_errors,
    plot_v_curve,
    v_curve,
)
from reference_mlp.testing.certified.report import Fault, GradientReport, Reading
from reference_mlp.testing.certified.second_order import SymmetryReport, check_symmetry

__all__ = [
    "Certificate",
    "ControlFailedError",
    "Fault",
    "Functions",
    "GradientMismatchError",
    "GradientReport",
    "LayerReport",
    "Reading",
    "Slope",
    "SymmetryReport",
    "check_adjoints",
    "check_gradients",
    "check_symmetry",
    "entry_errors",
    "plot_entry_errors",
    "plot_v_curve",
    "v_curve",
]
