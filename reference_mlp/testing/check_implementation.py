"""All checks of one implementation, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from reference_mlp.testing.adapt import Adapted, implementation_of
from reference_mlp.testing.assembly import with_training
from reference_mlp.testing.implementation import Implementation
from reference_mlp.testing.registry import CHECKS, Setting
from reference_mlp.testing.report import Report
from reference_mlp.testing.run import TIME_LIMIT, Result, dtype_of, run_check


def check_implementation(
    implementation: Implementation | Callable[[], Adapted],
    *,
    checks: Iterable[str] | None = None,
    setting: Setting | None = None,
    time_limit: float = TIME_LIMIT,
) -> Report:
    """Return the report of `checks`, by name, all where None, on an implementation.

    A function that returns an adapted network will do. A network without training of its own is
    trained by the reference, and the report says so. Where no setting is given, the dtype is
    float64, or what the network comes in.

    The code runs in this process: what hangs is stopped at `time_limit` seconds a check where the
    system can, and what ends the process ends it; `gradbugs check` runs it in another. An
    interrupt returns what was found. Raises KeyError for an unknown check.

    >>> from reference_mlp.testing import assemble
    >>> check_implementation(assemble(), checks=["parameter_differences"]).verdict
    'reference: 1 passed'
    """
    if not isinstance(implementation, Implementation):
        implementation = implementation_of(implementation)
    implementation = with_training(implementation)
    if setting is None:
        setting = Setting(dtype=dtype_of(implementation))
    wanted = [CHECKS[name] for name in (CHECKS if checks is None else checks)]
    results: list[Result] = []
    # What was found until an interrupt is worth having.
    with suppress(KeyboardInterrupt):
        results.extend(
            run_check(check, implementation, setting=setting, time_limit=time_limit)
            for check in wanted
        )
    lent = tuple(sorted(implementation.lent))
    return Report(implementation.name, tuple(results), len(wanted), lent)
