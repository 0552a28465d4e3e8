"""What a gradient check found, as a sentence, as a table and as plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

from reference_mlp.testing.certified.certificate import Certificate
from reference_mlp.testing.certified.oracle import Slope
from reference_mlp.testing.evidence import Outcome

ALL = "all parameters"
NAMED = 3
"""Entries that a message names; the report holds all that were found."""


@dataclass(frozen=True)
class Reading:
    """One direction, through all parameters or those of one array, and how it came out."""

    of: str
    outcome: Outcome
    slope: Slope
    remark: str = ""


@dataclass(frozen=True)
class Fault:
    """A gradient that is wrong: where, what the code says, what the loss says to +- `tau`.

    >>> str(Fault("0.W[2,1]", analytic=0.0131, numeric=0.0262, tau=2e-11))
    '0.W[2,1]: analytic 0.0131, numeric 0.0262 +- 2e-11 (ratio 2)'
    """

    where: str
    analytic: float
    numeric: float
    tau: float

    def __str__(self) -> str:
        ratio = f" (ratio {self.numeric / self.analytic:.4g})" if self.analytic else ""
        return (
            f"{self.where}: analytic {self.analytic:.6g}, "
            f"numeric {self.numeric:.6g} +- {self.tau:.1g}{ratio}"
        )


@dataclass(frozen=True, kw_only=True)
class GradientReport:
    """How a gradient check ended, and everything that it measured.

    `bool(report)` is True only where it passed. `reasons` are sentences on what is wrong or could
    not be decided, `patterns` what the faults look like, `remarks` what else was noticed, and
    `blind_spots` faults that could not show at these sizes and values. `evaluations` counts the
    losses by what they were for; `seed` given as `rng` repeats the check.

    >>> report = GradientReport(outcome=Outcome.INCONCLUSIVE, seed=7, dtype="float64", size=1)
    >>> bool(report), report.message
    (False, 'replay seed 7')
    """

    outcome: Outcome
    seed: int
    dtype: str
    size: int
    reasons: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    certificate: Certificate | None = None
    faults: tuple[Fault, ...] = ()
    patterns: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    blind_spots: tuple[str, ...] = ()
    noise: float = float("nan")
    evaluations: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.outcome is Outcome.PASSED

    @property
    def worst(self) -> Reading | None:
        """The reading furthest towards its tolerance or past it."""
        order = [Outcome.PASSED, Outcome.INCONCLUSIVE, Outcome.FLAGGED]
        return max(
            self.readings,
            key=lambda r: (
                order.index(r.outcome),
                # Of what is flagged, an array says more than all of them together.
                r.outcome is Outcome.FLAGGED and r.of != ALL,
                abs(r.slope.residual) / (r.slope.tau or 1.0),
            ),
            default=None,
        )

    @property
    def where(self) -> str:
        """The entry, array or call that is most at fault, or that came nearest to it."""
        if self.faults:
            return self.faults[0].where
        return self.worst.of if self.worst else ALL

    @property
    def message(self) -> str:
        """One line: what is wrong, what it looks like, what could have been missed, the seed."""
        parts = [*self._findings()]
        if self.patterns:
            parts.append(f"pattern: {'; '.join(self.patterns)}")
        if self.certificate and self.certificate.directions:
            parts.append(f"smallest detectable error {self.certificate.detectable:.1g}")
            low = {n: c for n, c in self.certificate.coverage.items() if c < 1}
            if low and self.outcome is not Outcome.FLAGGED:
                shares = ", ".join(f"{name} {share:.1%}" for name, share in low.items())
                parts.append(f"non-zero gradients in {shares} of the entries only")
        return "; ".join([*parts, f"replay seed {self.seed}"])

    def _findings(self) -> list[str]:
        if self.faults:
            more = len(self.faults) - NAMED
            named = [str(f) for f in self.faults[:NAMED]]
            return [*self.reasons, *named, *([f"{more} more entries"] if more > 0 else [])]
        found = list(self.reasons)
        for r in self.readings:
            if r.outcome is Outcome.FLAGGED and r is self.worst:
                s = r.slope
                fault = Fault(f"slope along a direction of {r.of}", s.analytic, s.numeric, s.tau)
                found.append(str(fault))
        if self.outcome is Outcome.PASSED:
            oracles = sorted({r.slope.oracle for r in self.readings})
            found.append(f"{len(self.readings)} directions agree with {' and '.join(oracles)}")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data: dicts, lists, strings and numbers."""
        data = asdict(self)
        for reading, plain in zip(self.readings, data["readings"], strict=True):
            s = reading.slope
            plain["slope"] |= {"numeric": s.numeric, "tau": s.tau}
            plain["outcome"] = str(reading.outcome)
        for key in ("reasons", "readings", "faults", "patterns", "remarks", "blind_spots"):
            data[key] = list(data[key])
        return data | {"outcome": str(self.outcome), "message": self.message, "where": self.where}

    def __str__(self) -> str:
        return f"{self.outcome}: {self.message}"

    def _repr_html_(self) -> str:
        head = ("direction", "outcome", "oracle", "analytic", "numeric", "tau", "|error| / tau")
        rows = [
            (
                r.of,
                str(r.outcome),
                r.slope.oracle,
                f"{r.slope.analytic:.6g}",
                f"{r.slope.numeric:.6g}",
                f"{r.slope.tau:.1g}",
                f"{abs(r.slope.residual) / r.slope.tau:.2g}" if r.slope.tau else "",
            )
            for r in self.readings
        ]
        notes = [*map(str, self.faults), *self.remarks, *self.blind_spots]
        return "".join(
            [
                f"<p><b>{escape(str(self.outcome))}</b>: {escape(self.message)}</p>",
                "<table>",
                _html_row("th", head),
                *(_html_row("td", row) for row in rows),
                "</table>",
                "<ul>" if notes else "",
                *(f"<li>{escape(note)}</li>" for note in notes),
                "</ul>" if notes else "",
            ]
        )


def _html_row(tag: str, cells: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
