"""The file of a new bug: its place, its number, and the reference's code to go wrong from."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import buggy_variants
from buggy_variants.catalog import catalog
from reference_mlp.testing import REFERENCE_PARTS

_TEMPLATE = '''\
r"""{title}.

TODO: the story. What people write, and why it looks right; what goes wrong, and when; how one
comes to see it.

TODO: a short doctest that shows the symptom with numbers:

>>> 1 + 1
2
"""

{imports}


{code}


bug = Bug(
    replaces={{"{part}": {name}}},
    severity=Severity.WRONG,  # TODO: or CRASH, NAN, WORSE
    flagged_by=("parameter_differences",),  # TODO: as `gradbugs matrix --variant {id}` finds
    right=r"$TODO$",
    wrong=r"$TODO$",
    symptom="TODO: what one sees.",
    preconditions="TODO: what it takes to show.",
    why_missed="TODO: why the usual check passes.",
    fix="TODO: what to write instead.",
    origin=("synthetic",),  # TODO: or a notebook's line, an issue, a paper
)
'''


def scaffold(family: str, slug: str, replaces: str, *, root: Path | None = None) -> Path:
    """Write the file of a new bug of `family`, and return its path.

    `replaces` is a part such as "softmax", or a method of one such as "linear.backward". The file
    takes the next free number and holds the reference's own code, ready to be made wrong; it is a
    row of the matrix at once. `root` is the folder of the families, that of this package if None.

    Raises ValueError for a slug that is taken or isn't like relu_in_place, an unknown family, part
    or method, or a class without its method; and OSError where the folder can't be written.
    """
    root = root or Path(buggy_variants.__path__[0])
    families = sorted({p.parent.name for p in root.glob("*/gb*.py")})
    if family not in families:
        msg = f"family is {family!r}, expected one of {', '.join(families)}"
        raise ValueError(msg)
    taken = {entry.slug: entry.id for entry in catalog().values()}
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", slug):
        msg = f"slug is {slug!r}, expected small letters and digits, such as relu_in_place"
        raise ValueError(msg)
    if slug in taken:
        msg = f"slug {slug!r} is that of {taken[slug]}, expected a new one"
        raise ValueError(msg)
    part, _, method = replaces.partition(".")
    name, code, module = _reference_code(part, method, slug)
    number = 1 + max(int(path.stem[2:5]) for path in root.glob("*/gb[0-9][0-9][0-9]_*.py"))
    path = root / family / f"gb{number:03}_{slug}.py"
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    text = _TEMPLATE.format(
        title=slug.replace("_", " ").capitalize(),
        imports=_imports(names - {name}, module),
        code=code,
        part=part,
        name=name,
        id=f"GB{number:03}",
    )
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


def _reference_code(part: str, method: str, slug: str) -> tuple[str, str, ModuleType]:
    """Return the name of the buggy part, its code so far, and the module that it comes from."""
    if part not in REFERENCE_PARTS:
        msg = f"no part is called {part!r}, expected one of {', '.join(sorted(REFERENCE_PARTS))}"
        raise ValueError(msg)
    right = REFERENCE_PARTS[part]
    module = inspect.getmodule(right)
    assert module is not None  # noqa: S101 - every part is defined in a module of ours
    if not inspect.isclass(right):
        if method:
            msg = f"{part} is a function, expected no method, got {method!r}"
            raise ValueError(msg)
        return right.__name__, _marked(inspect.getsource(right)), module
    methods = [key for key, f in vars(right).items() if inspect.isfunction(f)]
    if method not in methods:
        msg = f"{part} is a class, expected one of {', '.join(f'{part}.{m}' for m in methods)}"
        raise ValueError(msg)
    name = "".join(word.capitalize() for word in slug.split("_"))
    body = textwrap.indent(_marked(textwrap.dedent(inspect.getsource(vars(right)[method]))), "    ")
    return name, f"class {name}({right.__name__}):\n{body}", module


def _marked(source: str) -> str:
    """Return a function without its docstring, its last line marked as the place of the bug."""
    lines = source.rstrip().splitlines()
    function = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef))
    if ast.get_docstring(function) is not None:
        first = function.body[0]
        del lines[first.lineno - 1 : first.end_lineno]
    lines[-1] += "  # BUG: TODO"
    return "\n".join(lines)


def _imports(names: set[str], module: ModuleType) -> str:
    """Return the lines that import `names` as `module` has them, and what the entry needs."""
    plain: set[str] = set()
    origins: dict[str, set[str]] = {"buggy_variants.bug": {"Bug", "Severity"}}
    for name in names & set(vars(module)):
        value = vars(module)[name]
        if isinstance(value, ModuleType):
            parent, _, own = value.__name__.rpartition(".")
            as_name = "" if own == name else f" as {name}"
            plain.add(f"from {parent} import {own}" if parent else f"import {own}{as_name}")
        else:
            origins.setdefault(_home(name, value, module), set()).add(name)
    plain |= {f"from {home} import {', '.join(sorted(own))}" for home, own in origins.items()}
    # In three groups, as linters want them: the standard library, other packages, ours.
    groups: list[list[str]] = [[], [], []]
    for line in sorted(plain, key=lambda line: line.split()[1]):
        package = line.split()[1].partition(".")[0]
        ours = package in {"buggy_variants", "reference_mlp"}
        groups[2 if ours else 0 if package in sys.stdlib_module_names else 1].append(line)
    return "\n\n".join("\n".join(group) for group in groups if group)


def _home(name: str, value: Any, module: ModuleType) -> str:
    """Return the name of the module to import `value` from."""
    home = getattr(value, "__module__", None)
    known: Mapping[str, Any] = vars(inspect.getmodule(value) or module)
    return home if isinstance(home, str) and name in known else module.__name__
