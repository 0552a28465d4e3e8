"""A suggestion: bugs of the catalog that together give what was observed, and how well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from buggy_variants.catalog import Entry, catalog
from buggy_variants.diagnosis.compare import Fit
from buggy_variants.diagnosis.suspects import Suspects, ids_of
from buggy_variants.source import buggy_code
from reference_mlp.testing.report import plain


@dataclass(frozen=True)
class Suggestion:
    """Bugs of the catalog, mostly one, that together give what was observed, and how well."""

    suspects: Suspects
    fit: Fit
    agreement: tuple[int, int] | None = None
    """With how many checks the rows of the matrix agree, and of how many."""
    says: str | None = None
    """What is said of the form of a bug, where that isn't what the form itself says."""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the entries."""
        return ids_of(self.suspects)

    @property
    def forms(self) -> dict[str, str]:
        """By its id what is other in a bug than its entry has it, where anything is."""
        said = {suspect.id: suspect.says for suspect in self.suspects}
        if self.says is not None:
            said[self.suspects[0].id] = self.says
        return {id_: says for id_, says in said.items() if says}

    @property
    def named(self) -> str:
        """The ids with their slugs, and in which form: "GB005 log_p_plus_eps (with ...)"."""
        names = []
        for suspect in self.suspects:
            name = " with ".join(f"{id_} {catalog()[id_].slug}" for id_ in suspect.ids)
            says = self.forms.get(suspect.id)
            names.append(f"{name} ({says})" if says else name)
        *others, last = names
        return f"{', '.join(others)} and {last}" if others else last

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of the catalog."""
        return tuple(catalog()[id_] for id_ in self.ids)

    @property
    def why(self) -> str:
        """A sentence: what it accounts for."""
        fit = self.fit
        gives = "it gives" if len(self.suspects) == 1 else "together they give"
        if not fit.explained:
            text = f"{_some(len(fit.keys))} from the right ones lie between theirs"
        elif fit.perfect:
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
            "forms": self.forms,
            "titles": [entry.title for entry in self.entries],
            "named": self.named,
            "explained": self.fit.explained,
            "contradicted": self.fit.contradicted,
            "unexplained": self.fit.unexplained,
            "perfect": self.fit.perfect,
            "why": self.why,
            "wrong": [entry.bug.wrong for entry in self.entries],
            "line": [buggy_line(entry) for entry in self.entries],
            "fix": [entry.bug.fix for entry in self.entries],
        }


def _every(n: int) -> str:
    return "the one answer that differs" if n == 1 else f"all {n} answers that differ"


def _some(n: int) -> str:
    return "1 answer that differs" if n == 1 else f"{n} answers that differ"


def buggy_line(entry: Entry) -> str:
    """Return the line of the entry's code that is marked as the bug.

    >>> from buggy_variants import find
    >>> buggy_line(find("GB001"))
    "e = np.exp(z)  # BUG: without the row's maximum taken off, exp overflows"
    """
    lines = buggy_code(entry).splitlines()
    return next((line.strip() for line in lines if "# BUG:" in line), "")
