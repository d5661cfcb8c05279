"""Figures of a vote as their page draws them: bars, the grades of a judgment, the stages of a ranking.

Words are HTML, which wraps at any width; lengths are those of a small SVG in each row, in percent of its width. To whoever hears
the page a drawing is one image: its table, beside it, says the same. Looks are in `css/pages/results.css` (`bars…`).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from forums.vote.methods.base import ResultRow, Threshold
from pole.charts import Course, Courses, Drawing, Part, Stack, Stacks
from pole.templatetags.typography import number, ordinals
from pole.text.markup import EMPTY, Markup, joined

# Of the whole: a narrower part would cut the letter that is written on it.
NARROWEST_SIGN = 0.06
# In percent: nothing at all is still seen to be there.
SHORTEST = 0.4
# In percent: what is written over a line nearer to an end than this begins, or ends, at the line.
NEAR_AN_END = 20

_CHART = Markup('<div class="bars{kind}" role="img" aria-label="{title}">{scale}{rows}</div>')
_SCALE = Markup(
    '<svg class="bars__scale" width="100%" height="1.5em"><text x="{x}%" y="1.05em" text-anchor="{anchor}">{words}</text></svg>'
)
_ROW = Markup(
    '<div class="bars__row{strength}"><p class="bars__label"{lang}>{label}</p><p class="bars__value">{value}</p>{drawing}</div>'
)
_LANG = Markup(' lang="{language}"')
_BAR = Markup(
    '<svg class="bars__drawing" width="100%" height="1.1em"><rect class="bars__ground" width="100%" height="100%"/>'
    '<rect class="bars__bar" width="{width}%" height="100%"/>{line}</svg>'
)
# Seen on a bar and beside it.
_LINE = Markup(
    '<line class="bars__halo" x1="{x}%" x2="{x}%" y1="0" y2="100%"/><line class="bars__line" x1="{x}%" x2="{x}%" y1="{over}" y2="100%"/>'
)
_LIMIT = Markup('<p class="bars__limit"><span>{words}</span></p>')
_STACK = Markup('<svg class="bars__drawing" width="100%" height="2em">{parts}{line}{signs}</svg>')
_PART = Markup('<rect class="bars__part" x="{x}%" width="{width}%" height="100%" fill-opacity="{level}"/>')
_MARKED = Markup('<rect class="bars__marked" x="{x}%" width="{width}%" height="100%"/>')
_SIGN = Markup('<text class="bars__sign" x="{x}%" y="1.35em" text-anchor="middle">{sign}</text>')
_STEPS = Markup('<div class="bars__steps">{steps}</div>')
_STEP = Markup(
    '<svg class="bars__drawing" width="100%" height="1.5em"><rect class="bars__bar" y="0.3em" width="{width}%" height="0.9em"/>{line}</svg>'
    '<p class="bars__step">{words}</p>'
)


def bars_html(rows: Sequence[ResultRow], *, title: str, threshold: Threshold | None) -> SafeString:
    """The totals, in the order given: a whole width is everyone where shares are of people, else the longest.

    Where those that are retained come first, a line after them says so; `threshold` is drawn across the first bar.
    """
    whole, retained = _whole(rows), _retained_first(rows)
    drawn = []
    for place, row in enumerate(rows, start=1):
        is_measured = threshold is not None and place == 1
        bar = _BAR(
            width=_length(row.total / whole),
            line=_LINE(x=_percent(threshold.share), over="-1.6em") if threshold and is_measured else EMPTY,
        )
        drawn.append(
            _row(row.label, row.title_language, row.short_figure, bar, row.is_retained or is_measured)
        )
        if place == retained:
            drawn.append(_LIMIT(words=_limit_words(retained)))
    scale = _scale(threshold.share, threshold.words) if threshold else EMPTY
    return _CHART(kind=EMPTY, title=title, scale=scale, rows=joined(drawn))


def drawing_html(drawing: Drawing, *, title: str) -> SafeString:
    """What a total does not say."""
    if isinstance(drawing, Stacks):
        kind, scale = " bars--stacks", _scale(0.5, drawing.middle)
        rows = [_row(each.label, each.language, each.value, _stack(each), True) for each in drawing.rows]
    else:
        kind, scale = " bars--courses", _scale(drawing.needed_share, drawing.needed)
        rows = [_course(each, drawing) for each in drawing.rows]
    return _CHART(kind=kind, title=title, scale=scale, rows=joined(rows))


def _row(label: str, language: str, value: str, drawing: SafeString, is_strong: bool) -> SafeString:
    return _ROW(
        strength=EMPTY if is_strong else " bars__row--weak",
        lang=_LANG(language=language) if language else EMPTY,
        label=ordinals(label),
        value=ordinals(value),
        drawing=drawing,
    )


def _whole(rows: Sequence[ResultRow]) -> float:
    """What a whole width stands for."""
    measured = next((row for row in rows if row.share and row.whole is None), None)
    if measured and measured.share:
        return float(measured.total / measured.share)
    return max((row.total for row in rows), default=0) or 1


def _retained_first(rows: Sequence[ResultRow]) -> int:
    """How many are retained, where they come before all the others; 0 elsewhere, or without others."""
    retained = sum(row.is_retained for row in rows)
    comes_first = all(row.is_retained for row in rows[:retained])
    return retained if comes_first and retained < len(rows) else 0


def _limit_words(retained: int) -> str:
    words = ngettext("Above this line: %(shown)s retained", "Above this line: %(shown)s retained", retained)
    return words % {"shown": number(retained)}


def _stack(row: Stack) -> SafeString:
    parts = [each for each in row.parts if each.share]
    marked = [_MARKED(x=_percent(each.start), width=_percent(each.share)) for each in parts if each.is_marked]
    return _STACK(
        parts=joined([*map(_part, parts), *marked]),
        line=_LINE(x="50", over="0"),
        signs=joined(
            _SIGN(x=_percent(each.start + each.share / 2), sign=each.sign)
            for each in parts
            if each.share >= NARROWEST_SIGN
        ),
    )


def _part(part: Part) -> SafeString:
    return _PART(x=_percent(part.start), width=_percent(part.share), level=_decimal(part.level))


def _course(row: Course, drawing: Courses) -> SafeString:
    line = _LINE(x=_percent(drawing.needed_share), over="0") if drawing.needed else EMPTY
    steps = joined(
        _STEP(width=_length(step.share), line=line, words=ordinals(step.words)) for step in row.steps
    )
    return _row(row.label, row.language, row.value, _STEPS(steps=steps) if steps else EMPTY, row.is_strong)


def _scale(share: float, words: str) -> SafeString:
    """Over the bars, what the line across them is; nothing without words."""
    if not words:
        return EMPTY
    at = 100 * min(share, 1)
    anchor = "start" if at < NEAR_AN_END else "end" if at > 100 - NEAR_AN_END else "middle"
    return _SCALE(x=_decimal(at), anchor=anchor, words=words)


def _length(share: float) -> str:
    return _decimal(max(100 * min(share, 1), SHORTEST))


def _percent(share: float) -> str:
    return _decimal(100 * min(share, 1))


def _decimal(length: float) -> str:
    """With a decimal point, whatever the language of the page."""
    return f"{length:.2f}".rstrip("0").rstrip(".")
