"""Drawings of parts and of steps: their lengths, and what is written on them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pole.charts import Course, Courses, Part, Stack, Stacks, Step

counts = st.lists(st.integers(0, 50), min_size=5, max_size=7).filter(any)


def stack_of(given, label="Jardin"):
    whole, before, parts = sum(given), 0, []
    for place, count in enumerate(given):
        level = 1 - place / (len(given) - 1)
        parts.append(Part(before / whole, count / whole, "ABCDEFG"[place], level, place == 0))
        before += count
    return Stack(label, "Bien", parts)


@given(counts, st.text(max_size=200))
def test_parts_fill_the_bar_from_end_to_end_whatever_the_label_holds(given, label):
    svg = Stacks([stack_of(given, label)], "moitié").svg(key="k", title=label)
    drawn = [
        (float(x), float(width))
        for x, width in re.findall(r'class="chart__part" x="([\d.]+)%" y="[\d.]+em" width="([\d.]+)%"', svg)
    ]
    assert len(drawn) == sum(map(bool, given))
    end = 0.0
    for x, width in drawn:
        assert abs(x - end) < 0.02
        end = x + width
    assert abs(end - 100) < 0.05
    assert svg.count("<text") >= 3
    assert "<script" not in svg


def test_narrow_part_has_no_letter_that_would_be_cut():
    svg = Stacks([stack_of([95, 5, 0, 0, 0])], "moitié").svg(key="k", title="t")
    assert re.findall(r"chart__sign[^>]*>(\w)<", svg) == ["A"]


@given(st.lists(st.floats(0, 1), max_size=6), st.booleans())
def test_steps_never_run_out_of_the_drawing(shares, has_needed):
    row = Course("Jardin", "retenue", [Step("Tour 1 : 3", share) for share in shares])
    svg = Courses([row], needed="quota : 5" if has_needed else "", needed_share=0.5).svg(key="k", title="t")
    widths = [
        float(width) for width in re.findall(r'class="chart__bar" x="0" y="[\d.]+em" width="([\d.]+)%"', svg)
    ]
    assert len(widths) == len(shares)
    assert all(0 < width <= 50 for width in widths)
    tops = [float(y) for y in re.findall(r'y="([\d.]+)em"', svg)]
    assert max(tops) < float(re.search(r'height="([\d.]+)em"><title', svg)[1])
    assert ('class="chart__line"' in svg) is (has_needed and bool(shares))
