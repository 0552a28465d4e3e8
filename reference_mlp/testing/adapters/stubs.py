"""Modules that a network can do without, in the place of those that are not installed."""

from __future__ import annotations

import importlib
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Any

DISPENSABLE = {
    "IPython",
    "bokeh",
    "colorama",
    "cv2",
    "google",
    "graphviz",
    "imageio",
    "ipdb",
    "ipywidgets",
    "keras",
    "livelossplot",
    "matplotlib",
    "mnist",
    "mpl_toolkits",
    "networkx",
    "nnfs",
    "pandas",
    "PIL",
    "plotly",
    "pylab",
    "seaborn",
    "skimage",
    "sklearn",
    "tabulate",
    "tensorflow",
    "termcolor",
    "torchvision",
    "tqdm",
    "urllib2",
}
"""What is imported beside a network: to draw, to show, to load data."""
NETWORKS = {"sklearn.neural_network"}
"""What is in one of them and may be the network itself, which nothing can stand in for."""

_seen: set[str] = set()


def stand_ins() -> tuple[str, ...]:
    """Return the packages that something that does nothing has stood in for in this process."""
    return tuple(sorted(_seen))


def missing_in_words(packages: Iterable[str]) -> str:
    """Return what to tell of `packages` that something stands in for."""
    return f"{', '.join(packages)} not installed; what does nothing is in the place"


class Nothing:
    """What takes part in anything and does nothing; called with one argument, it returns that."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *arguments: Any, **_: Any) -> Any:
        """Return the one argument, or itself."""
        # A progress bar goes round what it is given, a decorator what it decorates.
        return arguments[0] if len(arguments) == 1 else self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        # Of subplots a figure and its axes are taken, both.
        return (lambda *_, **__: (self, self)) if name == "subplots" else self

    def __getitem__(self, key: Any) -> Any:
        return self

    def __setitem__(self, key: Any, value: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        pass


class _Stub(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(Nothing(), name)


class _Finder(MetaPathFinder, Loader):
    """Finds what nobody else has found."""

    def __init__(self) -> None:
        self.made: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a module that does nothing for what can be done without."""
        package = fullname.partition(".")[0]
        inside = package in self.made
        if package not in DISPENSABLE or fullname in NETWORKS:
            return None
        if not (inside or package == fullname) or _asked_by_a_library():
            return None
        self.made.add(fullname)
        _seen.add(package)
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module."""
        return _Stub(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Run nothing."""


_LIBRARIES = tuple(sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib"))


def _asked_by_a_library() -> bool:
    """Say whether what is installed asks for a module: it does without it by itself."""
    frame: FrameType | None = sys._getframe(1)
    ours = (__file__, "<frozen importlib", importlib.__file__)
    while frame is not None and frame.f_code.co_filename.startswith(ours):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(_LIBRARIES)


@contextmanager
def stubbed() -> Iterator[None]:
    """Let imports of what is dispensable and not installed succeed; afterwards they fail again."""
    finder = _Finder()
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in finder.made:
            sys.modules.pop(name, None)
