"""`gradbugs check`: somebody's own network."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from buggy_variants.cli import arguments
from buggy_variants.diagnosis import diagnose
from reference_mlp.testing import CHECKS, Setting
from reference_mlp.testing.isolation import Isolated, Limits
from reference_mlp.testing.probes import Observation, observe
from reference_mlp.testing.report import ALARMS, Report
from reference_mlp.testing.run import TIME_LIMIT, Result
from reference_mlp.testing.target import TargetError


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
    isolated = Isolated(args.target, Limits(args.seconds))
    interrupted = False
    observation: Observation | None = None
    with closing(isolated):
        try:
            loaded = isolated.load()
            dtype = np.dtype(args.dtype or loaded.dtype)
            setting = Setting(args.seed, dtype)
            _collect(results, isolated, checks, setting)
            if any(result.outcome in ALARMS for result in results):
                observation = isolated.call(observe, setting)
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
    Console(highlight=False).print(report)
    _write(args.json, report.to_json())
    _write(args.html, report.to_html())
    _write(args.junit, report.to_junit())
    if interrupted:
        raise KeyboardInterrupt
    if observation is not None:
        # Some bugs hide each other; to look for such pairs any longer isn't worth the wait.
        Console(highlight=False).print(diagnose(observation, results, seconds=2.0))
    if not report.clean and not report.alarms:
        msg = f"no check could judge {args.target}; --verbose tells why"
        raise arguments.CannotRunError(msg)
    return 0 if report.clean else 1


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
    """Write a file beside `path` first and then in its place."""
    if path is None:
        return
    aside = path.with_name(path.name + ".part")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        msg = f"{path} can't be written: {error.strerror}"
        raise arguments.CannotRunError(msg) from error
