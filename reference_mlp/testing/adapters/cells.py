"""The code in a script, a notebook or a Markdown file, cell by cell."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_PYTHON = {"python", "py", "python3", "ipython", "ipython3", "{code-cell}", "{python}"}
_WHOLE_CELL_IS_PYTHON = ("%%time", "%%timeit", "%%capture", "%%prun")


class NamespaceError(Exception):
    """A script or notebook can't be read or run; the message says where, and what would help."""


class Cell(NamedTuple):
    """A piece of code that parses, and where it stands."""

    place: str
    tree: ast.Module
    source: str


def cells_of(path: Path) -> Iterator[Cell]:
    """Yield the cells of a .py, .ipynb or .md file; magics are left out.

    Raises NamespaceError for a file that can't be read, or that is no Python 3.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path} can't be read: {error}"
        raise NamespaceError(msg) from error
    if path.suffix == ".ipynb":
        pieces = _of_notebook(path, text)
    elif path.suffix in {".md", ".markdown"}:
        pieces = _of_markdown(path, text)
    else:
        pieces = iter([(path.name, text, True)])
    for place, source, certain in pieces:
        cell = _parsed(place, source, certain=certain)
        if cell is not None:
            yield cell


def syntax_in_words(place: str, error: SyntaxError) -> str:
    """Say what is wrong with code that doesn't parse; of Python 2, that it is Python 2."""
    if is_python_2(error):
        return f"{place} is Python 2, by line {error.lineno}; `2to3` turns it into Python 3"
    return f"{place} is no Python: {error.msg}, line {error.lineno}"


def is_python_2(error: SyntaxError) -> bool:
    """Say whether it is Python 2 that doesn't parse."""
    line, text = (error.text or "").strip(), error.msg or ""
    return line.startswith(("print ", "exec ")) or "Missing parentheses" in text


def _of_notebook(path: Path, text: str) -> Iterator[tuple[str, str, bool]]:
    try:
        book = json.loads(text)
        cells = book["cells"] if "cells" in book else book["worksheets"][0]["cells"]
        code = [c for c in cells if c["cell_type"] == "code"]
        sources = [c["source"] if "source" in c else c["input"] for c in code]
    except (ValueError, LookupError, TypeError) as error:
        msg = f"{path} is no notebook: {type(error).__name__}: {error}"
        raise NamespaceError(msg) from error
    for i, source in enumerate(sources, start=1):
        yield f"{path.name}, cell {i}", source if isinstance(source, str) else "".join(source), True


def _of_markdown(path: Path, text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield the fenced blocks in Python, and with less certainty those of no language."""
    found = re.finditer(r"^(```+|~~~+)[ \t]*([^\n]*)\n(.*?)^\1", text, re.DOTALL | re.MULTILINE)
    for match in found:
        words = match[2].split()
        language = words[0].lower() if words else ""
        if not words or language in _PYTHON:
            line = text.count("\n", 0, match.start(3))
            # The prompts of a notebook that was printed.
            source = re.sub(r"^(In ?\[[\d ]*\]:)", lambda m: " " * len(m[0]), match[3], flags=re.M)
            source = textwrap.dedent(source)
            yield f"{path.name}, line {line}", source, bool(words)


def _parsed(place: str, source: str, *, certain: bool) -> Cell | None:
    try:
        return Cell(place, ast.parse(source), source)
    except SyntaxError:
        plain = _without_magics(source)
    try:
        return Cell(place, ast.parse(plain), plain)
    except SyntaxError as error:
        if certain or is_python_2(error):
            raise NamespaceError(syntax_in_words(place, error)) from error
        return None  # a block of no language: output perhaps


def _without_magics(source: str) -> str:
    """Return the code with what only a notebook understands left out, line for line."""
    first = source.lstrip().partition("\n")[0]
    if first.startswith("%%") and not first.startswith(_WHOLE_CELL_IS_PYTHON):
        return ""
    lines = []
    for line in source.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        bare = line.strip()
        if bare.startswith(("%", "!", "?")) or re.fullmatch(r"[\w.]+\?{1,2}", bare):
            line = f"{indent}pass"
        lines.append(re.sub(r"^(\s*[\w, ]+=\s*)[!%].*$", r"\1None", line))
    return "\n".join(lines)
