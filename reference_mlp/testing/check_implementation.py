"""All checks of one implementation, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress

from reference_mlp.testing.adapt import Adapted
from reference_mlp.testing.assembly import with_training
from reference_mlp.testing.implementation import Implementation, NetworkFactory
from reference_mlp.testing.registry import CHECKS, Setting
from reference_mlp.testing.report import Report, Section
from reference_mlp.testing.run import (
    TIME_LIMIT,
    Result,
    TimedOut,
    dtype_of,
    limited,
    run_check,
)
from reference_mlp.testing.stability.section import CHECKS as STABILITY_CHECKS
from reference_mlp.testing.stability.section import stability_of
from reference_mlp.testing.target import implementation_from


def check_implementation(
    implementation: Implementation | NetworkFactory | Callable[[], Adapted | Implementation],
    *,
    checks: Iterable[str] | None = None,
    setting: Setting | None = None,
    time_limit: float = TIME_LIMIT,
) -> Report:
    """Return the report of `checks`, by name, all where None, on an implementation.

    It is an `Implementation`, a factory of networks, or a function that returns either an adapted
    network or an implementation, as `gradbugs check` takes them. A network without training of its
    own is trained by the reference, and the report says so. Where no setting is given, the dtype is
    float64, or what the network comes in.

    The code runs in this process: what hangs is stopped at `time_limit` seconds a check where the
    system can, and what ends the process ends it; `gradbugs check` runs it in another. An
    interrupt returns what was found. Raises KeyError for an unknown check, and TargetError for what
    is no implementation and builds none.

    >>> from reference_mlp.testing import assemble
    >>> check_implementation(assemble(), checks=["parameter_differences"]).verdict
    'reference: 1 passed'
    """
    name = getattr(implementation, "__name__", "network")
    implementation = with_training(implementation_from(implementation, name))
    if setting is None:
        setting = Setting(dtype=dtype_of(implementation))
    wanted = [CHECKS[name] for name in (CHECKS if checks is None else checks)]
    results: list[Result] = []
    sections: dict[str, Section] = {}
    # What was found until an interrupt is worth having.
    with suppress(KeyboardInterrupt):
        results.extend(
            run_check(check, implementation, setting=setting, time_limit=time_limit)
            for check in wanted
        )
        if STABILITY_CHECKS.intersection(check.name for check in wanted):
            # What its functions raise is in it; what hangs is timed out in the checks, too.
            with suppress(TimedOut), limited(time_limit):
                if (found := stability_of(implementation)) is not None:
                    sections["stability"] = found
    lent = tuple(sorted(implementation.lent))
    return Report(implementation.name, tuple(results), len(wanted), lent, sections=sections)
