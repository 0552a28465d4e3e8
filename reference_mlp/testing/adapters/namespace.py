"""What a script or a notebook defines, run cell by cell in a namespace of its own."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from reference_mlp.testing.adapters.cells import Cell, NamespaceError, cells_of
from reference_mlp.testing.adapters.stubs import stubbed


def namespace_of(
    path: str | Path, *, until: str | None = None, skip: Sequence[str] = (), **given: Any
) -> Any:
    """Return what a .py, .ipynb or .md file defines, as a module.

    It is run statement by statement, up to the first that has the text `until` in it, without
    those that have one of the texts in `skip`; `given` is defined before it starts. A path is
    looked up beside the file that calls this first. Imports that a network can do without, to
    draw or show or load data, are replaced by ones that do nothing where they are not installed;
    magics are left out, and what stands under `if __name__ == "__main__"` is not run.

    Raises NamespaceError for a file that can't be read, is no Python 3 (`2to3` makes it so), or
    fails, or where no statement has the text `until`.
    """
    file = _beside_caller(Path(path), sys._getframe(1).f_globals)
    module = ModuleType(file.stem)
    vars(module).update(given, __file__=str(file))
    found = until is None
    with _surroundings(file.parent):
        for cell in cells_of(file):
            for statement in cell.tree.body:
                text = ast.get_source_segment(cell.source, statement) or ""
                if until is not None and until in text:
                    found = True
                    break
                if not any(part in text for part in skip):
                    _run(cell, statement, module)
            if found and until is not None:
                break
    if not found:
        msg = f"no statement of {file.name} has the text {until!r}"
        raise NamespaceError(msg)
    return module


def _beside_caller(path: Path, of_caller: dict[str, Any]) -> Path:
    beside = Path(of_caller.get("__file__", "")).parent / path
    return (beside if beside.is_file() else path).absolute()


def _run(cell: Cell, statement: ast.stmt, module: ModuleType) -> None:
    program = ast.Module([statement], type_ignores=[])
    try:
        exec(compile(program, cell.place, "exec"), vars(module))  # noqa: S102 - it is what we are asked
    except (Exception, SystemExit) as error:
        first = (ast.get_source_segment(cell.source, statement) or "").partition("\n")[0]
        msg = (
            f"{cell.place}: line {statement.lineno}, `{first:.60}`, raises "
            f"{type(error).__name__}: {error}; stop before it with until=, or leave it out with "
            "skip="
        )
        raise NamespaceError(msg) from error


@contextmanager
def _surroundings(folder: Path) -> Iterator[None]:
    """Let the file import those beside it, and pictures be drawn where nobody sees them."""
    backend = os.environ.get("MPLBACKEND")
    os.environ["MPLBACKEND"] = "Agg"
    sys.path.insert(0, str(folder))
    try:
        with stubbed():
            yield
    finally:
        if str(folder) in sys.path:
            sys.path.remove(str(folder))
        if backend is None:
            os.environ.pop("MPLBACKEND", None)
        else:
            os.environ["MPLBACKEND"] = backend
