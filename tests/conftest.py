"""Options of the suite, the matrix in its summary, and where the full MNIST is."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from rich.console import Console
from threadpoolctl import threadpool_limits

from buggy_variants.catalog import find
from buggy_variants.matrix import REFERENCE, Cell, write_json
from buggy_variants.table import matrix_view
from reference_mlp.digits import ENVIRONMENT
from reference_mlp.testing import CHECKS, Outcome

CELL = "gradbugs cell"
BESIDE = Path(__file__).parents[2] / "shared" / "data" / "mnist"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("gradbugs", "the matrix of bugs and checks")
    group.addoption(
        "--variant",
        action="append",
        default=[],
        metavar="ID",
        help="run only this row of the matrix, and no other test; may be repeated",
    )
    group.addoption("--matrix-json", type=Path, metavar="PATH", help="write the matrix as JSON")


def pytest_configure(config: pytest.Config) -> None:
    try:
        names = [v if v == REFERENCE else find(v).id for v in config.getoption("--variant")]
    except KeyError as error:
        raise pytest.UsageError(error.args[0]) from None
    config.option.variant = names


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = config.getoption("--variant")
    if chosen:
        kept = [item for item in items if _variant_of(item) in chosen]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def _variant_of(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    variant: str | None = None if callspec is None else callspec.params.get("variant")
    return variant


@pytest.fixture(scope="session", autouse=True)
def _one_blas_thread() -> Iterator[None]:
    # Arrays are small: on a busy machine threads that wait for each other take ten times as long.
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session", autouse=True)
def _interrupts_heard() -> None:
    # What a shell runs in the background ignores Ctrl-C, and so would commands that tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def full_mnist() -> Path:
    """Folder of the full set; a wrong one in the environment fails rather than skips."""
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    if BESIDE.is_dir():
        return BESIDE
    pytest.skip(f"no full MNIST: {ENVIRONMENT} is not set and ../shared/data/mnist not there")


@pytest.fixture
def record_cell(request: pytest.FixtureRequest) -> Callable[[Cell], None]:
    """Hand a cell over to the summary, from whatever process the test runs in."""

    def record(cell: Cell) -> None:
        # Plain types only: an enumeration doesn't cross from process to process.
        outcomes = {"outcome": cell.outcome.value, "expected": cell.expected.value}
        request.node.user_properties.append((CELL, asdict(cell) | outcomes))

    return record


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    cells = [
        Cell(**value | {key: Outcome(value[key]) for key in ("outcome", "expected")})
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == CELL and report.when == "call"
    ]
    if not cells:
        return
    order = list(CHECKS)
    cells.sort(key=lambda c: (c.variant != REFERENCE, c.variant, order.index(c.check)))
    terminalreporter.section("the matrix")
    width = min(terminalreporter._tw.fullwidth, 120)
    console = Console(
        width=width,
        force_terminal=terminalreporter.hasmarkup,
        color_system="standard" if terminalreporter.hasmarkup else None,
        highlight=False,
    )
    with console.capture() as captured:
        console.print(matrix_view(cells, width=width))
    terminalreporter.write(captured.get())
    if path := terminalreporter.config.getoption("--matrix-json"):
        write_json(path, cells)
