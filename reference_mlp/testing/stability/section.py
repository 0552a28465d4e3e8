"""The stability of all functions that an implementation gives, as a section of its report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

import numpy as np
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from reference_mlp._arrays import FLOAT_DTYPES
from reference_mlp.testing.implementation import Implementation
from reference_mlp.testing.report import plain
from reference_mlp.testing.run import in_words
from reference_mlp.testing.stability.check_stability import precision_of
from reference_mlp.testing.stability.parts import (
    ROWS,
    derivative_functions,
    functions_of,
    quick_arguments,
)
from reference_mlp.testing.stability.report import Precision

CHECKS = frozenset({"softmax_ulps", "activation_ulps", "loss_ulps"})
"""The checks that judge what the section shows, by the same inputs and tolerances."""


@dataclass(frozen=True)
class Row:
    """How a function does in one dtype; without numbers where it raised.

    `worst` is code that builds the worst input, `place` a short name of it, and `first` the first
    input that fails, if one does. What is `judged` is held against `tolerance`. Of the `findings`
    one is `told` first.
    """

    function: str
    dtype: str
    findings: tuple[str, ...] = ()
    max_ulp: float | None = None
    mean_ulp: float | None = None
    judged: float | None = None
    tolerance: float | None = None
    worst: str = ""
    place: str = ""
    first: str = ""
    told: str = ""

    @property
    def share(self) -> float:
        """The error as a share of what is allowed; infinite where no number came out."""
        if self.judged is None or self.tolerance is None:
            return np.inf
        return self.judged / self.tolerance

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; what isn't finite is None."""
        numbers = {"max_ulp": self.max_ulp, "mean_ulp": self.mean_ulp, "judged": self.judged}
        return {
            "function": self.function,
            "dtype": self.dtype,
            "stable": not self.findings,
            **{n: v if v is not None and np.isfinite(v) else None for n, v in numbers.items()},
            "tolerance": self.tolerance,
            "worst_input": self.worst,
            "first_failing": self.first or None,
            "findings": [plain(text) for text in self.findings],
        }


@dataclass(frozen=True)
class Stability:
    """The errors of an implementation's functions in units in the last place, a row a dtype."""

    rows: tuple[Row, ...]

    @property
    def stable(self) -> bool:
        """Whether nothing was found."""
        return not any(row.findings for row in self.rows)

    @property
    def summary(self) -> str:
        """One line."""
        names = dict.fromkeys(row.function for row in self.rows)
        found = dict.fromkeys(row.function for row in self.rows if row.findings)
        of_all = f"of {len(names)} function{'' if len(names) == 1 else 's'}"
        if not found:
            return f"Stability: {of_all} none loses digits that it need not lose."
        verbs = "loses digits, or warns" if len(found) == 1 else "lose digits, or warn"
        return f"Stability: {len(found)} {of_all} {verbs}."

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"stable": self.stable, "functions": [row.to_dict() for row in self.rows]}

    def _lines(self) -> Iterator[tuple[str, ...]]:
        """Yield the cells of each function: its errors, the worst share and where that is."""
        for name, group in groupby(self.rows, key=lambda row: row.function):
            rows = list(group)
            worst = max(rows, key=lambda row: row.share)
            errors = ["-" if row.max_ulp is None else f"{row.max_ulp:.3g}" for row in rows]
            share = f"{worst.share:.0%}" if worst.share < 10 else ">999%"
            place = worst.place if worst.dtype == "float64" else f"{worst.dtype} {worst.place}"
            yield (name, *errors, share, place if worst.place else "-")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the summary, the table, and what was found."""
        yield Text()
        yield Text(self.summary, "bold" if self.stable else "bold red")
        lines = [_HEADS, *self._lines()]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            yield Text("  ".join(cells).rstrip(), "dim" if line is _HEADS else "")
        yield from _wrapped(Text(_LEGEND, "dim"), console)
        for row in self.rows:
            if row.findings:
                yield from _wrapped(Text(f"- {plain(row.told)}"), console)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(cell)}</th>" for cell in _HEADS)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>\n"
            for line in self._lines()
        )
        found = "".join(
            f"<li>{escape(plain(_named(row.function, text)))}</li>"
            for row in self.rows
            for text in row.findings
        )
        return (
            f'<div class="gradbugs-stability"><p><strong>{escape(self.summary)}</strong></p>'
            f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"
            f"<p><small>{escape(_LEGEND)}</small></p>"
            + (f"<ul>{found}</ul></div>" if found else "</div>")
        )


_HEADS = ("largest error in ULP", *(dtype.name for dtype in FLOAT_DTYPES), "share", "worst input")
_LEGEND = (
    "share: of what the condition number of the worst input allows. The worst is in float64 where "
    f"no dtype is named; row i is reference_mlp.testing.stability.inputs.rows(dtype, n={ROWS})[i]."
)


def _wrapped(text: Text, console: Console) -> Iterator[Text]:
    """Yield `text` in lines of the console's width, without blanks at their ends."""
    for line in text.wrap(console, console.width):
        line.rstrip()
        yield line


def stability_of(implementation: Implementation) -> Stability | None:
    """Return the errors of its softmax, activations and losses; None where it gives none.

    What a function raises is a finding of that function.

    >>> from reference_mlp.testing import assemble
    >>> stability_of(assemble()).stable
    True
    """
    functions = [*functions_of(implementation)]
    if implementation.activations is not None:
        functions += derivative_functions(implementation.activations)
    rows = (_row(name, function, dtype) for name, function in functions for dtype in FLOAT_DTYPES)
    return Stability(tuple(rows)) if functions else None


def _row(name: str, function: Callable[..., Any], dtype: np.dtype[Any]) -> Row:
    try:
        found = precision_of(function, name, dtype, quick_arguments(name, dtype))
    except Exception as error:  # somebody else's code  # noqa: BLE001
        text = f"{dtype.name}: raises {in_words(error)}"
        return Row(name, dtype.name, (text,), told=_named(name, text))
    m, findings = found.measurement, found.findings()
    told = str(found.failure) if found.failure else _named(name, findings[0]) if findings else ""
    return Row(
        name,
        dtype.name,
        tuple(findings),
        max_ulp=m.maximum,
        mean_ulp=m.mean,
        judged=float(m.excess[m.worst]),
        tolerance=m.subject.tolerance,
        worst=found.replay,
        place=_place(found),
        first=found.first,
        told=told,
    )


def _named(function: str, text: str) -> str:
    # A failure along a path has the name already.
    return text if text.startswith(f"{function} of ") else f"{function}, {text}"


def _place(found: Precision) -> str:
    m = found.measurement
    if m.subject.kind == "elementwise":
        return str(m.arguments[0][m.worst])  # the shortest digits that give it back
    return f"row {m.worst[0]}"
