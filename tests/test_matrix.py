"""The matrix: the reference passes every check, each variant fails exactly what it declares."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from buggy_variants.catalog import catalog
from buggy_variants.matrix import REFERENCE, Cell, cell_of, concerns, implementation_of, setting_of
from reference_mlp.testing import CHECKS, Outcome, run_check


class CheckFailed(AssertionError):
    """A check flags the implementation."""


class CheckUnsettled(Exception):
    """A check neither passes nor flags: it ran out of time, or is inconclusive."""


def _cells() -> list[object]:
    """Every cell; one that is declared to fail must fail, and in the way that is declared."""
    cells: list[object] = []
    for variant in (REFERENCE, *catalog()):
        bug = None if variant == REFERENCE else catalog()[variant].bug
        for check in CHECKS:
            if not concerns(check, variant):
                continue
            marks: list[pytest.MarkDecorator] = []
            if bug is not None and check in bug.flagged_by:
                marks = [pytest.mark.xfail(raises=CheckFailed, strict=True, reason="declared")]
            elif bug is not None and check in bug.crashes_in:
                kind = bug.crashes_in[check]
                marks = [pytest.mark.xfail(raises=kind, strict=True, reason="declared")]
            elif bug is not None and check in bug.inconclusive_in:
                marks = [pytest.mark.xfail(raises=CheckUnsettled, strict=True, reason="declared")]
            cells.append(pytest.param(variant, check, marks=marks, id=f"{variant}-{check}"))
    return cells


@pytest.mark.parametrize(("variant", "check"), _cells())
def test_cell(variant: str, check: str, record_cell: Callable[[Cell], None]) -> None:
    result = run_check(CHECKS[check], implementation_of(variant), setting=setting_of(variant))
    record_cell(cell_of(variant, result))
    match result.outcome:
        case Outcome.NOT_APPLICABLE:
            pytest.skip(result.message)
        case Outcome.CRASHED:
            assert result.exception is not None
            raise result.exception
        case Outcome.FLAGGED:
            found = result.evidence
            assert found is not None
            msg = (
                f"{result.message}\n  measured {found.measured:.6g}, threshold "
                f"{found.threshold:.6g}, at {found.where}, replay seed {result.setting.seed}"
            )
            raise CheckFailed(msg)
        case Outcome.TIMED_OUT | Outcome.INCONCLUSIVE:
            raise CheckUnsettled(result.message)
