"""`gradbugs check`: somebody's own network."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from buggy_variants.catalog import catalog
from buggy_variants.cli import arguments
from buggy_variants.diagnosis.implementation import diagnosis_of
from reference_mlp._files import write_text
from reference_mlp.testing import CHECKS, Setting
from reference_mlp.testing.adapters.stubs import missing_in_words
from reference_mlp.testing.isolation import Isolated, Limits
from reference_mlp.testing.report import Report, Section
from reference_mlp.testing.run import TIME_LIMIT, Result
from reference_mlp.testing.stability.section import CHECKS as STABILITY_CHECKS
from reference_mlp.testing.stability.section import stability_of
from reference_mlp.testing.target import TargetError

NOTHING_TO_MEASURE = "it gives no softmax, losses or activations to measure"


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "check",
        help="check a network of your own",
        description="Check a network of your own, in a process of its own. "
        "Exit status: 0 clean, 1 something is flagged, 2 it can't be checked, 130 interrupted.",
    )

    def add(*names: str, **options: Any) -> None:
        parser.add_argument(*names, **options)

    add("target", help="my_net.py:make_network, or package.module:name")
    add("--check", type=arguments.check, nargs="+", metavar="NAME", help="only these checks")
    add("--seed", type=arguments.seed, default=0, help="replays the same parameters and data")
    add("--dtype", choices=("float32", "float64"), help="float64, or what the network comes in")
    add("--seconds", type=arguments.seconds, default=TIME_LIMIT, help="what a check may take")
    add("--verbose", action="store_true", help="list every check, also those that don't apply")
    add("--json", type=arguments.writable, metavar="PATH", help="write the report as JSON")
    add("--html", type=arguments.writable, metavar="PATH", help="write it as a page")
    add("--junit", type=arguments.writable, metavar="PATH", help="write it as JUnit's XML")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the report; return 1 where something is flagged."""
    checks = list(dict.fromkeys(args.check or CHECKS))
    results: list[Result] = []
    sections: dict[str, Section] = {}
    isolated = Isolated(args.target, Limits(args.seconds))
    interrupted = False
    with closing(isolated):
        try:
            isolated.start()
            catalog()  # for the diagnosis: reading it takes no longer than loading the target
            loaded = isolated.load()
            _say_what_stands_in(loaded.stand_ins)
            dtype = np.dtype(args.dtype or loaded.dtype)
            setting = Setting(args.seed, dtype)
            _collect(results, isolated, checks, setting)
        except TargetError as error:
            raise arguments.CannotRunError(str(error)) from error
        except KeyboardInterrupt:
            if not results:
                raise
            interrupted = True
        report = Report(args.target, tuple(results), len(checks), loaded.lent, verbose=args.verbose)
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A terminal may lack a letter of somebody's name.
            sys.stdout.reconfigure(errors="backslashreplace")
        console = Console(highlight=False)
        console.print(report)
        try:
            for name, section in () if interrupted else _sections(isolated, report, setting):
                sections[name] = section
                console.print(section)
        except KeyboardInterrupt:
            interrupted = True
    report = replace(report, sections=sections)
    _write(args.json, report.to_json())
    _write(args.html, report.to_html())
    _write(args.junit, report.to_junit())
    if interrupted:
        raise KeyboardInterrupt
    if not report.clean and not report.alarms:
        msg = f"no check could judge {args.target}; --verbose tells why"
        raise arguments.CannotRunError(msg)
    return 0 if report.clean else 1


def _sections(
    isolated: Isolated, report: Report, setting: Setting
) -> Iterator[tuple[str, Section]]:
    """Yield what else there is to say of what was checked, by its name in the report."""
    if STABILITY_CHECKS.intersection(result.check for result in report.results):
        stability = isolated.call(stability_of)
        if stability is not None:
            yield "stability", stability
        elif report.verbose:
            console = Console(highlight=False)
            console.print(Text(f"stability: {NOTHING_TO_MEASURE}", "dim"))
    if report.alarms:
        yield "diagnosis", diagnosis_of(isolated, report.results, setting)


def _say_what_stands_in(packages: tuple[str, ...]) -> None:
    if packages:
        sys.stderr.write(f"gradbugs: {missing_in_words(packages)}\n")


def _collect(
    results: list[Result], isolated: Isolated, checks: Sequence[str], setting: Setting
) -> None:
    """Put the results into `results` as they come, so that an interrupt leaves those there are."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("checking", total=len(checks))
        for name in checks:
            bar.update(task, description=name)
            results.append(isolated.run(name, setting))
            bar.update(task, advance=1)


def _write(path: Path | None, text: str) -> None:
    if path is None:
        return
    try:
        write_text(path, text)
    except OSError as error:
        msg = f"{path} can't be written: {error.strerror}"
        raise arguments.CannotRunError(msg) from error
