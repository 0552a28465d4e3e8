"""What a diagnosis says: which known bugs, why, where to look, and what it could be instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from buggy_variants.catalog import Entry, catalog
from buggy_variants.diagnosis.compare import Fit
from buggy_variants.diagnosis.rows import Row, verdict
from buggy_variants.source import buggy_code
from reference_mlp.testing.probes import UNREADABLE
from reference_mlp.testing.report import plain

NOTHING = "No known bug fits."
HELP = (
    "To be compared, give adapt(...) one weight and one bias a layer, in turns, first layer first: "
    'attributes(net, "W1", "b1", "W2", "b2"), or a function that returns them in a list. Where a '
    "bias is a row of its weights, give views: theta[1:] and theta[0]."
)
MOST_ROWS = 5
"""How many bugs are named that the checks alone speak for."""


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
            text = f"{gives} {_every(fit.explained)} from the right ones"
        else:
            text = (
                f"{gives} {_some(fit.explained)} from the right ones, with "
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

    `signs` are of bugs that account for little of what is wrong, and against which nothing speaks.
    `differing` is the number of its answers that aren't the reference's. `unread` says why networks
    were not compared; where none was, `rows` are the bugs that the same checks flag. `failed` says
    why there is no diagnosis at all.
    """

    name: str
    suggestions: tuple[Suggestion, ...] = ()
    signs: tuple[Suggestion, ...] = ()
    remarks: tuple[str, ...] = ()
    differing: int = 0
    unread: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    failed: str = ""

    @property
    def ids(self) -> tuple[tuple[str, ...], ...]:
        """The ids of the suggestions."""
        return tuple(suggestion.ids for suggestion in self.suggestions)

    @property
    def summary(self) -> str:
        """One line."""
        if self.failed:
            return f"The diagnosis failed: {plain(self.failed)}; the checks above stand."
        if self.suggestions:
            first = self.suggestions[0]
            verb = "is" if first.fit.perfect else "may be"
            named = " and ".join(f"{e.id} {e.slug}" for e in first.entries)
            return f"It {verb} {named}."
        if self.differing:
            return f"{NOTHING} {self.differing} answers differ from the reference's."
        if self.unread:
            return f"{verdict(self.rows)} Its answers could not be compared with any bug's."
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
            "signs": [sign.to_dict() for sign in self.signs],
            "not_compared": [plain(reason) for reason in self.unread],
            "by_checks_alone": [
                {"id": row.id, "title": row.entry.title, "share": row.share, "why": row.why}
                for row in self.rows
            ],
            "failed": plain(self.failed),
        }

    def _notes(self) -> Iterator[str]:
        """Yield what else there is to say, a paragraph each."""
        yield from map(plain, self.remarks)
        for reason in self.unread:
            yield f"Not compared: {plain(reason)}."
        if any(UNREADABLE in reason for reason in self.unread):
            yield HELP
        for row in self.rows[:MOST_ROWS]:
            yield f"{row.id} {row.entry.slug}: {row.why}"
        if self.rows:
            left = len(self.rows) - MOST_ROWS
            more = f"{left} more are in the report's data; " if left > 0 else ""
            yield f"{more}gradbugs explain {self.rows[0].id} tells what it is"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the summary, the first suggestion in full, and the others in a line each."""
        yield Text()
        yield from _lines(Text(self.summary, "bold"), console)
        for remark in self._notes():
            yield from _lines(Text(remark), console)
        for first in self.suggestions[:1]:
            yield from _lines(Text(f"Why: {first.why}."), console)
            for entry in first.entries:
                yield Text()
                yield from _lines(Text(f"{entry.id}  {entry.title}", "bold"), console)
                # Formulas are in TeX, which a terminal doesn't set; the line says the same.
                for label, text in _facts(entry)[1:]:
                    fact = Text.assemble((f"{label}: ", "dim"), text)
                    yield from _lines(fact, console, indent=2)
        for heading, others in (
            ("It could also be", self.suggestions[1:]),
            ("It looks as if there were, among other things,", self.signs),
        ):
            if others:
                yield Text()
                yield Text(heading)
            for other in others:
                named = " and ".join(f"{e.id} {e.slug}" for e in other.entries)
                yield from _lines(Text(f"{named}: {other.why}"), console, indent=2)

    def _repr_html_(self) -> str:
        parts = [f"<p><strong>{escape(self.summary)}</strong></p>"]
        parts += [f"<p>{escape(note)}</p>" for note in self._notes()]
        for suggestion in (*self.suggestions, *self.signs):
            parts.append(f"<p>{escape(' and '.join(suggestion.ids))}: {escape(suggestion.why)}</p>")
            for entry in suggestion.entries:
                facts = "".join(
                    f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>"
                    for label, text in _facts(entry)
                )
                parts.append(f"<dl>{facts}</dl>")
        return f'<div class="gradbugs-diagnosis">{"".join(parts)}</div>'


def _every(n: int) -> str:
    return "the one answer that differs" if n == 1 else f"all {n} answers that differ"


def _some(n: int) -> str:
    return "1 answer that differs" if n == 1 else f"{n} answers that differ"


def _lines(text: Text, console: Console, *, indent: int = 0) -> Iterator[Text]:
    """Yield `text` in lines of the console's width, without blanks at their ends."""
    for line in text.wrap(console, max(console.width - indent, 20)):
        line.rstrip()
        yield Text(" " * indent).append_text(line)


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
