"""What a diagnosis says: which known bugs, why, where to look, and what it could be instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from buggy_variants.catalog import Entry
from buggy_variants.diagnosis.rows import Row, verdict
from buggy_variants.diagnosis.suggestion import Suggestion, buggy_line
from buggy_variants.formulas import in_letters
from reference_mlp.testing.probes import UNREADABLE
from reference_mlp.testing.report import plain

NOTHING = "No known bug fits."
HELP = (
    "To be compared, give adapt(...) one weight and one bias a layer, in turns, first layer first: "
    'attributes(net, "W1", "b1", "W2", "b2"), or a function that returns them in a list; or the '
    "weights alone, where no layer has a bias. Where a bias is a row of its weights, give views: "
    "theta[1:] and theta[0]."
)
MOST_ROWS = 5
"""How many bugs are named that the checks alone speak for."""


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
            return f"It {verb} {first.named}."
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
                for label, text in _facts(entry, in_tex=console.options.ascii_only):
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
                yield from _lines(Text(f"{other.named}: {other.why}"), console, indent=2)

    def _repr_html_(self) -> str:
        parts = [f"<p><strong>{escape(self.summary)}</strong></p>"]
        parts += [f"<p>{escape(note)}</p>" for note in self._notes()]
        for suggestion in (*self.suggestions, *self.signs):
            parts.append(f"<p>{escape(suggestion.named)}: {escape(suggestion.why)}</p>")
            for entry in suggestion.entries:
                facts = "".join(
                    f"<dt>{escape(label)}</dt><dd>{_in_html(text)}</dd>"
                    for label, text in _facts(entry)
                )
                parts.append(f"<dl>{facts}</dl>")
        return f'<div class="gradbugs-diagnosis">{"".join(parts)}</div>'


def _lines(text: Text, console: Console, *, indent: int = 0) -> Iterator[Text]:
    """Yield `text` in lines of the console's width, without blanks at their ends."""
    for line in text.wrap(console, max(console.width - indent, 20)):
        line.rstrip()
        yield Text(" " * indent).append_text(line)


def _in_html(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))


def _facts(entry: Entry, *, in_tex: bool = False) -> list[tuple[str, str]]:
    """Return what there is to say of an entry; formulas in letters, or as they are written."""
    read = str if in_tex else in_letters
    facts = [
        ("as implemented", read(entry.bug.wrong)),
        ("look for", buggy_line(entry)),
        ("instead", read(entry.bug.fix)),
        ("where it matters", read(entry.bug.context)),
        ("more", f"gradbugs explain {entry.id}"),
    ]
    return [(label, text) for label, text in facts if text]
