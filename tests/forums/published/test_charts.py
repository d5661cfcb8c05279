"""How a vote is drawn on its page: lengths, lines, dots, and what is written beside them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forums.models import Round
from forums.results.charts import drawing_html
from forums.results.report import round_reports
from forums.results.turnout import dots_of, turnout_picture
from pole.charts import Course, Courses, Part, Stack, Stacks, Step
from tests.forums.published.conftest import TITLES, asked, count_vote


def report_of(round):
    (report,) = round_reports(Round.objects.filter(pk=round.pk))
    return report.questions[0]


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
    drawn = drawing_html(Stacks([stack_of(given, label)], "moitié"), title=label)
    parts = [
        (float(x), float(width))
        for x, width in re.findall(r'class="bars__part" x="([\d.]+)%" width="([\d.]+)%"', drawn)
    ]
    assert len(parts) == sum(map(bool, given))
    end = 0.0
    for x, width in parts:
        assert abs(x - end) < 0.02
        end = x + width
    assert abs(end - 100) < 0.05
    assert "<script" not in drawn


def test_narrow_part_has_no_letter_that_would_be_cut():
    drawn = drawing_html(Stacks([stack_of([95, 5, 0, 0, 0])], "moitié"), title="t")
    assert re.findall(r"bars__sign[^>]*>(\w)<", drawn) == ["A"]


@given(st.lists(st.floats(0, 1), max_size=6), st.booleans())
def test_steps_never_run_out_of_the_drawing(shares, has_needed):
    row = Course("Jardin", "retenue", [Step("Étape 1 : 3", share) for share in shares])
    drawn = drawing_html(
        Courses([row], needed="quota : 5" if has_needed else "", needed_share=0.5), title="t"
    )
    widths = [float(width) for width in re.findall(r'class="bars__bar" y="0.3em" width="([\d.]+)%"', drawn)]
    assert len(widths) == len(shares)
    assert all(0 < width <= 100 for width in widths)
    assert ('class="bars__line"' in drawn) is (has_needed and bool(shares))


def test_ordinals_of_drawings_are_raised():
    row = Course("Le 2e rang", "éliminée au 3e essai", [Step("1er essai : 3", 0.5)])
    drawn = drawing_html(Courses([row]), title="Le 2e rang")
    assert drawn.count("<sup>") == 3
    # Not in an attribute.
    assert 'aria-label="Le 2e rang"' in drawn


# --- Bars of totals ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_bars_are_shares_of_everyone_and_a_line_follows_what_is_retained():
    ballots = [((1, 2),)] * 6 + [((1,),)] * 2 + [((3,),)] * 3 + [((),)]
    report = report_of(count_vote([asked("Que faire?", to_retain=2)], ballots))
    widths = re.findall(r'class="bars__bar" width="([\d.]+)%"', report.chart)
    assert widths[:3] == ["66.67", "50", "25"]
    rows = report.chart.split('<div class="bars__row')[1:]
    assert ["bars__limit" in row for row in rows].index(True) == 1
    assert "Au-dessus de cette ligne\u00a0: 2 retenues" in rows[1]
    assert report.chart.count("bars__limit") == 1


@pytest.mark.django_db
def test_no_line_is_drawn_where_everything_or_nothing_is_retained():
    everything = report_of(
        count_vote([asked("Que faire?", titles=TITLES[:3], to_retain=3)], [((1, 2, 3),)] * 10)
    )
    nothing = report_of(count_vote([asked("Que faire?")], [((),)] * 12))
    assert "bars__limit" not in everything.chart + nothing.chart


# --- Who voted --------------------------------------------------------------------------------------------


def drawn_dots(picture, kind):
    """How many dots the paths of a kind hold."""
    paths = re.findall(rf'class="assembly__{kind}" d="[^"]+" stroke-width="\d+"([^/]*)/>', picture)
    lengths = [re.search(r'pathLength="([\d.]+)"', each) for each in paths]
    return sum(int(float(found[1])) + 1 if found else 1 for found in lengths)


@given(st.integers(1, 3_000).flatmap(lambda roll: st.tuples(st.integers(0, roll), st.just(roll))))
def test_every_person_is_a_dot_or_every_hundredth(numbers):
    voted, roll = numbers
    full, every = dots_of(voted, roll)
    assert every == (roll if roll <= 150 else 100)
    # All full: everyone voted; all empty: nobody.
    assert (full == every) is (voted == roll)
    assert (full == 0) is (voted == 0)
    picture = turnout_picture(voted, roll)
    assert drawn_dots(picture, "seat") == drawn_dots(picture, "empty") == every
    assert drawn_dots(picture, "voted") == full
    assert all(int(width) > 3 for width in re.findall(r'stroke-width="(\d+)"', picture))


def test_nobody_on_the_roll_is_no_picture():
    assert turnout_picture(0, 0) == ""
