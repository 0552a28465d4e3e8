"""The catalog: every file of a bug that lies in a family's folder."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType

from buggy_variants.bug import Bug
from reference_mlp.testing import Implementation, assemble

_NAME = re.compile(r"gb(\d{3})_(\w+)")


@dataclass(frozen=True)
class Entry:
    """A bug with what its file's place and text say: id, slug, family, title and prose."""

    id: str
    slug: str
    family: str
    title: str
    prose: str
    bug: Bug
    module: str

    @property
    def implementation(self) -> Implementation:
        """The reference with the bug in it."""
        return assemble(self.id, **self.bug.replaces)


@cache
def catalog() -> MappingProxyType[str, Entry]:
    """Return all entries by id, in the order of the ids.

    Raises ValueError for a file whose name is not like gb016_relu_in_place.py, an id that is
    used twice, or a file that has no title or no `bug`.

    >>> catalog()["GB001"].slug
    'softmax_no_shift'
    """
    import buggy_variants

    entries: dict[str, Entry] = {}
    for family in pkgutil.iter_modules(buggy_variants.__path__):
        if not family.ispkg:
            continue
        folder = Path(buggy_variants.__path__[0]) / family.name
        if not any(folder.glob("gb*.py")):
            continue  # no family, but something that is made of the catalog
        for found in pkgutil.iter_modules([str(folder)]):
            if found.name.startswith("_"):
                continue  # what several files of a family share
            name = f"buggy_variants.{family.name}.{found.name}"
            entry = _read(importlib.import_module(name), family.name, found.name)
            if entry.id in entries:
                msg = f"{entry.id} is {entry.module} and {entries[entry.id].module}"
                raise ValueError(msg)
            entries[entry.id] = entry
    return MappingProxyType(dict(sorted(entries.items())))


def find(id_or_slug: str) -> Entry:
    """Return the entry of an id, in any case, or of a slug; raise KeyError for neither.

    >>> find("gb001") is find("softmax_no_shift")
    True
    """
    for entry in catalog().values():
        if id_or_slug.upper() == entry.id or id_or_slug.replace("-", "_") == entry.slug:
            return entry
    msg = f"no bug is called {id_or_slug!r}; `gradbugs list` names all {len(catalog())}"
    raise KeyError(msg)


def family_title(family: str) -> str:
    """Return the first line of the docstring of a family's folder.

    >>> family_title("numerics")
    'Numerics'
    """
    module = importlib.import_module(f"buggy_variants.{family}")
    return (inspect.getdoc(module) or family).partition("\n")[0].rstrip(".")


def _read(module: ModuleType, family: str, file: str) -> Entry:
    match = _NAME.fullmatch(file)
    title, _, prose = (inspect.getdoc(module) or "").partition("\n")
    bug = getattr(module, "bug", None)
    if match is None or not title or not prose.strip() or not isinstance(bug, Bug):
        msg = (
            f"{module.__name__} is no bug, expected a file named like gb016_relu_in_place.py "
            "with a title and prose in its docstring and a `bug = Bug(...)`"
        )
        raise ValueError(msg)
    return Entry(
        id=f"GB{match[1]}",
        slug=match[2],
        family=family,
        title=title.rstrip("."),
        prose=_fenced(prose.strip()),
        bug=bug,
        module=module.__name__,
    )


def _fenced(prose: str) -> str:
    """Put doctests into fences, as Markdown would take their prompts for quotations."""
    paragraphs = (
        f"```pycon\n{paragraph}\n```" if paragraph.startswith(">>> ") else paragraph
        for paragraph in prose.split("\n\n")
    )
    return "\n\n".join(paragraphs)
