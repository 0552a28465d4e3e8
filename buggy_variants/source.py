"""The code of a bug, and how it differs from the reference's."""

from __future__ import annotations

import ast
import difflib
import inspect
import textwrap
from typing import Any

from buggy_variants.catalog import Entry
from reference_mlp.testing import REFERENCE_PARTS


def buggy_code(entry: Entry) -> str:
    """Return the source of the parts that the bug replaces."""
    return "\n\n".join(inspect.getsource(part).rstrip() for part in entry.bug.replaces.values())


def diff(entry: Entry) -> str:
    """Return a unified diff from the reference's code to the bug's, docstrings left out.

    Of a class only the methods that the bug defines itself are compared.
    """
    lines: list[str] = []
    for name, part in entry.bug.replaces.items():
        for title, right, wrong in _pairs(REFERENCE_PARTS[name], part):
            lines += list(
                difflib.unified_diff(
                    _statements(right) if right is not None else [],
                    _statements(wrong),
                    f"reference/{title}",
                    f"{entry.id}/{title}",
                    lineterm="",
                )
            )
    return "\n".join(lines)


def _pairs(right: Any, wrong: Any) -> list[tuple[str, Any, Any]]:
    """Return (title, reference's function or None, buggy function) for each function to compare."""
    if not inspect.isclass(wrong):
        return [(right.__name__, right, wrong)]
    return [
        (f"{right.__name__}.{name}", _plain(vars(right).get(name)), _plain(f))
        for name, f in vars(wrong).items()
        if hasattr(_plain(f), "__code__") and _is_written(_plain(f), wrong)
    ]


def _plain(function: Any) -> Any:
    return getattr(function, "__func__", function)


def _is_written(function: Any, cls: type) -> bool:
    # What @dataclass makes has no source, or not in the class's file.
    return bool(function.__code__.co_filename == inspect.getsourcefile(cls))


def _statements(function: Any) -> list[str]:
    """Return the lines of a function without its docstring."""
    source = textwrap.dedent(inspect.getsource(function))
    lines = source.splitlines()
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.FunctionDef)  # noqa: S101
    if ast.get_docstring(body) is not None:
        first = body.body[0]
        del lines[first.lineno - 1 : first.end_lineno]
    return [line for line in lines if line.strip()]
