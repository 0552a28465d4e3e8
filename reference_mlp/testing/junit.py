"""A report as JUnit's XML."""

from __future__ import annotations

from xml.etree import ElementTree

from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.report import Report, numbers, plain

_KINDS = {
    Outcome.FLAGGED: "failure",
    Outcome.CRASHED: "error",
    Outcome.TIMED_OUT: "error",
    Outcome.INCONCLUSIVE: "skipped",
    Outcome.NOT_APPLICABLE: "skipped",
}


def junit(report: Report) -> str:
    """Return the report as JUnit's XML, a test case a check."""
    suites = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(
        suites,
        "testsuite",
        name=plain(report.name),
        tests=str(len(report.results)),
        failures=str(report.count(Outcome.FLAGGED)),
        errors=str(report.count(Outcome.CRASHED) + report.count(Outcome.TIMED_OUT)),
        skipped=str(report.count(Outcome.NOT_APPLICABLE) + report.count(Outcome.INCONCLUSIVE)),
        time=f"{sum(result.seconds for result in report.results):.3f}",
    )
    for result in report.results:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=plain(report.name),
            name=result.check,
            time=f"{result.seconds:.3f}",
        )
        if result.outcome is not Outcome.PASSED:
            message = f"{result.outcome}: {plain(result.message)}"
            kind = ElementTree.SubElement(case, _KINDS[result.outcome], message=message)
            kind.text = numbers(result) or None
    declaration = '<?xml version="1.0" encoding="utf-8"?>\n'
    return declaration + ElementTree.tostring(suites, encoding="unicode") + "\n"
