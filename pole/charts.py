"""Bar charts of results, drawn as SVG on the server, with labels inside.

Colours and sizes come from `css/components.css` (`chart…`), so that a chart follows the theme, the size of
the reader's text and the printer; lengths are percentages of the width, so that it fills its container.
A chart is never alone: its table stands beside it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# Characters of a label's line: what a telephone 320 px wide shows at the size of the page's text.
MAX_LINE_CHARACTERS, MAX_LABEL_LINES = 34, 6
# In em: one line of text, a bar, and what separates two bars.
LINE_EM, BAR_EM, GAP_EM = 1.35, 0.8, 1.05
# Of the width: the longest bar. The rest is for the value that follows it.
LONGEST_BAR_PERCENT = 62


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


def bar_chart(rows: Sequence[Bar], *, key: str, title: str) -> SafeString:
    """Horizontal bars, the first on top. `key` makes the ids unique in the page; `title` is read aloud."""
    drawn, top = [], 0.0
    for row in rows:
        drawn.append(_bar(row, top))
        top += len(_wrap_label(row.label)) * LINE_EM + BAR_EM + GAP_EM
    return format_html(
        '<svg class="chart" role="img" aria-labelledby="{0}-title" width="100%" height="{1}em">'
        '<title id="{0}-title">{2}</title>{3}</svg>',
        key,
        _svg_number(max(top - GAP_EM, BAR_EM) + 0.3),
        title,
        format_html_join("", "{}", ((bar,) for bar in drawn)),
    )


def _bar(row: Bar, top: float) -> SafeString:
    lines = _wrap_label(row.label)
    bar_top = top + len(lines) * LINE_EM + 0.12
    length = LONGEST_BAR_PERCENT * min(max(row.share, 0.0), 1.0)
    label = format_html_join(
        "",
        '<text class="chart__label" x="0" y="{}em"{}>{}</text>',
        (
            (_svg_number(top + n * LINE_EM + 1), _lang_attribute(row.language), line)
            for n, line in enumerate(lines)
        ),
    )
    return format_html(
        '{}<rect class="chart__bar{}" x="0" y="{}em" width="{}%" height="{}em"/>'
        '<text class="chart__value" x="{}%" y="{}em" dx="0.5em">{}</text>',
        label,
        "" if row.is_strong else " chart__bar--weak",
        _svg_number(bar_top),
        # Nothing at all is still seen to be there.
        _svg_number(max(length, 0.4)),
        _svg_number(BAR_EM),
        _svg_number(max(length, 0.4)),
        _svg_number(bar_top + 0.7),
        row.value,
    )


def _lang_attribute(language: str) -> SafeString:
    return format_html(' lang="{}"', language) if language else SafeString("")


def _wrap_label(label: str) -> list[str]:
    """The label in lines, the last one cut with an ellipsis if there is more."""
    return textwrap.wrap(
        label, MAX_LINE_CHARACTERS, max_lines=MAX_LABEL_LINES, placeholder="…", break_long_words=True
    ) or [""]


def _svg_number(length: float) -> str:
    """A number with a decimal point, whatever the language of the page."""
    return f"{length:.2f}".rstrip("0").rstrip(".")
