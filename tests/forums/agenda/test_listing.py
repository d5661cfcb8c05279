"""What the agenda lists, and when: activities, sessions, what is cancelled, at each instant where it changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forums.agenda.filters import AgendaFilters, Zone
from forums.agenda.listing import (
    ACTIVITIES_A_PAGE,
    MOST_OF_A_MONTH,
    Coming,
    Past,
    cards_of,
    of_month,
    once_each,
)
from forums.agenda.months import Month
from forums.models import Forum, Kind, Session
from tests.factories import ForumFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_hour("its instants are given")]
HERE = ZoneInfo("America/Toronto")
SECOND = timedelta(seconds=1)
EVERYTHING = AgendaFilters()


def at(year, month, day, hour=12, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=HERE)


NOW = at(2026, 11, 10)


def activity(title, starts_at, hours=2, **more):
    given = {"kind": Kind.TRAINING, "has_participation": False, "announced_at": at(2026, 1, 1)} | more
    return ForumFactory(title=title, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), **given)


def series(title, *starts, dropped=(), **more):
    made = activity(title, starts[0], **more)
    for position, begins in enumerate(starts, 1):
        Session.objects.create(
            forum=made, position=position, starts_at=begins, ends_at=begins + timedelta(hours=2),
            cancelled_at=NOW - timedelta(days=1) if begins in dropped else None,
        )  # fmt: skip
    Forum.objects.filter(pk=made.pk).update(ends_at=starts[-1] + timedelta(hours=2))
    return made


def titles(occurrences):
    names = dict(Forum.objects.values_list("pk", "title"))
    return [names[each.activity] for each in occurrences]


def coming(now=NOW, filters=EVERYTHING):
    return titles(Coming(filters, now)[:ACTIVITIES_A_PAGE])


def past(now=NOW, filters=EVERYTHING):
    return titles(Past(filters, now)[:ACTIVITIES_A_PAGE])


def in_month(written, now=NOW, filters=EVERYTHING):
    return titles(of_month(Month(*written), filters, now))


def test_what_comes_is_in_order_and_what_is_under_way_comes_first():
    activity("plus tard", NOW + timedelta(days=3))
    activity("en cours", NOW - timedelta(hours=1))
    activity("bientôt", NOW + timedelta(hours=1))
    activity("passée", NOW - timedelta(days=3))
    activity("non annoncée", NOW + timedelta(days=1), announced_at=None)
    activity("annoncée demain", NOW + timedelta(days=2), announced_at=NOW + timedelta(days=1))
    assert coming() == ["en cours", "bientôt", "plus tard"]
    assert past() == ["passée"]


@pytest.mark.parametrize("shift", [-SECOND, timedelta(), SECOND])
def test_an_activity_is_past_at_its_end_and_not_before(shift):
    made = activity("visite", NOW)
    now = made.ends_at + shift
    is_over = shift >= timedelta()
    assert (coming(now), past(now)) == (([], ["visite"]) if is_over else (["visite"], []))


def test_a_series_comes_once_at_its_next_session():
    first, second, third = NOW - timedelta(days=1), NOW + timedelta(days=6), NOW + timedelta(days=13)
    made = series("série", first, second, third)
    activity("avant elle", NOW + timedelta(days=2))
    assert coming() == ["avant elle", "série"]
    [found] = [each for each in Coming(EVERYTHING, NOW)[:20] if each.activity == made.pk]
    assert found.begins == second
    # During the second, it is the second; at its end, the third; at the end of that, none.
    end = timedelta(hours=2)
    assert Coming(EVERYTHING, second)[:20][-1].begins == second
    assert Coming(EVERYTHING, second + end)[:20][-1].begins == third
    assert "série" not in coming(third + end)
    assert past(third + end) == ["avant elle", "série"]
    assert cards_of([found])[made.pk].sessions_held == 3


def test_two_sessions_at_one_instant_make_one_line():
    when = NOW + timedelta(days=1)
    series("ateliers en parallèle", when, when)
    assert coming() == ["ateliers en parallèle"]


def test_a_cancelled_session_is_not_the_next_one():
    first, second = NOW + timedelta(days=1), NOW + timedelta(days=8)
    made = series("série", first, second, dropped=[first])
    [found] = Coming(EVERYTHING, NOW)[:20]
    assert (found.begins, cards_of([found])[made.pk].sessions_held) == (second, 1)
    assert [(each.begins, each.is_dropped) for each in of_month(Month(2026, 11), EVERYTHING, NOW)] == [
        (first, True), (second, False),
    ]  # fmt: skip
    # Until its own date.
    later = first + timedelta(hours=2)
    assert [each.begins for each in of_month(Month(2026, 11), EVERYTHING, later)] == [second]


def test_a_series_whose_sessions_are_all_cancelled_stays_until_its_date():
    when = NOW + timedelta(days=1)
    made = series("série", when, dropped=[when])
    [found] = Coming(EVERYTHING, NOW)[:20]
    assert cards_of([found])[made.pk].sessions_dropped == 1
    assert coming(when + timedelta(hours=2)) == []


def test_a_cancelled_activity_stays_until_its_date_and_never_goes_with_the_past():
    made = activity("annulée", NOW + timedelta(days=1), cancelled_at=NOW)
    assert coming() == in_month((2026, 11)) == ["annulée"]
    assert coming(made.ends_at) == past(made.ends_at) == in_month((2026, 11), made.ends_at) == []


def test_a_series_is_in_the_months_of_its_sessions_alone():
    series("série", at(2026, 11, 25), at(2027, 1, 13))
    assert [in_month((2026, 10)), in_month((2026, 11)), in_month((2026, 12)), in_month((2027, 1))] == [
        [], ["série"], [], ["série"],
    ]  # fmt: skip


def test_an_activity_of_several_days_is_in_each_month_that_it_touches():
    activity("congrès", at(2026, 11, 30, 9), hours=24 * 32)
    assert [in_month((2026, month)) for month in (10, 11, 12)] == [[], ["congrès"], ["congrès"]]
    assert in_month((2027, 1)) == ["congrès"]
    assert in_month((2027, 2)) == []


@pytest.mark.parametrize(
    ("starts", "ends", "months"),
    [
        # Until midnight of New Year's Eve, and a minute more.
        (at(2026, 12, 31, 21), at(2027, 1, 1, 0), {(2026, 12)}),
        (at(2026, 12, 31, 21), at(2027, 1, 1, 0, 1), {(2026, 12), (2027, 1)}),
        (at(2027, 1, 1, 0), at(2027, 1, 1, 1), {(2027, 1)}),
        # A whole day is stored so.
        (at(2026, 12, 31, 0), at(2026, 12, 31, 23, 59), {(2026, 12)}),
    ],
)
def test_the_last_midnight_of_the_year(starts, ends, months):
    ForumFactory(title="veille", starts_at=starts, ends_at=ends, announced_at=at(2026, 1, 1))
    assert {each for each in [(2026, 12), (2027, 1)] if in_month(each)} == months


def test_filters_narrow_together(db):
    activity("a", NOW + timedelta(days=1), price=0, mode="online")
    activity("b", NOW + timedelta(days=2), price=0, municipality_id="67050")
    activity("c", NOW + timedelta(days=3), price=25, mode="both", municipality_id="67050")
    activity("d", NOW + timedelta(days=4), kind=Kind.VISIT, municipality_id="70052")
    series("s", NOW + timedelta(days=5), price=0, municipality_id="67050", kind=Kind.WEBINAR)
    zone = Zone("67", "Roussillon")

    def kept(**filters):
        return coming(filters=AgendaFilters(**filters))

    assert kept() == ["a", "b", "c", "d", "s"]
    assert kept(is_free=True) == ["a", "b", "s"]
    assert kept(is_online=True) == ["a", "c"]
    assert kept(zone=zone) == ["b", "c", "s"]
    assert kept(kind=Kind.TRAINING, zone=zone) == ["b", "c"]
    assert kept(kind=Kind.TRAINING, zone=zone, is_free=True) == ["b"]
    assert kept(kind=Kind.WEBINAR) == ["s"]
    assert kept(zone=zone, is_free=True, is_online=True) == []
    assert in_month((2026, 11), filters=AgendaFilters(zone=zone, is_free=True)) == ["b", "s"]
    assert past(NOW + timedelta(days=90), AgendaFilters(zone=zone)) == ["s", "c", "b"]


def test_a_month_has_each_activity_once():
    first, second, third = at(2026, 11, 3), at(2026, 11, 17), at(2026, 11, 24)
    series("série", first, second, third)
    month = of_month(Month(2026, 11), EVERYTHING, NOW)

    def begins(now, **more):
        return [each.begins for each in once_each(month, now, **{"is_past": False, "is_over": False} | more)]

    assert begins(NOW) == [second]
    assert begins(NOW, is_past=True) == [first]
    assert begins(at(2027, 2, 1), is_over=True) == [first]


def test_what_a_month_reads_is_bounded():
    Forum.objects.bulk_create(
        ForumFactory.build(
            slug=f"a-{n}", kind="meeting", has_participation=False, starts_at=NOW, ends_at=NOW + timedelta(hours=1),
            announced_at=at(2026, 1, 1),
        )
        for n in range(MOST_OF_A_MONTH + 5)
    )  # fmt: skip
    assert len(of_month(Month(2026, 11), EVERYTHING, NOW)) == MOST_OF_A_MONTH + 1


def test_pages_follow_one_another_without_gap_nor_twice():
    for n in range(23):
        activity(f"a{n:02}", NOW + timedelta(days=n // 3))
        series(f"s{n:02}", NOW + timedelta(days=n // 3), NOW + timedelta(days=90))
    rows = Coming(EVERYTHING, NOW)
    assert rows.count() == 46
    found = [each.activity for start in (0, 20, 40) for each in rows[start : start + 20]]
    assert len(found) == len({*found}) == 46
