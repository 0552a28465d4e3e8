"""Checks of an implementation and, where they find something, the known bug that fits it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from buggy_variants.diagnosis.result import Diagnosis
from buggy_variants.diagnosis.search import diagnose
from reference_mlp.testing import Implementation, NetworkFactory, Setting
from reference_mlp.testing.adapt import Adapted
from reference_mlp.testing.assembly import with_training
from reference_mlp.testing.check_implementation import check_implementation
from reference_mlp.testing.isolation import Isolated
from reference_mlp.testing.probes import Observation, observe
from reference_mlp.testing.report import Report
from reference_mlp.testing.run import TIME_LIMIT, Result, TimedOut, dtype_of, in_words, limited
from reference_mlp.testing.target import implementation_from

SECONDS = 2.0
"""How long several bugs at once are looked for: to wait longer for such a find isn't worth it."""


def check_and_diagnose(
    implementation: Implementation | NetworkFactory | Callable[[], Adapted | Implementation],
    *,
    checks: Iterable[str] | None = None,
    setting: Setting | None = None,
    time_limit: float = TIME_LIMIT,
) -> Report:
    """Return the report of `check_implementation`, which takes the same, with a diagnosis in it.

    The diagnosis is `report.sections["diagnosis"]`, there where something is wrong. It is shown
    beneath the report, in a notebook and in a terminal, and is in its data and HTML. Raises what
    `check_implementation` raises.

    >>> from buggy_variants import find
    >>> report = check_and_diagnose(find("GB053").implementation, checks=["parameter_differences"])
    >>> report.sections["diagnosis"].ids
    (('GB053',),)
    """
    given = with_training(
        implementation_from(implementation, getattr(implementation, "__name__", "network"))
    )
    at = setting or Setting(dtype=dtype_of(given))
    report = check_implementation(given, checks=checks, setting=at, time_limit=time_limit)
    if not report.alarms:
        return report
    try:
        with limited(time_limit):
            observation = observe(given, at)
    except TimedOut:
        found = Diagnosis(report.name, failed=f"no answer within {time_limit:g} s")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the code under test does
        found = Diagnosis(report.name, failed=in_words(error))
    else:
        found = _diagnosed(observation, report.results)
    return replace(report, sections={**report.sections, "diagnosis": found})


def diagnosis_of(isolated: Isolated, results: Iterable[Result], setting: Setting) -> Diagnosis:
    """Return the diagnosis of an implementation in its own process; what fails is said in it."""
    answer = isolated.reply(observe, setting)
    if answer.value is None:
        return Diagnosis(isolated.target, failed=answer.failure)
    return _diagnosed(answer.value, results)


def _diagnosed(observation: Observation, results: Iterable[Result]) -> Diagnosis:
    """Return the diagnosis; a fault of ours is no reason to lose what the checks have found."""
    try:
        return diagnose(observation, results, seconds=SECONDS)
    except Exception as error:  # noqa: BLE001
        return Diagnosis(observation.name, failed=in_words(error))
