"""Bar charts of results, drawn as SVG on the server, with labels inside.

Colours and sizes come from `css/pages/portrait.css` (`chart…`), so that a chart follows the theme, the size of
the reader's text and the printer; lengths are percentages of the width, so that it fills its container.
A chart is never alone: its table stands beside it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString

from pole.text.markup import EMPTY, Markup, joined

# Characters of a label's line: what a telephone 320 px wide shows at the size of the page's text.
MAX_LINE_CHARACTERS, MAX_LABEL_LINES = 28, 7
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


_CHART = Markup(
    '<svg class="chart" role="img" aria-labelledby="{key}-title" width="100%" height="{height}em">'
    '<title id="{key}-title">{title}</title>{bars}</svg>'
)
_LINE = Markup('<text class="chart__label" x="0" y="{y}em"{lang}>{text}</text>')
_LANG = Markup(' lang="{language}"')
_BAR = Markup(
    '{lines}<rect class="chart__bar{weak}" x="0" y="{y}em" width="{width}%" height="{height}em"/>'
    '<text class="chart__value" x="{width}%" y="{value_y}em" dx="0.5em">{value}</text>'
)
_WEAK = SafeString(" chart__bar--weak")


def bar_chart(rows: Sequence[Bar], *, key: str, title: str) -> SafeString:
    """Horizontal bars, the first on top. `key` makes the ids unique in the page; `title` is read aloud."""
    bars = []
    top = 0.0
    for row in rows:
        lines = _wrap_label(row.label)
        bar_top = top + len(lines) * LINE_EM
        bars.append(_bar(row, lines, top, bar_top))
        top = bar_top + BAR_EM + GAP_EM
    height = _svg_number(max(top - GAP_EM, BAR_EM) + 0.3)
    return _CHART(key=key, title=title, height=height, bars=joined(bars))


def _bar(row: Bar, lines: Sequence[str], top: float, bar_top: float) -> SafeString:
    lang = _LANG(language=row.language) if row.language else EMPTY
    # Nothing at all is still seen to be there.
    length = max(LONGEST_BAR_PERCENT * min(row.share, 1.0), 0.4)
    return _BAR(
        lines=joined(
            [
                _LINE(y=_svg_number(top + n * LINE_EM + 1), lang=lang, text=line)
                for n, line in enumerate(lines)
            ]
        ),
        weak=EMPTY if row.is_strong else _WEAK,
        y=_svg_number(bar_top + 0.12),
        width=_svg_number(length),
        height=_svg_number(BAR_EM),
        value=row.value,
        value_y=_svg_number(bar_top + 0.82),
    )


@lru_cache(1_000)
def _wrap_label(label: str) -> Sequence[str]:
    """The label in lines, the last one cut with an ellipsis if there is more."""
    return textwrap.wrap(
        label, MAX_LINE_CHARACTERS, max_lines=MAX_LABEL_LINES, placeholder="…", break_long_words=True
    ) or [""]


def _svg_number(length: float) -> str:
    """A number with a decimal point, whatever the language of the page."""
    return f"{length:.2f}".rstrip("0").rstrip(".")


# --- Drawings of what a total does not say: `forums.results.charts` draws them on a page, Typst on paper, from `as_plain` ---


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole bar: `start` and `share` are from 0 to 1, `sign` is written on it, `level` goes from 0, the lightest, to 1."""

    start: float
    share: float
    sign: str
    level: float
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """A whole bar. `value` is what its marked part says, in words."""

    label: str
    value: str
    parts: Sequence[Part]
    language: str = ""


@dataclass(frozen=True, slots=True)
class Stacks:
    """Bars of one length, each made of parts; a line through the middle of all, of which `middle` says what it is."""

    rows: Sequence[Stack]
    middle: str

    def as_plain(self) -> dict[str, Any]:
        return {"kind": "stacks", **asdict(self)}


@dataclass(frozen=True, slots=True)
class Step:
    """What a row had for a while: `words` say how long and how much, `share` is its length, from 0 to 1."""

    words: str
    share: float


@dataclass(frozen=True, slots=True)
class Course:
    label: str
    value: str
    steps: Sequence[Step]
    is_strong: bool = True
    language: str = ""


@dataclass(frozen=True, slots=True)
class Courses:
    """Rows that change from step to step, a thin bar a step; and what was needed, a line where it was always the same."""

    rows: Sequence[Course]
    needed: str = ""
    needed_share: float = 0.0

    def as_plain(self) -> dict[str, Any]:
        return {"kind": "courses", **asdict(self)}


type Drawing = Stacks | Courses


def _label(label: str, top: float) -> list[dict[str, str]]:
    return [
        {"text": line, "y": _svg_number(top + n * LINE_EM + 1)} for n, line in enumerate(_wrap_label(label))
    ]
