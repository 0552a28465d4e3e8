"""What `check_stability` hands back: as text, as a table for notebooks, as data, as a plot."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from reference_mlp._arrays import Array
from reference_mlp.testing.stability.measure import Measurement
from reference_mlp.testing.stability.threshold import Failure

_COLUMNS = ("dtype", "inputs", "max ULP", "mean ULP", "judged", "tolerance", "first failing")


@dataclass(frozen=True)
class Precision:
    """How a function does in one dtype."""

    measurement: Measurement
    failure: Failure | None
    breaches: tuple[str, ...]

    @property
    def stable(self) -> bool:
        """Whether nothing was found."""
        return self.measurement.stable and not (self.measurement.raised or self.breaches)

    @property
    def replay(self) -> str:
        """The worst input, as code that builds it again to the last bit."""
        m = self.measurement
        return ", ".join(_code(a) for a in m.replay(m.worst))

    @property
    def first(self) -> str:
        """The first failing input, along a path where one leads to it; empty where none fails."""
        failing = self.measurement.first_failing
        if self.failure is not None:
            return f"t = {self.failure.t:.9g}, {self.failure.path}"
        if failing is None:
            return ""
        return ", ".join(_code(a) for a in self.measurement.replay(failing))

    def row(self) -> tuple[str, ...]:
        """Return the cells of its row in a table."""
        m = self.measurement
        return (
            m.dtype.name,
            str(len(m.arguments[0])),
            f"{m.maximum:.3g}",
            f"{m.mean:.3g}",
            f"{m.excess.max():.3g}",
            f"{m.subject.tolerance:g}",
            self.first or "-",
        )

    def findings(self) -> list[str]:
        """Return a sentence for each thing that is wrong."""
        m, dtype = self.measurement, self.measurement.dtype.name
        found = []
        if not m.stable:
            got, exact = float(m.got[m.worst]), float(m.exact[m.worst])
            at = f" at {list(m.worst)[1:]}" if len(m.worst) > 1 else ""
            found.append(f"{dtype}: {got!r}{at} instead of {exact!r} for {self.replay}")
        if self.failure is not None:
            found.append(str(self.failure))
        if m.raised:
            found.append(f"{dtype}: a finite input raises the warning: {m.raised}")
        return found + [f"{dtype}: {breach}" for breach in self.breaches]


@dataclass(frozen=True)
class StabilityReport:
    """The errors of a function in each dtype that was tried.

    "max ULP" is the largest error; "judged" the largest after division by 1 + the condition
    number and with small results judged at the subject's floor, which is what the tolerance is
    for.
    """

    like: str
    precisions: tuple[Precision, ...]

    @property
    def stable(self) -> bool:
        """Whether the function is stable in every dtype."""
        return all(p.stable for p in self.precisions)

    @property
    def findings(self) -> list[str]:
        """A sentence for each thing that is wrong."""
        return [text for p in self.precisions for text in p.findings()]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; an infinite error is None, as JSON has no infinity."""
        return {
            "like": self.like,
            "stable": self.stable,
            "findings": self.findings,
            "dtypes": [
                {
                    "dtype": p.measurement.dtype.name,
                    "inputs": len(p.measurement.arguments[0]),
                    "max_ulp": _finite(p.measurement.maximum),
                    "mean_ulp": _finite(p.measurement.mean),
                    "judged": _finite(float(p.measurement.excess.max())),
                    "tolerance": p.measurement.subject.tolerance,
                    "first_failure": None if p.failure is None else p.failure.t,
                    "path": None if p.failure is None else p.failure.path,
                    "worst_input": p.replay,
                }
                for p in self.precisions
            ],
        }

    def __str__(self) -> str:
        """Return the verdict, the table and the findings."""
        rows = [_COLUMNS, *(p.row() for p in self.precisions)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(_COLUMNS))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([self._verdict(), "", *lines, *(f"- {text}" for text in self.findings)])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(cell)}</th>" for cell in _COLUMNS)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in p.row()) + "</tr>"
            for p in self.precisions
        )
        found = "".join(f"<li>{escape(text)}</li>" for text in self.findings)
        return (
            f"<p>{escape(self._verdict())}</p><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table><ul>{found}</ul>"
        )

    def _verdict(self) -> str:
        return f"like {self.like}: {'stable' if self.stable else 'not stable'}"

    def plot(self) -> Any:
        """Return a matplotlib figure of the errors against the input, one panel a dtype.

        Raises ImportError without matplotlib.
        """
        from reference_mlp.testing.stability.plot import plot_errors

        return plot_errors([p.measurement for p in self.precisions])


def _code(a: Array) -> str:
    if a.dtype.kind in "iu":
        return f"np.array({a.tolist()})"
    # Shortest digits that give the float back; a float16 or 32 has fewer than its double.
    digits = np.vectorize(str, otypes=[object])(a).tolist()
    return f"np.array({str(digits).replace(chr(39), '')}, np.{a.dtype.name})"


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
