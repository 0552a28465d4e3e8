"""From what is seen of somebody's network to the known bugs that it fits."""

from buggy_variants.diagnosis.implementation import check_and_diagnose
from buggy_variants.diagnosis.result import Diagnosis
from buggy_variants.diagnosis.search import diagnose
from buggy_variants.diagnosis.suggestion import Suggestion

__all__ = ["Diagnosis", "Suggestion", "check_and_diagnose", "diagnose"]
