"""Which line of which notebook has which bug."""

from __future__ import annotations

import re
from dataclasses import dataclass

from buggy_variants.catalog import Entry, catalog

NOTEBOOKS = ("000", "001", "002", "003", "004")

_ORIGIN = re.compile(r"notebook (\d{3}), lines? ([\d, and-]*\d)(?:: (.+))?", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """Lines of a notebook that have the bug of `entry`, and a word on them where there is one.

    `lines` are (first, last), both counted from 1 and both in.
    """

    notebook: str
    lines: tuple[tuple[int, int], ...]
    note: str
    entry: Entry

    @property
    def text(self) -> str:
        """The lines as one writes them: 37, 60-71."""
        return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in self.lines)


def places() -> list[Place]:
    """Return every place in a notebook that an entry names as its origin, in their order.

    >>> places()[0].notebook
    '000'
    """
    found = [
        place
        for entry in catalog().values()
        for origin in entry.bug.origin
        if (place := place_of(origin, entry)) is not None
    ]
    return sorted(found, key=lambda place: (place.notebook, place.lines, place.entry.id))


def place_of(origin: str, entry: Entry) -> Place | None:
    """Return the place that `origin` names, or None where it names no notebook.

    Raises ValueError for a notebook's name in another form than "notebook 002, line 316" or
    "notebook 000, lines 60-71 and 75: words".
    """
    if not origin.startswith("notebook"):
        return None
    match = _ORIGIN.fullmatch(origin)
    if match is None or match[1] not in NOTEBOOKS:
        msg = (
            f"{entry.id} has the origin {origin!r}, expected the form 'notebook 002, line 316' or "
            "'notebook 000, lines 60-71 and 75: words'"
        )
        raise ValueError(msg)
    spans = re.findall(r"(\d+)(?:-(\d+))?", match[2])
    lines = tuple((int(first), int(last or first)) for first, last in spans)
    return Place(match[1], lines, match[3] or "", entry)
