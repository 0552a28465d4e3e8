"""What a diagnosis says: which known bugs, why, where to look, and what it could be instead."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.text import Text

from buggy_variants.catalog import Entry, catalog
from buggy_variants.diagnosis.compare import Fit
from buggy_variants.source import buggy_code
from reference_mlp.testing.report import plain

NOTHING = "No known bug fits."


@dataclass(frozen=True)
class Suggestion:
    """Bugs of the catalog, mostly one, that together give what was observed, and how well."""

    ids: tuple[str, ...]
    fit: Fit
    agreement: tuple[int, int] | None = None
    """With how many checks the rows of the matrix agree, and of how many."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of the catalog."""
        return tuple(catalog()[id_] for id_ in self.ids)

    @property
    def why(self) -> str:
        """A sentence: what it accounts for."""
        fit = self.fit
        gives = "it gives" if len(self.ids) == 1 else "together they give"
        if fit.perfect:
            text = f"{gives} all {fit.explained} answers that differ from the right ones"
        else:
            text = (
                f"{gives} {fit.explained} answers that differ from the right ones, with "
                f"{fit.unexplained} left unexplained and {fit.contradicted} against it"
            )
        shown = [plain(question) for question in fit.questions[:2]]
        if shown:
            text += f", such as {' and '.join(shown)}"
        if self.agreement is not None:
            text += f"; {self.agreement[0]} of {self.agreement[1]} checks ended as they would"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "ids": list(self.ids),
            "titles": [entry.title for entry in self.entries],
            "explained": self.fit.explained,
            "contradicted": self.fit.contradicted,
            "unexplained": self.fit.unexplained,
            "perfect": self.fit.perfect,
            "why": self.why,
            "wrong": [entry.bug.wrong for entry in self.entries],
            "line": [buggy_line(entry) for entry in self.entries],
            "fix": [entry.bug.fix for entry in self.entries],
        }


@dataclass(frozen=True)
class Diagnosis:
    """Suggestions, best first, for the implementation `name`; none where no known bug fits.

    `differing` is the number of its answers that aren't the reference's.
    """

    name: str
    suggestions: tuple[Suggestion, ...] = ()
    remarks: tuple[str, ...] = ()
    differing: int = 0

    @property
    def ids(self) -> tuple[tuple[str, ...], ...]:
        """The ids of the suggestions."""
        return tuple(suggestion.ids for suggestion in self.suggestions)

    @property
    def summary(self) -> str:
        """One line."""
        if self.suggestions:
            first = self.suggestions[0]
            verb = "is" if first.fit.perfect else "may be"
            named = " and ".join(f"{e.id} {e.slug}" for e in first.entries)
            return f"It {verb} {named}."
        if self.differing:
            return f"{NOTHING} {self.differing} answers differ from the reference's."
        return f"{NOTHING} Its answers to the probes are the reference's."

    def to_dict(self) -> dict[str, Any]:
        """Return the diagnosis as plain data, schema version 1."""
        return {
            "schema_version": 1,
            "name": self.name,
            "summary": self.summary,
            "differing": self.differing,
            "remarks": [plain(remark) for remark in self.remarks],
            "suggestions": [suggestion.to_dict() for suggestion in self.suggestions],
        }

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the summary, the first suggestion in full, and the others in a line each."""
        yield Text()
        yield Text(self.summary, "bold")
        for remark in self.remarks:
            yield Text(plain(remark))
        if not self.suggestions:
            return
        first = self.suggestions[0]
        yield Text(f"Why: {first.why}.")
        for entry in first.entries:
            yield Text()
            yield Text(f"{entry.id}  {entry.title}", "bold")
            # Formulas are in TeX, which a terminal doesn't set; the line says the same.
            for label, text in _facts(entry)[1:]:
                yield Padding(Text.assemble((f"{label}: ", "dim"), text), (0, 0, 0, 2))
        if others := self.suggestions[1:]:
            yield Text()
            yield Text("It could also be")
            for other in others:
                named = " and ".join(f"{e.id} {e.slug}" for e in other.entries)
                yield Padding(Text(f"{named}: {other.why}"), (0, 0, 0, 2))

    def _repr_html_(self) -> str:
        parts = [f"<p><strong>{escape(self.summary)}</strong></p>"]
        parts += [f"<p>{escape(plain(remark))}</p>" for remark in self.remarks]
        for suggestion in self.suggestions:
            parts.append(f"<p>{escape(' and '.join(suggestion.ids))}: {escape(suggestion.why)}</p>")
            for entry in suggestion.entries:
                facts = "".join(
                    f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>"
                    for label, text in _facts(entry)
                )
                parts.append(f"<dl>{facts}</dl>")
        return f'<div class="gradbugs-diagnosis">{"".join(parts)}</div>'


def buggy_line(entry: Entry) -> str:
    """Return the line of the entry's code that is marked as the bug.

    >>> from buggy_variants import find
    >>> buggy_line(find("GB001"))
    "e = np.exp(z)  # BUG: without the row's maximum taken off, exp overflows"
    """
    lines = buggy_code(entry).splitlines()
    return next((line.strip() for line in lines if "# BUG:" in line), "")


def _facts(entry: Entry) -> list[tuple[str, str]]:
    facts = [
        ("as implemented", entry.bug.wrong),
        ("look for", buggy_line(entry)),
        ("instead", entry.bug.fix),
    ]
    if entry.bug.context:
        facts.append(("where it matters", entry.bug.context))
    facts.append(("more", f"gradbugs explain {entry.id}"))
    return [(label, text) for label, text in facts if text]
