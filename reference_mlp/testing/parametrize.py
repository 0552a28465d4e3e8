"""The checks as tests of somebody's own suite: one readable id a check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pytest

from reference_mlp.testing.adapt import Adapted
from reference_mlp.testing.assembly import with_training
from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.implementation import Implementation, NetworkFactory
from reference_mlp.testing.registry import CHECKS, Setting
from reference_mlp.testing.report import ALARMS, numbers, plain
from reference_mlp.testing.run import Result, dtype_of, run_check
from reference_mlp.testing.target import implementation_from


class CheckFailed(AssertionError):  # noqa: N818 - it is what a test says, not an error of ours
    """A check flags the implementation."""


@dataclass(frozen=True)
class CheckOf:
    """One check of one implementation, as a test calls it."""

    check: str
    implementation: Implementation
    setting: Setting

    def __call__(self) -> None:
        """Pass, skip where the check does not apply, or raise CheckFailed with the evidence."""
        __tracebackhide__ = True  # pytest shows the test's own line, and the evidence
        judge(run_check(CHECKS[self.check], self.implementation, setting=self.setting))


def judge(result: Result) -> None:
    """Raise CheckFailed for a result that says that something is wrong, skip what says nothing."""
    if result.outcome in ALARMS:
        found = (plain(result.message), numbers(result), f"replay seed {result.setting.seed}")
        msg = f"{result.outcome}: {'; '.join(filter(None, found))}"
        raise CheckFailed(msg)
    if result.outcome is not Outcome.PASSED:
        pytest.skip(f"{result.outcome}: {plain(result.message)}")


def parametrize_with_checks(
    implementations: Iterable[
        Implementation | NetworkFactory | Callable[[], Adapted | Implementation]
    ],
    *,
    expected_failures: Mapping[str, str] | None = None,
    setting: Setting | None = None,
) -> pytest.MarkDecorator:
    """Return the decorator of a test that takes a `check` and calls it.

    `expected_failures` maps names of checks to why they are known to fail: such a test must fail,
    and one that passes is a failure. A network without training of its own is trained by the
    reference; where no setting is given, the dtype is float64, or what the network comes in.

    Raises KeyError for an unknown check in `expected_failures`, and TargetError for what is no
    implementation and builds none.

    >>> from reference_mlp.testing import assemble
    >>> @parametrize_with_checks([assemble()], expected_failures={"convergence": "too slow"})
    ... def test_my_network(check):
    ...     check()
    """
    expected = dict(expected_failures or {})
    if unknown := sorted(set(expected) - set(CHECKS)):
        msg = f"expected_failures names {unknown}, expected checks among {sorted(CHECKS)}"
        raise KeyError(msg)
    params = []
    names: Counter[str] = Counter()
    for given in implementations:
        name = getattr(given, "__name__", "network")
        implementation = with_training(implementation_from(given, name))
        names[implementation.name] += 1
        # Two of one name are told apart by a number: each test has an id of its own.
        count = names[implementation.name]
        prefix = implementation.name if count == 1 else f"{implementation.name}_{count}"
        at = setting or Setting(dtype=dtype_of(implementation))
        for name in CHECKS:
            marks = (
                [pytest.mark.xfail(raises=CheckFailed, strict=True, reason=expected[name])]
                if name in expected
                else []
            )
            test = CheckOf(name, implementation, at)
            params.append(pytest.param(test, marks=marks, id=f"{prefix}-{name}"))
    return pytest.mark.parametrize("check", params)
