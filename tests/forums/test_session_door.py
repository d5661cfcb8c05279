"""Who came to which session: at the door, and in the table that staff tick."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from forums.models import Registration, SessionAttendance
from forums.registration import check_in
from forums.registration.attendance import Mark, save_marks
from forums.registration.check_in import ArrivalRefused
from forums.registration.sessions import session_now, sessions_of_day
from tests.factories import RegistrationFactory, UserFactory
from tests.forums.registering import at_once, open_forum
from tests.forums.series import DAY, HOUR, series, sessions_of
from tests.forums.test_sessions import registered

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon():
    """Of a day without a change of hour: sessions two hours apart are of the same day."""
    at = datetime(2026, 5, 12, 12, tzinfo=timezone.get_default_timezone())
    with time_machine.travel(at, tick=False):
        yield at


@pytest.fixture
def forum():
    """One session is under way, another was last week, one is next week."""
    return series((-7 * DAY, -HOUR, 7 * DAY))


def door(forum, path=""):
    return f"/gestion/forums/{forum.slug}/presences/{path}"


def attended(person):
    return sorted(each.session.position for each in person.attended_sessions.all())


# --- At the door -----------------------------------------------------------------------------------------


def test_arrival_is_at_the_session_of_the_day(staff_client, forum, noon):
    person = registered(forum)
    text = staff_client.get(door(forum)).content.decode()
    assert "Séance 2, 11\u00a0h" in text
    staff_client.post(door(forum, f"{person.key}/"))
    person.refresh_from_db()
    assert (attended(person), person.checked_in_at) == ([2], noon)
    # The week after, at the next one: the first arrival stays that of the registration.
    with time_machine.travel(noon + 7 * DAY, tick=False):
        text = staff_client.get(door(forum)).content.decode()
        assert "Confirmer l’arrivée" in text
        staff_client.post(door(forum, f"{person.key}/"))
        person.refresh_from_db()
    assert (attended(person), person.checked_in_at) == ([2, 3], noon)


def test_second_scan_of_a_session_is_told_and_the_first_of_the_next_is_not(staff_client, forum, noon):
    person = registered(forum)
    told = []
    for at in (noon, noon + HOUR / 2, noon + 7 * DAY):
        with time_machine.travel(at, tick=False):
            text = staff_client.post(door(forum, f"{person.key}/"), follow=True).content.decode()
            told.append("déjà" in text)
    assert told == [False, True, False]


def test_two_sessions_of_a_day_are_told_apart(staff_client, noon):
    forum = series((-4 * HOUR, HOUR, 8 * DAY))
    morning, afternoon, _later = sessions_of(forum)
    person = registered(forum)
    text = staff_client.get(door(forum)).content.decode()
    assert f'href="{door(forum)}?seance={morning.pk}"' in text
    assert f"{person.key}/?seance={afternoon.pk}" in text  # the next one, unless the door says otherwise
    staff_client.post(door(forum, f"{person.key}/?seance={morning.pk}"))
    assert attended(person) == [1]
    response = staff_client.post(door(forum, f"{person.key}/"), {"seance": afternoon.pk})
    assert response.url == f"{door(forum)}?seance={afternoon.pk}"
    assert attended(person) == [1, 2]
    counts = staff_client.get(door(forum, f"compte/?seance={morning.pk}")).json()
    assert (counts["arrived"], counts["expected"]) == (1, 1)


def test_day_without_a_session_lets_nobody_in(staff_client, forum, noon):
    person = registered(forum)
    with time_machine.travel(noon + DAY, tick=False):
        text = staff_client.get(door(forum)).content.decode()
        assert "Aucune séance n’a lieu aujourd’hui." in text
        assert "Confirmer l’arrivée" not in text
        staff_client.post(door(forum, f"{person.key}/"))
        with pytest.raises(ArrivalRefused):
            check_in.check_in(registration=person, now=timezone.now())
    person.refresh_from_db()
    assert (attended(person), person.is_checked_in) == ([], False)


@pytest.mark.parametrize("wanted", ["past", "foreign", "cancelled"])
def test_no_other_session_is_reached_by_its_number(forum, wanted):
    past, today, _later = sessions_of(forum)
    if wanted == "cancelled":
        today.cancelled_at = timezone.now()
        today.save()
    session = {"past": past, "cancelled": today}.get(wanted) or sessions_of(series((-HOUR,)))[0]
    with pytest.raises(ArrivalRefused):
        check_in.check_in(registration=registered(forum), now=timezone.now(), session=session.pk)
    assert not SessionAttendance.objects.exists()


def test_door_of_a_session_lasts_until_four_in_the_morning(forum, noon):
    four = datetime(2026, 5, 13, 4, tzinfo=timezone.get_default_timezone())
    second = timedelta(seconds=1)
    assert [each.position for each in sessions_of_day(forum, four - second)] == [2]
    assert sessions_of_day(forum, four) == []
    assert session_now(sessions_of_day(forum, four - second), four).position == 2


def test_walk_in_comes_to_the_session_and_leaves_with_it(staff_client, forum):
    form = {"name": "Passant", "kind": "citizen", "organisation": "", "email": "", "key": str(uuid.uuid4())}
    for _n in range(2):
        staff_client.post(door(forum, "sur-place/"), form)
    person = Registration.objects.get()
    assert (attended(person), person.is_walk_in) == ([2], True)
    staff_client.post(door(forum, f"{person.key}/annulation/"))
    person.refresh_from_db()
    assert (attended(person), person.state, person.checked_in_at) == ([], "cancelled", None)


def test_undoing_one_arrival_leaves_the_others(staff_client, noon):
    forum = series((-4 * HOUR, HOUR))
    first, second = sessions_of(forum)
    person = registered(forum)
    staff_client.post(door(forum, f"{person.key}/?seance={first.pk}"))
    with time_machine.travel(noon + HOUR, tick=False):
        staff_client.post(door(forum, f"{person.key}/?seance={second.pk}"))
        staff_client.post(door(forum, f"{person.key}/annulation/?seance={first.pk}"))
        person.refresh_from_db()
        assert (attended(person), person.checked_in_at) == ([2], noon + HOUR)
        staff_client.post(door(forum, f"{person.key}/annulation/?seance={second.pk}"))
    person.refresh_from_db()
    assert (attended(person), person.checked_in_at, person.state) == ([], None, "confirmed")


def test_who_chose_other_sessions_is_found_and_not_awaited(staff_client):
    forum = series((-HOUR, 7 * DAY), chooses_sessions=True)
    today, later = sessions_of(forum)
    registered(forum, today, name="Awa Diop")
    other = registered(forum, later, name="Léo Fortin")
    text = staff_client.get(door(forum)).content.decode()
    assert "Awa Diop" in text
    assert "Léo Fortin" not in text
    assert "a choisi d’autres séances" in staff_client.get(door(forum, "?q=leo")).content.decode()
    assert staff_client.get(door(forum, "compte/")).json()["expected"] == 1
    staff_client.post(door(forum, f"{other.key}/"))
    assert "Léo Fortin" in staff_client.get(door(forum)).content.decode()
    # Of no more people than are awaited are some in.
    staff_client.post(door(forum, f"{Registration.objects.get(name='Awa Diop').key}/"))
    counts = staff_client.get(door(forum, "compte/")).json()
    assert (counts["arrived"], counts["expected"]) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_two_doors_at_once_note_one_arrival(forum):
    person = registered(forum)
    now = timezone.now()
    answers = at_once([lambda: check_in.check_in(registration=person, now=now, by="day:1")] * 6)
    assert all(isinstance(answer, Registration) for answer in answers)
    assert SessionAttendance.objects.count() == 1


@pytest.mark.parametrize("chosen", [False, True])
def test_door_asks_as_much_for_one_as_for_four(staff_client, django_assert_max_num_queries, chosen):
    def asked(count):
        forum = series((-HOUR, 7 * DAY), chooses_sessions=chosen)
        for _n in range(count):
            registered(forum, *sessions_of(forum))
        staff_client.get(door(forum))
        with django_assert_max_num_queries(50) as queries:
            staff_client.get(door(forum))
        return len(queries)

    assert asked(4) == asked(1)


# --- The table -------------------------------------------------------------------------------------------


def table(forum):
    return door(forum, "tableau/")


def mark(person, session):
    return f"{person.pk}-{session.pk if session else 0}"


def test_staff_tick_who_came(staff_client, forum, noon):
    past, today, _later = sessions_of(forum)
    awa, leo = registered(forum, name="Awa"), registered(forum, name="Léo")
    text = staff_client.get(table(forum)).content.decode()
    assert text.count('name="came"') == 6
    assert text.count(" disabled") == 2  # the session to come
    response = staff_client.post(table(forum), {"came": [mark(awa, past), mark(awa, today), mark(leo, past)]})
    assert response.status_code == 302
    assert (attended(awa), attended(leo)) == ([1, 2], [1])
    awa.refresh_from_db()
    assert awa.is_checked_in
    # Taking one away says what was ticked before.
    staff_client.post(
        table(forum), {"came": [mark(awa, past)], "before": [mark(awa, past), mark(awa, today)]}
    )
    assert (attended(awa), attended(leo)) == ([1], [1])
    staff_client.post(table(forum), {"before": [mark(awa, past)]})
    awa.refresh_from_db()
    assert (attended(awa), awa.checked_in_at) == ([], None)


def test_two_of_the_team_who_tick_at_once_lose_nothing(staff_client, forum):
    """The second sends a page that was read before the first saved."""
    past, today, _later = sessions_of(forum)
    person = registered(forum)
    staff_client.post(table(forum), {"came": [mark(person, past)]})
    staff_client.post(table(forum), {"came": [mark(person, today)]})
    assert attended(person) == [1, 2]


@pytest.mark.parametrize(
    "written", ["x", "-", "1", "1-", "-1", "٣-١", "9" * 30 + "-1", "1-" + "9" * 30, "12-5-3"]
)
def test_hostile_marks_change_nothing(staff_client, forum, written):
    registered(forum)
    assert staff_client.post(table(forum), {"came": [written], "before": [written[::-1]]}).status_code == 302
    assert not SessionAttendance.objects.exists()


def test_marks_of_others_and_of_sessions_to_come_are_left_out(forum):
    past, _today, later = sessions_of(forum)
    elsewhere = registered(series((-HOUR,)))
    waiting = registered(forum, state="waitlisted", waitlisted_at=timezone.now())
    person = registered(forum)
    cancelled = past
    cancelled.cancelled_at = timezone.now()
    cancelled.save()
    came = {
        *(Mark(elsewhere.pk, sessions_of(forum)[1].pk), Mark(waiting.pk, sessions_of(forum)[1].pk)),
        *(Mark(person.pk, later.pk), Mark(person.pk, cancelled.pk), Mark(person.pk, 0)),
    }
    count = save_marks(forum=forum, came=came, missed=(), now=timezone.now(), by=UserFactory())
    assert (count, SessionAttendance.objects.count()) == (0, 0)


def test_activity_without_sessions_has_one_column(staff_client, noon):
    forum = open_forum(kind="webinar", has_participation=False, starts_at=noon - HOUR)
    person = registered(forum)
    assert staff_client.get(table(forum)).content.decode().count('name="came"') == 1
    for _n in range(2):
        staff_client.post(table(forum), {"came": [mark(person, None)]})
    person.refresh_from_db()
    assert person.checked_in_at == noon
    staff_client.post(table(forum), {"before": [mark(person, None)]})
    person.refresh_from_db()
    assert person.checked_in_at is None


def test_forum_with_votes_has_its_door_alone(staff_client):
    assert staff_client.get(table(open_forum())).status_code == 404


def test_table_asks_as_much_for_one_as_for_four(staff_client, forum, django_assert_max_num_queries):
    def asked():
        staff_client.get(table(forum))
        with django_assert_max_num_queries(50) as queries:
            staff_client.get(table(forum))
        return len(queries)

    registered(forum)
    alone = asked()
    for _n in range(3):
        RegistrationFactory(forum=forum)
    assert asked() == alone
