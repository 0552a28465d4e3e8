"""What the checks found of one implementation, as text, as data and for other programs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.registry import CHECKS
from reference_mlp.testing.run import Result

ALARMS = (Outcome.FLAGGED, Outcome.CRASHED, Outcome.TIMED_OUT)
"""The outcomes that say that something is wrong."""

_SIGNS = {Outcome.FLAGGED: "x", Outcome.CRASHED: "C", Outcome.TIMED_OUT: "T"}
MOST = 2000
"""Characters of a text from outside that are shown."""


class Section(Protocol):
    """What else a report shows, beneath the results of the checks.

    In a terminal it begins with an empty line. Everything from outside is `plain`, and escaped in
    HTML; its data are fit for JSON.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; what isn't finite is None."""

    def _repr_html_(self) -> str:
        """Return it as a piece of HTML."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield what stands in a terminal."""


@dataclass(frozen=True)
class Report:
    """The results of the checks of the implementation `name`, in their order.

    It shows itself as text in a terminal and as a table in a notebook. `wanted` is how many checks
    were to be made: fewer results are those of a run that was interrupted. `lent` names the parts
    that the implementation was lent, being the reference's. `verbose` lists every check.
    `sections` come after the verdict, and neither change it nor count; their names are keys of
    the report's data.
    """

    name: str
    results: tuple[Result, ...]
    wanted: int
    lent: tuple[str, ...] = ()
    verbose: bool = field(default=False, compare=False)
    sections: Mapping[str, Section] = field(default_factory=dict, compare=False)

    @property
    def clean(self) -> bool:
        """Whether every check was made, none found anything, and at least one could judge."""
        complete = len(self.results) == self.wanted
        return complete and not self.alarms and self.count(Outcome.PASSED) > 0

    @property
    def alarms(self) -> tuple[Result, ...]:
        """The results that say that something is wrong."""
        return tuple(result for result in self.results if result.outcome in ALARMS)

    def count(self, outcome: Outcome) -> int:
        """Return how many checks ended so."""
        return sum(result.outcome is outcome for result in self.results)

    @property
    def used(self) -> tuple[str, ...]:
        """The lent parts that some result relies on."""
        needs = {
            part
            for result in self.results
            if result.outcome is not Outcome.NOT_APPLICABLE
            for part in CHECKS[result.check].needs
        }
        return tuple(part for part in self.lent if part in needs)

    @property
    def verdict(self) -> str:
        """One sentence that counts every check, whatever became of it."""
        counts = [
            f"{n} {outcome}"
            for outcome in (*ALARMS, Outcome.INCONCLUSIVE, Outcome.PASSED, Outcome.NOT_APPLICABLE)
            if (n := self.count(outcome))
        ]
        if missing := self.wanted - len(self.results):
            counts.append(f"{missing} not made")
        return f"{plain(self.name)}: {', '.join(counts)}"

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data, schema version 1; what isn't finite is None."""
        return {
            "schema_version": 1,
            "name": plain(self.name),
            "clean": self.clean,
            "wanted": self.wanted,
            "lent": list(self.used),
            "results": [_as_dict(result) for result in self.results],
            **{name: section.to_dict() for name, section in self.sections.items()},
        }

    def to_json(self) -> str:
        """Return `to_dict` as JSON, in ASCII."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n"

    def to_html(self) -> str:
        """Return the report as a page of its own, everything from outside escaped."""
        from reference_mlp.testing.page import page  # it reads this module

        return page(self)

    def to_junit(self) -> str:
        """Return the report as JUnit's XML, which CI servers show: a test case a check."""
        from reference_mlp.testing.junit import junit  # it reads this module

        return junit(self)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield what stands in a terminal: what is wrong first, then what was not looked at."""
        for text, results in _by_message(self.alarms).items():
            for result in results:
                line = Text.assemble((f"{_SIGNS[result.outcome]} {result.check}", "bold red"))
                yield line.append(f"  {numbers(result)}", "dim")
            yield from _lines(Text(text), console, indent=4)
        if self.alarms:
            yield Text()
        for paragraph in self._others():
            yield from _lines(paragraph, console)
        if self.used:
            text = f"trained by the reference's {', '.join(self.used)}, not its own"
            yield from _lines(Text(text, "dim"), console)
        yield Text(self.verdict, "bold green" if self.clean else "bold red")
        yield from self.sections.values()

    def _others(self) -> Iterator[Text]:
        """Yield a paragraph for each outcome that is no alarm, or in verbose a line a check."""
        for outcome in (Outcome.PASSED, Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE):
            results = [result for result in self.results if result.outcome is outcome]
            if self.verbose:
                for result in results:
                    yield Text(f"{outcome:12} {result.check}: {plain(result.message)}", "dim")
            elif outcome is Outcome.PASSED and results:
                yield Text(f"passed: {_codes(results)}", "dim")
            elif outcome is Outcome.INCONCLUSIVE:
                for text, those in _by_message(results).items():
                    yield Text(f"inconclusive: {_codes(those)}: {text}", "yellow")
            elif results:
                text = f"not applicable, {len(results)} checks: {'; '.join(reasons(results))}"
                yield Text(f"{text}; --verbose lists each", "dim")

    def _repr_html_(self) -> str:
        from reference_mlp.testing.page import table  # it reads this module

        return table(self)


def plain(text: str) -> str:
    r"""Return `text` in one line, of bounded length, with what a terminal would obey written out.

    >>> plain("a\x1b[31mred\nb")
    'a\\x1b[31mred b'
    """
    cut = text if len(text) <= MOST else f"{text[:MOST]} ... ({len(text)} characters)"
    return "".join(
        c if c.isprintable() else " " if c in "\n\r\t" else repr(c)[1:-1] for c in cut
    ).strip()


def numbers(result: Result) -> str:
    """Return what was measured and what it was held against, where there is such."""
    found = result.evidence
    if found is None:
        return ""
    return f"measured {float(found.measured):.3g}, threshold {float(found.threshold):.3g}"


def reasons(results: list[Result]) -> list[str]:
    """Return why checks don't apply, one text for each reason with the checks' codes.

    Those of parts that aren't given come together, since there are many.
    """
    lacking = [result for result in results if result.missing]
    parts = dict.fromkeys(part for result in lacking for part in result.missing)
    found = [
        f"{text} ({_codes(those)})"
        for text, those in _by_message([r for r in results if not r.missing]).items()
    ]
    if lacking:
        checks = f"{len(lacking)} checks" if len(lacking) > 1 else "1 check"
        named = ", ".join(list(parts)[:4]) + (", ..." if len(parts) > 4 else "")
        found.append(f"{checks} of parts that it doesn't give ({named})")
    return found


def _lines(text: Text, console: Console, *, indent: int = 0) -> Iterator[Text]:
    """Yield `text` in lines of the console's width, without blanks at their ends."""
    for line in text.wrap(console, max(console.width - indent, 20)):
        line.rstrip()
        yield Text(" " * indent).append_text(line)


def _codes(results: list[Result]) -> str:
    return " ".join(CHECKS[result.check].code for result in results)


def _by_message(results: list[Result] | tuple[Result, ...]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(plain(result.message), []).append(result)
    return found


def _as_dict(result: Result) -> dict[str, Any]:
    found = result.evidence
    return {
        "check": result.check,
        "outcome": result.outcome.value,
        "measured": _finite(found.measured) if found else None,
        "threshold": _finite(found.threshold) if found else None,
        "where": plain(found.where) if found else "",
        "message": plain(result.message),
        "missing": list(result.missing),
        "seed": result.setting.seed,
        "seconds": result.seconds,
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
