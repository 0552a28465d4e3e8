"""The pytest plugin: `pytest --gradbugs my_net.py:make_network` adds a test for each check.

It loads nothing until it is asked for: every run of pytest loads it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from reference_mlp.testing.run import Result

_FILES = (".py", ".ipynb", ".md", ".markdown")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the ini key that name the implementations under test."""
    text = "check this implementation: my_net.py:make_network, or package.module:name"
    parser.getgroup("gradbugs").addoption(
        "--gradbugs", action="append", default=[], metavar="TARGET", help=f"{text}; repeatable"
    )
    parser.addini("gradbugs", f"{text}; one a line", type="linelist", default=[])


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Collect each implementation that is named, after everything else."""
    report = yield
    if isinstance(collector, pytest.Session) and report.result is not None:
        report.result.extend(_targets(collector))
    return report


def _targets(session: pytest.Session) -> Iterator[Target]:
    config = session.config
    named: list[str] = config.getoption("--gradbugs")
    settings: list[str] = config.getini("gradbugs")
    # What a file of settings names is found from where that file is.
    places = dict.fromkeys(named, Path.cwd()) or dict.fromkeys(settings, config.rootpath)
    for target, folder in places.items():
        found: Target = Target.from_parent(session, name=target, nodeid=target, folder=folder)
        yield found


class Target(pytest.Collector):
    """One implementation: its checks share a process, started when the first of them is made."""

    def __init__(self, *, folder: Path, **options: Any) -> None:
        super().__init__(**options)
        self.folder = folder
        self._isolated: Any = None
        self._failed: Exception | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each check."""
        from reference_mlp.testing.registry import CHECKS

        for name in CHECKS:
            yield CheckItem.from_parent(self, name=name)

    def result(self, check: str) -> Result:
        """Return the result of a check, by its name."""
        from reference_mlp.testing.isolation import Isolated

        if self._isolated is None:
            place, colon, name = self.name.rpartition(":")
            where = str(self.folder / place) if place.endswith(_FILES) else place
            self._isolated = Isolated(f"{where}{colon}{name}")
            self.config.add_cleanup(self._isolated.close)
        if self._failed is not None:
            raise self._failed
        try:
            result: Result = self._isolated.run(check)
        except Exception as error:
            self._failed = error  # what can't be loaded is tried once
            raise
        return result


class CheckItem(pytest.Item):
    """One check of the implementation under test."""

    parent: Target

    def runtest(self) -> None:
        """Make the check in its own process, and fail with its evidence."""
        from reference_mlp.testing.parametrize import judge

        judge(self.parent.result(self.name))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the evidence alone: the traceback is ours and tells nothing."""
        from reference_mlp.testing.parametrize import CheckFailed
        from reference_mlp.testing.report import plain
        from reference_mlp.testing.target import TargetError

        if isinstance(excinfo.value, CheckFailed | TargetError):
            return plain(str(excinfo.value))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, None, str]:
        """Return where it is: in the target."""
        return self.parent.name.rpartition(":")[0], None, self.name
