"""Charts drawn as SVG on the server: bars, with their words in them.

Colours and sizes come from `css/components.css` (`chart…`), so that a chart follows the theme, the size of
the reader's text and the printer; lengths are shares of the width, so that it is as wide as its place.
A chart is never alone: its table stands beside it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Characters of a label's line: what a telephone 320 px wide shows at the size of the page's text.
LINE_CHARACTERS, MOST_LINES = 34, 6
# In em: one line of text, a bar, and what separates two bars.
LINE_EM, BAR_EM, GAP_EM = 1.35, 0.8, 1.05
# Of the width: the longest bar. The rest is for the value that follows it.
LONGEST_PERCENT = 62


@dataclass(frozen=True, slots=True)
class Bar:
    """`share` is the length, from 0 to 1; `value` what is written after it."""

    label: str
    value: str
    share: float
    # The others are drawn in grey: say the difference in `label` or `value` too.
    is_strong: bool = True
    # Of the label, when it is not the page's.
    language: str = ""


def bars(rows: Sequence[Bar], *, key: str, title: str) -> SafeString:
    """Horizontal bars, the first on top. `key` makes the ids unique in the page; `title` is read aloud."""
    drawn, top = [], 0.0
    for row in rows:
        drawn.append(_bar(row, top))
        top += len(_lines(row.label)) * LINE_EM + BAR_EM + GAP_EM
    return format_html(
        '<svg class="chart" role="img" aria-labelledby="{0}-title" width="100%" height="{1}em">'
        '<title id="{0}-title">{2}</title>{3}</svg>',
        key,
        _written(max(top - GAP_EM, BAR_EM) + 0.3),
        title,
        format_html_join("", "{}", ((bar,) for bar in drawn)),
    )


def _bar(row: Bar, top: float) -> SafeString:
    lines = _lines(row.label)
    bar_top = top + len(lines) * LINE_EM + 0.12
    length = LONGEST_PERCENT * min(max(row.share, 0.0), 1.0)
    label = format_html_join(
        "",
        '<text class="chart__label" x="0" y="{}em"{}>{}</text>',
        ((_written(top + n * LINE_EM + 1), _lang(row.language), line) for n, line in enumerate(lines)),
    )
    return format_html(
        '{}<rect class="chart__bar{}" x="0" y="{}em" width="{}%" height="{}em"/>'
        '<text class="chart__value" x="{}%" y="{}em" dx="0.5em">{}</text>',
        label,
        "" if row.is_strong else " chart__bar--weak",
        _written(bar_top),
        # Nothing at all is still seen to be there.
        _written(max(length, 0.4)),
        _written(BAR_EM),
        _written(max(length, 0.4)),
        _written(bar_top + 0.7),
        row.value,
    )


def _lang(language: str) -> SafeString:
    return format_html(' lang="{}"', language) if language else SafeString("")


def _lines(label: str) -> list[str]:
    """The label in lines, the last one cut with an ellipsis if there is more."""
    return textwrap.wrap(
        label, LINE_CHARACTERS, max_lines=MOST_LINES, placeholder="…", break_long_words=True
    ) or [""]


def _written(length: float) -> str:
    """As SVG writes a number, whatever the language of the page."""
    return f"{length:.2f}".rstrip("0").rstrip(".")
