"""Feeds that calendars subscribe to: what they hold, for how long, and what changes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from xml.sax.saxutils import unescape

import pytest
from django.utils import timezone

from forums.agenda import feeds
from forums.agenda.feeds import FeedOf
from forums.agenda.kinds import KINDS
from forums.event.editing import cancel, restore
from forums.models import Forum, Kind, Season, Session
from pole.models import Mrc, Municipality
from tests.factories import ForumFactory
from tests.forums.agenda.series import fetched, series

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LINK = "https://visio.example/secret-7"


def ids(client, path="/agenda.ics"):
    return sorted(fetched(client, path))


def uid(row):
    return f"{'session' if isinstance(row, Session) else 'forum'}-{row.pk}"


def test_feed_holds_every_public_activity_and_nothing_else(client):
    forum = ForumFactory(title="Forum, été; suite", summary="Une journée")
    ForumFactory(announced_at=None)
    ForumFactory(announced_at=timezone.now() + DAY)
    training = series(0, 7)
    sessions = [uid(session) for session in training.sessions.all()]
    held = fetched(client)
    assert sorted(held) == sorted([uid(forum), *sessions])
    event = held[uid(forum)]
    assert str(event["SUMMARY"]) == "Forum, été; suite"
    assert str(event["URL"]).endswith(forum.get_absolute_url())
    assert str(event["DESCRIPTION"]) == f"Une journée\n\n{event['URL']}"
    assert str(event["STATUS"]) == "CONFIRMED"
    assert str(event["TRANSP"]) == "TRANSPARENT"
    assert [str(each) for each in held[sessions[0]]["CATEGORIES"].cats] == ["Formation"]
    assert event["LAST-MODIFIED"].dt == forum.changed_at.replace(microsecond=0)
    assert event["DTSTART"].params["TZID"] == "America/Toronto"


def test_feed_is_kept_and_conditional(client):
    forum = ForumFactory()
    first = client.get("/agenda.ics")
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Content-Disposition"] == 'inline; filename="agenda.ics"'
    assert "public" in first.headers["Cache-Control"]
    again = client.get("/agenda.ics", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Forum.objects.filter(pk=forum.pk).update(title="Autrement")
    changed = client.get("/agenda.ics", headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.headers["ETag"] != first.headers["ETag"]) == (200, True)


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_its_feed(client, kind):
    rows = {
        each: ForumFactory(kind=each, has_participation=each == Kind.FORUM, mode="online") for each in Kind
    }
    assert ids(client, f"/agenda/{KINDS[kind].word}.ics") == [uid(rows[kind])]
    assert ids(client, f"/en/agenda/{KINDS[kind].word}.ics") == [uid(rows[kind])]
    assert len(ids(client)) == len(Kind)


def test_each_part_of_the_territory_has_its_feed(client):
    roussillon = Mrc.objects.get(name="Roussillon")
    here = ForumFactory(municipality=Municipality.objects.filter(mrc=roussillon).first())
    training = series(0, municipality=here.municipality)
    elsewhere = Municipality.objects.in_territory().exclude(mrc=roussillon).exclude(mrc=None).first()
    ForumFactory(municipality=elsewhere)
    ForumFactory()
    expected = sorted([uid(here), uid(training.sessions.get())])
    for word in ("roussillon", roussillon.code):
        assert ids(client, f"/agenda/mrc/{word}.ics") == expected
    assert ids(client, "/agenda/mrc/roussillon/forums.ics") == [uid(here)]


def test_season_has_its_feed(client):
    today = timezone.localdate()
    season = Season.objects.create(
        slug="mois", title="Mois de l’économie sociale", first_day=today, last_day=today + 30 * DAY
    )
    inside = ForumFactory()
    ForumFactory()
    season.forums.add(inside)
    assert ids(client, "/agenda/mois.ics") == [uid(inside)]


def test_filters_of_the_agenda_narrow_a_feed(client):
    free = ForumFactory(price=0)
    both = ForumFactory(price=0, mode="both", online_link=LINK)
    online = ForumFactory(price=20, mode="online", online_link=LINK)
    ForumFactory()
    assert ids(client, "/agenda.ics?gratuit=1") == sorted([uid(free), uid(both)])
    assert ids(client, "/agenda/forums.ics?en-ligne=1") == sorted([uid(both), uid(online)])
    assert ids(client, "/agenda.ics?gratuit=1&en-ligne=1&utm_source=x") == [uid(both)]


@pytest.mark.parametrize(
    "path",
    [
        "/agenda/inconnu.ics", "/agenda/mrc/nulle-part.ics", "/agenda/mrc/roussillon/inconnu.ics",
        "/agenda.ics?gratuit=oui",
    ],
)  # fmt: skip
def test_what_is_no_feed_is_not_there(client, path):
    assert client.get(path).status_code == 404


def test_each_address_that_is_offered_answers(client):
    ForumFactory()
    for prefix in ("", "/en"):
        page = client.get(f"{prefix}/agenda/abonnement/").content.decode()
        for of in (FeedOf(), *(FeedOf(kind=kind) for kind in Kind)):
            path = prefix + of.path
            assert f'"webcal://localhost:8000{path}"' in page
            assert client.get(path).status_code == 200
        found = Mrc.objects.in_territory().values_list("code", "name")
        assert all(f'"{prefix}{FeedOf(mrc=mrc).path}"' in unescape(page) for mrc in found)


def test_link_to_take_part_is_in_no_feed(client):
    forum = ForumFactory(mode="online", online_link=LINK)
    training = series(0, 7, mode="both", online_link=LINK)
    training.sessions.update(online_link=f"{LINK}-b")
    for path in ("/agenda.ics", "/agenda/formations.ics", f"{training.get_absolute_url()}programme.ics"):
        assert b"visio.example" not in client.get(path).content
    assert str(fetched(client)[uid(forum)]["LOCATION"]) == "En ligne"


# --- For how long ------------------------------------------------------------------------------------------------


def at_noon(days):
    """So many days from today: a day is whole, whatever the hour of the test."""
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
    return timezone.make_aware(noon + days * DAY)


@pytest.mark.parametrize(("ended", "is_held"), [(-59, True), (-60, True), (-61, False), (400, True)])
def test_what_is_over_stays_sixty_days(client, ended, is_held):
    ends_at = at_noon(ended)
    forum = ForumFactory(starts_at=ends_at - timedelta(hours=3), ends_at=ends_at)
    assert (uid(forum) in ids(client)) is is_held


@pytest.mark.parametrize(("cancelled", "is_held"), [(-59, True), (-60, True), (-61, False)])
@pytest.mark.parametrize("starts", [-300, 30])
def test_what_is_cancelled_says_so_sixty_days_even_once_past(client, cancelled, starts, is_held):
    starts_at = at_noon(starts)
    forum = ForumFactory(
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=3), cancelled_at=at_noon(cancelled)
    )
    training = series(0, 400, starts_at=starts_at)
    first = training.sessions.first()
    Session.objects.filter(pk=first.pk).update(cancelled_at=at_noon(cancelled))
    held = fetched(client)
    assert (uid(forum) in held) is (uid(first) in held) is is_held
    if is_held:
        assert {str(held[uid(row)]["STATUS"]) for row in (forum, first)} == {"CANCELLED"}
        assert str(held[uid(forum)]["SUMMARY"]) == f"Annulé\u00a0: {forum.title}"
    assert str(held[uid(training.sessions.last())]["STATUS"]) == "CONFIRMED"


def test_session_cancelled_lately_of_a_series_that_is_long_over_says_so(client):
    training = series(0, 7, starts_at=at_noon(-100))
    first = training.sessions.first()
    Session.objects.filter(pk=first.pk).update(cancelled_at=at_noon(-5))
    assert ids(client) == [uid(first)]


def test_sessions_of_a_cancelled_series_are_cancelled_and_then_gone(client):
    training = series(0, 7, cancelled_at=at_noon(-1))
    assert {str(event["STATUS"]) for event in fetched(client).values()} == {"CANCELLED"}
    Forum.objects.filter(pk=training.pk).update(cancelled_at=at_noon(-61))
    assert ids(client) == []


def test_feed_is_the_same_all_day(client):
    """It is kept until midnight: an activity leaves it then, not at its hour."""
    forum = ForumFactory(starts_at=at_noon(-61), ends_at=at_noon(-60))
    hub = client.get("/").context["hub"]
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    read = [feeds.feed(FeedOf(), hub, midnight + timedelta(hours=hour)) for hour in (0, 11, 13, 23)]
    assert len(set(read)) == 1
    assert uid(forum).encode() in read[0]
    assert uid(forum).encode() not in feeds.feed(FeedOf(), hub, midnight + timedelta(hours=25))


def test_feed_is_bounded(client, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(feeds, "MOST_ACTIVITIES", 3)
    monkeypatch.setattr(feeds, "MOST_EVENTS", 4)
    rows = [series(0, 1, starts_at=at_noon(day)) for day in range(1, 6)]
    near = [uid(session) for row in rows[:2] for session in row.sessions.all()]
    hub = client.get("/").context["hub"]
    with django_assert_max_num_queries(3):
        content = feeds.feed(FeedOf(), hub, timezone.now())
    assert content.count(b"BEGIN:VEVENT") == 4
    assert all(each.encode() in content for each in near)


# --- What a calendar is told of a change --------------------------------------------------------------------------


def sequence(client, row):
    return int(fetched(client)[uid(row)]["SEQUENCE"])


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Autre"}, {"title_en": "Other"}, {"venue": "Ailleurs"}, {"cancelled_at": at_noon(0)},
        {"starts_at": at_noon(12)}, {"ends_at": at_noon(90)},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_sequence_of_a_session_rises_at_each_change_that_a_calendar_shows(client, change):
    session = series(0, 60).sessions.first()
    before, other = sequence(client, session), sequence(client, session.forum.sessions.last())
    Session.objects.filter(pk=session.pk).update(**change)
    assert sequence(client, session) == before + 1
    assert sequence(client, session.forum.sessions.last()) == other
    # Whoever had read it before, and saves it after, takes the number no further and never back.
    session.online_link = LINK
    session.save(update_fields=["online_link", "revision", "changed_at"])
    assert sequence(client, session) == before + 1


def test_sequence_of_a_session_rises_with_its_series(client):
    training = series(0)
    session = training.sessions.get()
    before = sequence(client, session)
    cancel(forum=training, now=timezone.now())
    restore(forum=training, now=timezone.now())
    assert sequence(client, session) == before + 2
    assert str(fetched(client)[uid(session)]["STATUS"]) == "CONFIRMED"


def test_file_of_a_series_has_its_sessions_as_the_feed_names_them(client):
    training = series(0, 7, title="Tenir ses livres")
    Session.objects.filter(position=1, forum=training).update(title="Bilan", venue="La Grange")
    held = fetched(client, f"{training.get_absolute_url()}programme.ics")
    assert sorted(held) == ids(client)
    last = held[uid(training.sessions.last())]
    assert str(last["SUMMARY"]) == "Tenir ses livres – Bilan"
    assert str(last["LOCATION"]) == "La Grange"


def test_english_feed_is_in_english(client):
    forum = ForumFactory(title="Forum du lac", title_en="Lake forum", cancelled_at=at_noon(0))
    event = fetched(client, "/en/agenda.ics")[uid(forum)]
    assert str(event["SUMMARY"]) == "Cancelled: Lake forum"
    assert event["SUMMARY"].params["LANGUAGE"] == "en-CA"
    assert "/en/forums/" in str(event["URL"])


def test_days_without_hours_are_whole_days(client):
    day = datetime(timezone.localdate().year + 1, 11, 7)  # noqa: DTZ001 - made aware below
    ForumFactory(
        starts_at=timezone.make_aware(day),
        ends_at=timezone.make_aware(day + timedelta(days=1, hours=23, minutes=59)),
    )
    [event] = fetched(client).values()
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (day.date(), day.date() + 2 * DAY)
