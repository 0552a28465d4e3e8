"""The implementation that somebody names: a file or a module, and what in it."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from reference_mlp.testing.adapt import Adapted, implementation_of
from reference_mlp.testing.adapters.cells import NamespaceError, syntax_in_words
from reference_mlp.testing.adapters.namespace import namespace_of
from reference_mlp.testing.adapters.nests import AdapterError
from reference_mlp.testing.adapters.stubs import (
    DISPENSABLE,
    missing_in_words,
    stand_ins,
    stubbed,
)
from reference_mlp.testing.assembly import with_training
from reference_mlp.testing.implementation import Implementation
from reference_mlp.testing.run import in_words

_FACTORY = ("sizes", "activation", "loss", "l2", "dtype", "rng")


class TargetError(Exception):
    """A target can't be found, imported or built; the message says why and what was expected."""


def load_target(target: str) -> Implementation:
    """Return the implementation that `target` names: "my_net.py:make_network" or "package.mod:f".

    A file may be a notebook or Markdown too, run cell by cell; where it has no training of its own,
    the reference's is lent to it. Imports that only draw, show or load data are replaced where they
    are not installed.

    The name may be an `Implementation`, a factory of networks with the parameters of
    `NetworkFactory`, or a function without arguments that returns either an implementation or an
    adapted network. Raises TargetError, in words, for what can't be found, imported or built.
    """
    place, colon, name = target.rpartition(":")
    if not colon or not place or not name:
        msg = f"the target is {target!r}, expected my_net.py:make_network or package.module:name"
        raise TargetError(msg)
    module = _module_of(place)
    if not hasattr(module, name):
        msg = f"{place} has no {name!r}, expected one of {_names_in(module)}"
        raise TargetError(msg)
    return with_training(implementation_from(getattr(module, name), target))


def _module_of(place: str) -> ModuleType:
    if place.endswith((".ipynb", ".md", ".markdown")):
        book: ModuleType = _executed(place, lambda: namespace_of(Path(place).absolute()))
        return book
    if not place.endswith(".py"):
        imported: ModuleType = _executed(
            place, lambda: _with_stand_ins(lambda: importlib.import_module(place))
        )
        return imported
    path = Path(place)
    if not path.is_file():
        msg = f"there is no file {place!r}"
        raise TargetError(msg)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None  # noqa: S101 - a file that ends in .py always has one
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    # As if it were run: the files beside it can be imported.
    sys.path.insert(0, str(path.absolute().parent))
    sys.modules[path.stem] = module
    loader = spec.loader
    _executed(place, lambda: _with_stand_ins(lambda: loader.exec_module(module)))
    return module


def _with_stand_ins(run: Callable[[], Any]) -> Any:
    """Return what `run` does; once more where something is missing that it may do without."""
    try:
        return run()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in DISPENSABLE:
            raise
        with stubbed():
            return run()


def _executed(place: str, run: Callable[[], Any]) -> Any:
    """Return what `run` does, whatever is raised put in words."""
    try:
        return run()
    except SyntaxError as error:
        raise TargetError(syntax_in_words(place, error)) from error
    except (NamespaceError, AdapterError) as error:
        msg = f"{place}: {error}{_beside_stand_ins()}"
        raise TargetError(msg) from error
    except ModuleNotFoundError as error:
        what = "there is no module" if error.name == place else f"{place} imports"
        missing = f"{error.name!r}" + ("" if error.name == place else ", which is not installed")
        msg = f"{what} {missing}"
        raise TargetError(msg) from error
    except (Exception, SystemExit) as error:
        msg = f"{place} raises {_in_words(error)}{_beside_stand_ins()}"
        raise TargetError(msg) from error


def _beside_stand_ins() -> str:
    missing = stand_ins()
    return f" ({missing_in_words(missing)})" if missing else ""


def _in_words(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = f", line {frames[-1].lineno} of {Path(frames[-1].filename).name}" if frames else ""
    return f"{in_words(error)}{where}"


def _names_in(module: ModuleType) -> str:
    names = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (callable(value) or isinstance(value, Implementation))
        and getattr(value, "__module__", module.__name__) == module.__name__
    ]
    return ", ".join(names) or "some function, and there is none"


def implementation_from(value: Any, target: str) -> Implementation:
    """Return the implementation that `value`, which messages call `target`, is or builds.

    Raises TargetError, in words, for what is none and builds none.
    """
    if isinstance(value, Implementation):
        return value
    if not callable(value):
        msg = (
            f"{target} is a {type(value).__name__}, expected a function that builds a network, or "
            "an Implementation"
        )
        raise TargetError(msg)
    parameters = inspect.signature(value).parameters
    if set(_FACTORY) <= set(parameters):
        return Implementation(name=target, make_network=value)
    required = [
        name
        for name, p in parameters.items()
        if p.default is p.empty and p.kind not in {p.VAR_POSITIONAL, p.VAR_KEYWORD}
    ]
    if required:
        msg = (
            f"{target} takes ({', '.join(required)}), expected either nothing or all of "
            f"({', '.join(_FACTORY)})"
        )
        raise TargetError(msg)
    built = _executed(f"{target}()", value)
    if isinstance(built, Implementation):
        return built
    if isinstance(built, Adapted):
        found: Implementation = _executed(
            f"{target}()", lambda: implementation_of(value, name=target)
        )
        return found
    msg = (
        f"{target}() is a {type(built).__name__}, expected what `adapt(...)` returns, or an "
        "Implementation"
    )
    raise TargetError(msg)
