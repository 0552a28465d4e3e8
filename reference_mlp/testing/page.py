"""A report as HTML: a table for a notebook, and a page of its own."""

from __future__ import annotations

from html import escape

from reference_mlp.testing.evidence import Outcome
from reference_mlp.testing.registry import CHECKS
from reference_mlp.testing.report import ALARMS, Report, numbers, plain
from reference_mlp.testing.run import Result

_STYLE = """
:root { color-scheme: light dark; --alarm: #a40e0e; --soft: #666; --line: #ddd; --back: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --alarm: #ff8a80; --soft: #a0a0a0; --line: #444; --back: #16181c; }
}
body { font: 16px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 62rem;
       padding: 0 1rem; background: var(--back); overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; }
table { border-collapse: collapse; width: 100%; }
th { white-space: nowrap; }
th, td { padding: .35rem .6rem .35rem 0; text-align: left; vertical-align: top;
         border-bottom: 1px solid var(--line); }
td:nth-child(1), td:nth-child(2) { white-space: nowrap; }
.alarm td:first-child, .verdict.bad { color: var(--alarm); font-weight: 600; }
.numbers, summary, details { color: var(--soft); }
.numbers { display: block; font-size: .875rem; }
details { margin-top: 1rem; }
.gradbugs-stability { margin-top: 1.5rem; overflow-x: auto; overflow-wrap: normal; }
@media (max-width: 40rem) {
  .results thead { display: none; }
  .results tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .results td { display: block; border: 0; padding: 0; }
}
"""
_REST = (Outcome.INCONCLUSIVE, Outcome.PASSED, Outcome.NOT_APPLICABLE)


def page(report: Report) -> str:
    """Return the report as a page that needs no other file."""
    title = escape(plain(report.name))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}: gradbugs</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>gradbugs check</h1>\n{table(report)}</body></html>\n"
    )


def table(report: Report) -> str:
    """Return the report as a piece of HTML: the alarms in the open, the rest folded away."""
    good = "good" if report.clean else "bad"
    pieces = [f'<p class="verdict {good}">{escape(report.verdict)}</p>']
    if report.used:
        pieces.append(f"<p>Trained by the reference's {', '.join(report.used)}, not its own.</p>")
    if report.alarms:
        pieces.append(_rows(report.alarms))
    for outcome in _REST:
        results = tuple(r for r in report.results if r.outcome is outcome)
        if results:
            title = {"n/a": "not applicable"}.get(outcome, outcome)
            pieces.append(
                f"<details><summary>{len(results)} {title}</summary>{_rows(results)}</details>"
            )
    pieces += [section._repr_html_() for section in report.sections.values()]
    return f'<div class="gradbugs">{"".join(pieces)}</div>'


def _rows(results: tuple[Result, ...]) -> str:
    rows = "".join(
        f'<tr class="{"alarm" if result.outcome in ALARMS else "rest"}">'
        f"<td>{escape(result.outcome)}</td>"
        f'<td title="{escape(CHECKS[result.check].summary)}">{escape(result.check)}</td>'
        f'<td>{escape(plain(result.message))} <small class="numbers">{numbers(result)}</small></td>'
        "</tr>\n"
        for result in results
    )
    heads = "<th>outcome</th><th>check</th><th>what was found</th>"
    head = f"<thead><tr>{heads}</tr></thead>"
    return f'<table class="results">{head}<tbody>\n{rows}</tbody></table>'
