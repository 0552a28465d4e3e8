"""What a flagged gradient has wrong: where, and what it looks like."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from reference_mlp.testing.certified.derivatives import wrong_derivatives
from reference_mlp.testing.certified.examine import Examination
from reference_mlp.testing.certified.explain import explain, trials
from reference_mlp.testing.certified.localise import fault_at, faulty_entries
from reference_mlp.testing.certified.objective import Objective
from reference_mlp.testing.certified.place import place
from reference_mlp.testing.certified.probe import Probe
from reference_mlp.testing.certified.report import ALL, Fault, GradientReport
from reference_mlp.testing.evidence import Outcome

SPREAD = "spread over many entries"


def diagnose(report: GradientReport, objective: Objective, found: Examination) -> GradientReport:
    """Return `report` with the wrong entries named, and with what the fault looks like."""
    start = objective.calls
    rng = np.random.default_rng([report.seed, 1 << 21])
    X, y = objective.inputs.get("X"), objective.inputs.get("y")
    n_rows = len(X) if X is not None and X.ndim else None
    faults: list[Fault] = []
    patterns: dict[str, list[str]] = defaultdict(list)
    for name in _suspects(report, found):
        probe = Probe(objective, found, name)
        t = trials(probe, rng, n_rows=n_rows)
        pattern = explain(t)
        if pattern is None and X is not None and y is not None:
            pattern = wrong_derivatives(objective.network, X, y, t)
        if pattern is None:
            entries = faulty_entries(probe, rng)
            text = _pattern(entries)
        else:
            entries = [fault_at(probe, pattern.at)]
            text = pattern.text
        faults.extend(entries)
        patterns[text].append(name)
    remarks = list(report.remarks)
    if SPREAD in patterns:
        remarks.extend(place(objective, seed=report.seed))
    return replace(
        report,
        remarks=tuple(remarks),
        faults=tuple(sorted(faults, key=lambda f: -abs(f.numeric - f.analytic) / (f.tau or 1))),
        patterns=tuple(f"{', '.join(names)}: {text}" for text, names in patterns.items()),
        evaluations={**report.evaluations, "diagnosis": objective.calls - start},
    )


def _suspects(report: GradientReport, found: Examination) -> list[str]:
    """Return the arrays whose own direction was flagged; all where none was."""
    flagged = [r.of for r in report.readings if r.outcome is Outcome.FLAGGED and r.of != ALL]
    return flagged or list(found.base)


def _pattern(entries: list[Fault]) -> str:
    if not entries:
        return SPREAD
    if len(entries) == 1:
        return "single entry"
    if len(entries) == 2:
        a, b = entries
        room = a.tau + b.tau
        if abs(a.analytic - b.numeric) <= room and abs(b.analytic - a.numeric) <= room:
            return f"{a.where} and {b.where} swapped"
    return f"{len(entries)} entries"
