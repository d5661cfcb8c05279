"""The figures of a sealed vote as a page shows them: sentences, chart, table, sums, seal.

Nothing of them changes once the box is sealed. They are drawn once for each report that `forums.results.sealed_rounds` keeps, and go
away with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from forums.results.priority_groups import PriorityGroup
from forums.results.report import RoundReport

# Of `RoundReport.drawn`.
TURNOUT = "turnout"


def figures_html(
    report: RoundReport,
    notes: Mapping[str, str],
    *,
    groups: Sequence[PriorityGroup] = (),
    shows_heading: bool = False,
) -> SafeString:
    """`groups`: the priorities that stand above, whose ties are printed there. `notes` are those of the report."""
    above = tuple(any(group.question is each for group in groups) for each in report.questions)
    key = (above, shows_heading)
    if key not in report.drawn:
        context = {"report": report, "notes": notes, "groups": groups, "shows_heading": shows_heading}
        report.drawn[key] = render_to_string("forums/_figures.html", context)
    return report.drawn[key]


def turnout_html(report: RoundReport) -> SafeString:
    """Who voted, as a picture and in words."""
    if TURNOUT not in report.drawn:
        report.drawn[TURNOUT] = render_to_string("forums/_turnout.html", {"report": report})
    return report.drawn[TURNOUT]
