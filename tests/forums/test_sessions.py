"""Registering for a series: for all of it or for sessions of one's choice, and what whoever is registered alone reads."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
import time_machine
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts import privacy
from forums.event import editing
from forums.forms.registration import StaffRegistrationForm
from forums.mail import registration_links
from forums.models import Forum, Registration, Round, SessionAttendance, SessionChoice
from forums.registration import identities, registering
from forums.registration.capacity import RegistrationRefused
from forums.registration.export import as_csv
from forums.registration.sessions import is_awaited, own_sessions
from forums.vote.rounds import open_round
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.registering import at_once, details, last_link, open_forum, run_jobs, typed
from tests.forums.series import DAY, HOUR, LINK, series, sessions_of
from tests.forums.typed import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def forum():
    return series(chooses_sessions=True)


def address(forum):
    return f"/forums/{forum.slug}/inscription/"


def register(client, forum, *chosen, **changes):
    return client.post(address(forum), typed(sessions=[session.pk for session in chosen], **changes))


def chosen_by(person):
    return sorted(choice.session.position for choice in person.chosen_sessions.all())


def registered(forum, *chosen, **changes):
    person = RegistrationFactory(forum=forum, **{"checked_in_at": None} | changes)
    SessionChoice.objects.bulk_create(SessionChoice(registration=person, session=each) for each in chosen)
    return person


def page_of(person):
    return Client().get(registration_links.page_path(person))


# --- Choosing --------------------------------------------------------------------------------------------


def test_person_chooses_two_sessions_of_three(client, forum):
    first, _second, third = sessions_of(forum)
    assert register(client, forum, first, third).status_code == 302
    person = Registration.objects.get()
    assert chosen_by(person) == [1, 3]
    client.post(last_link())
    person.refresh_from_db()
    assert (person.state, [each.position for each in own_sessions(person)]) == ("confirmed", [1, 3])


def test_whoever_chooses_nothing_is_told_so(client, forum):
    response = register(client, forum)
    assert response.status_code == 422
    assert "Choisissez au moins une séance." in response.content.decode()
    assert not Registration.objects.exists()


def test_series_taken_as_a_whole_asks_for_no_session(client):
    forum = series()
    assert 'name="sessions"' not in client.get(address(forum)).content.decode()
    register(client, forum, sessions_of(forum)[0])
    person = Registration.objects.get()
    assert (chosen_by(person), len(own_sessions(person))) == ([], 3)


@pytest.mark.parametrize("lost", ["cancelled", "over", "foreign"])
def test_session_that_is_lost_cannot_be_chosen(client, forum, lost):
    first, second, _third = sessions_of(forum)
    now = timezone.now()
    if lost == "cancelled":
        first.cancelled_at = now
    elif lost == "over":
        # Moved by hand: no form offers it, and none takes it.
        first.starts_at, first.ends_at = now - 3 * HOUR, now
    else:
        first = sessions_of(series())[0]
    first.save()
    response = register(client, forum, first, second)
    assert response.status_code == 422
    assert not Registration.objects.exists()
    with pytest.raises(RegistrationRefused) as refused:
        registering.register(
            forum=forum,
            email="a@exemple.example",
            details=details(sessions=[first.pk, second.pk]),
            consent="",
            now=now,
        )
    assert refused.value.code == "session_gone"
    assert not Registration.objects.exists()


def test_sessions_are_changed_on_the_own_page_and_the_past_stays(client):
    forum = series((-2 * DAY, 5 * DAY, 9 * DAY), chooses_sessions=True)
    past, second, third = sessions_of(forum)
    person = registered(forum, past, second)
    path = registration_links.page_path(person)
    text = client.get(path).content.decode()
    assert f'value="{past.pk}"' not in text
    assert f'value="{third.pk}"' in text
    assert client.post(path, typed(sessions=[third.pk])).status_code == 302
    assert chosen_by(person) == [1, 3]
    # Of those to come, none: what they came to stays.
    assert client.post(path, typed(sessions=[])).status_code == 302
    assert chosen_by(person) == [1]


def test_last_session_cannot_be_given_up_but_the_registration_can(client, forum):
    person = registered(forum, sessions_of(forum)[0])
    assert client.post(registration_links.page_path(person), typed(sessions=[])).status_code == 422
    assert chosen_by(person) == [1]


def test_whoever_registered_before_there_was_a_choice_comes_to_all(forum):
    before, after = registered(forum), registered(forum, sessions_of(forum)[0])
    assert len(own_sessions(before)) == 3
    rows = Registration.objects.filter(forum=forum)
    first, second, _third = sessions_of(forum)
    assert set(rows.filter(is_awaited(forum, first))) == {before, after}
    assert set(rows.filter(is_awaited(forum, second))) == {before}


def test_staff_register_and_change_someone_for_sessions(staff_client, forum):
    first, second, _third = sessions_of(forum)
    form = typed(sessions=[first.pk], key=str(StaffRegistrationForm(forum)["key"].value()))
    assert staff_client.post(f"/gestion/forums/{forum.slug}/inscriptions/nouvelle/", form).status_code == 302
    person = Registration.objects.get()
    assert chosen_by(person) == [1]
    page = f"/gestion/forums/{forum.slug}/inscriptions/{person.pk}/"
    assert staff_client.post(page, typed(sessions=[second.pk])).status_code == 302
    assert chosen_by(person) == [2]


def test_capacity_is_of_the_whole_activity(client):
    forum = series(chooses_sessions=True, capacity=1)
    first, second, _third = sessions_of(forum)
    registered(forum, first)
    person = UserFactory()
    client.force_login(person)
    register(client, forum, second)
    assert Registration.objects.get(user=person).state == "waitlisted"


@pytest.mark.django_db(transaction=True)
def test_session_cancelled_while_someone_chooses_is_refused_or_was_chosen_before():
    forum = series(chooses_sessions=True)
    first, second, _third = sessions_of(forum)

    def cancel():
        with transaction.atomic():
            Forum.objects.select_for_update().get(pk=forum.pk)
            forum.sessions.filter(pk=first.pk).update(cancelled_at=timezone.now())

    def choose(number):
        def act():
            registering.register(
                forum=forum,
                email=f"p{number}@exemple.example",
                details=details(name=f"Personne {number}", sessions=[first.pk, second.pk]),
                consent="",
                now=timezone.now(),
            )

        return act

    answers = at_once([cancel, *(choose(number) for number in range(6))])
    refused = [answer for answer in answers if answer is not None]
    assert all(isinstance(answer, RegistrationRefused) for answer in refused)
    people = Registration.objects.all()
    assert len(people) + len(refused) == 6
    assert all(chosen_by(person) == [1, 2] for person in people)


# --- Elsewhere -------------------------------------------------------------------------------------------


def test_registration_of_a_partner_is_on_their_site_and_ours_is_closed(client):
    forum = open_forum(registration_link="https://partenaire.exemple.example/inscription")
    for path in (f"/forums/{forum.slug}/", address(forum)):
        assert 'href="https://partenaire.exemple.example/inscription"' in client.get(path).content.decode()
    assert 'name="email"' not in client.get(address(forum)).content.decode()
    response = client.post(address(forum), typed())
    assert (response.status_code, Registration.objects.count(), mail.outbox) == (422, 0, [])


# --- The link to take part online ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "reads"), [("confirmed", True), ("waitlisted", False), ("pending", False), ("cancelled", False)]
)
def test_link_is_for_those_who_have_a_place(state, reads):
    forum = series(mode="online", online_link=LINK)
    person = RegistrationFactory(
        forum=forum, state=state, checked_in_at=None, waitlisted_at=timezone.now(), confirmed_at=None
    )
    response = page_of(person)
    assert (LINK in response.content.decode()) is reads
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "strict-origin"
    calendar = Client().get(f"{registration_links.page_path(person)}seances.ics")
    assert calendar.status_code == (200 if reads else 404)


def test_each_session_has_its_own_link_until_it_is_over_or_cancelled():
    forum = series((-DAY, HOUR, 3 * DAY, 4 * DAY), mode="both", online_link=LINK)
    over, _common, own, cancelled = sessions_of(forum)
    own.online_link = "https://autre.exemple.example/salle"
    own.save()
    cancelled.online_link, cancelled.cancelled_at = "https://annulee.exemple.example/", timezone.now()
    cancelled.save()
    over.online_link = "https://passee.exemple.example/"
    over.save()
    text = page_of(registered(forum)).content.decode()
    assert text.count(LINK) == 1
    assert "https://autre.exemple.example/salle" in text
    assert "annulee.exemple" not in text
    assert "passee.exemple" not in text


def test_link_of_sessions_that_one_did_not_choose_is_not_given(forum):
    first, second, _third = sessions_of(forum)
    second.online_link = LINK
    second.save()
    assert LINK not in page_of(registered(forum, first)).content.decode()
    assert LINK in page_of(registered(forum, second)).content.decode()


@pytest.mark.parametrize("change", [{"cancelled_at": "now"}, {"mode": "in_person"}])
def test_nobody_joins_what_is_cancelled_or_not_online(change):
    change = {name: timezone.now() if value == "now" else value for name, value in change.items()}
    forum = series(**{"mode": "online", "online_link": LINK} | change)
    assert LINK not in page_of(registered(forum)).content.decode()


def test_activity_without_sessions_shows_its_link_until_its_end():
    forum = open_forum(kind="webinar", has_participation=False, mode="online", online_link=LINK)
    person = registered(forum)
    assert LINK in page_of(person).content.decode()
    with time_machine.travel(forum.ends_at, tick=False):
        assert LINK not in page_of(person).content.decode()


def test_what_to_bring_is_on_the_own_page():
    forum = series(to_bring="Un ordinateur portable")
    assert "Un ordinateur portable" in page_of(registered(forum)).content.decode()


def test_no_public_page_nor_file_holds_a_link(client):
    forum = series(mode="online", online_link=LINK, chooses_sessions=True)
    forum.sessions.update(online_link=LINK)
    for path in ("", "inscription/", "programme.ics"):
        response = client.get(f"/forums/{forum.slug}/{path}")
        assert response.status_code == 200
        assert b"rencontre.exemple" not in response.content


def test_own_calendar_holds_the_own_sessions_with_links(forum):
    first, second, third = sessions_of(forum)
    Forum.objects.filter(pk=forum.pk).update(mode="online", online_link=LINK)
    third.cancelled_at = timezone.now()
    third.save()
    person = registered(forum, first, third)
    response = Client().get(f"{registration_links.page_path(person)}seances.ics")
    file = response.content.decode().replace("\r\n ", "")
    assert (file.count("BEGIN:VEVENT"), file.count("BEGIN:VTIMEZONE"), file.count("STATUS:CANCELLED")) == (
        2,
        1,
        1,
    )
    assert f"UID:session-{first.pk}@" in file
    assert f"UID:session-{second.pk}@" not in file
    assert file.count(LINK) == 1
    assert response.headers["Cache-Control"] == "private, no-store"


# --- What is kept ----------------------------------------------------------------------------------------


def test_export_says_what_was_chosen_and_attended(forum):
    first, second, third = sessions_of(forum)
    person = registered(forum, first, second, name="A")
    for session in (first, third):
        SessionAttendance.objects.create(registration=person, session=session, checked_in_at=timezone.now())
    registered(forum, name="B")
    head, a, b = csv.reader(StringIO(as_csv(forum).decode("utf-8-sig")), delimiter=";")
    assert [cell.partition(",")[0] for cell in head[-3:]] == ["Séance 1", "Séance 2", "Séance 3"]
    assert (a[-3:], b[-3:]) == (["choisie, présence", "choisie", "présence"], ["", "", ""])


@pytest.mark.parametrize("count", [1, 3])
def test_export_asks_as_much_for_one_as_for_three(django_assert_num_queries, forum, count):
    for _n in range(count):
        registered(forum, *sessions_of(forum))
    with django_assert_num_queries(6):
        as_csv(forum)


def test_own_data_hold_sessions(forum):
    person = UserFactory()
    registration = registered(forum, sessions_of(forum)[1], user=person, email=person.email)
    SessionAttendance.objects.create(
        registration=registration, session=sessions_of(forum)[0], checked_in_at=timezone.now()
    )
    data = privacy.data_of(person)
    assert [row["starts_at"] for row in data["chosen_sessions"]] == [sessions_of(forum)[1].starts_at]
    assert [row["forum_title"] for row in data["attended_sessions"]] == [forum.title]


def test_merged_registrations_bring_what_each_attended(forum):
    first, second, _third = sessions_of(forum)
    person = UserFactory()
    former = registered(forum, email=person.email, name="Camille Roy", checked_in_at=timezone.now())
    theirs = registered(
        forum, user=person, email="x@exemple.example", name="Camille Roy", checked_in_at=timezone.now()
    )
    for registration, session in ((former, first), (theirs, first), (former, second)):
        SessionAttendance.objects.create(
            registration=registration, session=session, checked_in_at=timezone.now()
        )
    identities.link_registrations_to_account(person)
    remaining = Registration.objects.exclude(state="cancelled").get()
    assert {each.session for each in remaining.attended_sessions.all()} == {first, second}
    assert SessionAttendance.objects.count() == 2


def test_page_asks_as_much_for_one_session_as_for_nine(django_assert_max_num_queries):
    def asked(count):
        forum = series(tuple(n * DAY for n in range(3, 3 + count)), chooses_sessions=True)
        path = registration_links.page_path(registered(forum, *sessions_of(forum)))
        client = Client()
        client.get(path)
        with django_assert_max_num_queries(100) as queries:
            client.get(path)
        return len(queries)

    assert asked(9) <= asked(1)


# --- A vote, whose clock is that of the database ---------------------------------------------------------


def test_vote_that_counts_on_an_arrival_keeps_it(staff_client):
    forum = series((-HOUR, 7 * DAY), kind="forum", has_participation=True)
    today, _later = sessions_of(forum)
    round = RoundFactory(forum=forum, public=Round.Public.CHECKED_IN)
    QuestionFactory(round=round, options=6)
    person = registered(forum)
    page, mark = f"/gestion/forums/{forum.slug}/presences/tableau/", f"{person.pk}-{today.pk}"
    open_round(round_id=round.pk, by=None)
    staff_client.post(page, {"came": [mark]})
    assert round.roll.filter(registration=person).exists()
    text = staff_client.post(page, {"before": [mark]}, follow=True).content.decode()
    assert "Un vote tient compte de cette arrivée." in text
    assert SessionAttendance.objects.count() == 1


# --- Once it has begun ------------------------------------------------------------------------------------


def test_whoever_chooses_registers_for_as_long_as_a_session_is_left(client):
    forum = series((-2 * DAY, -HOUR, 5 * DAY), chooses_sessions=True)
    past, present, last = sessions_of(forum)
    page = client.get(forum.get_absolute_url()).content.decode()
    assert "Inscriptions ouvertes" in page
    assert "Ouverte tant qu’il reste une séance." in page
    text = client.get(address(forum)).content.decode()
    assert f'value="{past.pk}"' not in text
    assert f'value="{present.pk}"' in text
    assert register(client, forum, last).status_code == 302
    client.post(last_link())
    person = Registration.objects.get()
    assert (person.state, chosen_by(person)) == ("confirmed", [3])
    with time_machine.travel(forum.ends_at, tick=False):
        assert forum.stage_at(forum.ends_at) is Forum.Stage.PAST
        assert 'name="name"' not in client.get(address(forum)).content.decode()


@pytest.mark.parametrize("changes", [{}, {"chooses_sessions": True, "registration_closes_at": "yesterday"}])
def test_whole_series_and_one_that_staff_closed_take_nobody_once_begun(client, changes):
    changes = {**changes}
    if "registration_closes_at" in changes:
        changes["registration_closes_at"] = timezone.now() - DAY
    forum = series((-HOUR, 5 * DAY), **changes)
    assert forum.stage_at(timezone.now()) is Forum.Stage.UNDER_WAY
    assert 'name="name"' not in client.get(address(forum)).content.decode()


def test_place_that_comes_free_after_the_first_session_goes_to_who_waits_for_another():
    forum = series((-2 * DAY, 5 * DAY), chooses_sessions=True, capacity=1)
    past, last = sessions_of(forum)
    holder = registered(forum, last)
    now = timezone.now()
    waiting = {"state": "waitlisted", "confirmed_at": None}
    too_late = registered(forum, past, waitlisted_at=now - 3 * DAY, **waiting)
    first, second = (registered(forum, last, waitlisted_at=now - n * HOUR, **waiting) for n in (2, 1))
    registering.cancel(registration=holder, now=now)
    states = [Registration.objects.get(pk=person.pk).state for person in (too_late, first, second)]
    assert states == ["waitlisted", "confirmed", "waitlisted"]


def test_series_that_takes_place_after_all_is_told_after_its_first_session():
    forum = series((-2 * DAY, 5 * DAY))
    registered(forum, language="en")
    now = timezone.now()
    editing.cancel(forum=forum, now=now)
    run_jobs()
    editing.restore(forum=forum, now=now + HOUR)
    run_jobs()
    assert [each.subject for each in mail.outbox] == [
        "Cancelled: Tenir ses livres",
        "It will take place after all: Tenir ses livres",
    ]


def test_one_date_alone_leaves_nothing_to_choose(staff_client):
    forum = series((5 * DAY,), chooses_sessions=True)
    forum.sessions.all().delete()
    day = timezone.localdate() + 6 * DAY
    line = {"id": "", "day": f"{day}", "begins": "09:00", "ends": "12:00"}
    sent = {
        "kind": "training", "title": "Un matin", "summary": "Un seul.", "mode": "in_person", "venue": "Ici",
        "chooses_sessions": "on", "version": 1,
    } | rows("seances", [line]) | rows("programme", [])  # fmt: skip
    assert staff_client.post(f"/gestion/forums/{forum.slug}/", sent).status_code == 302
    forum.refresh_from_db()
    assert not forum.chooses_sessions


def test_whoever_confirms_once_all_that_they_chose_is_over_chooses_again(client):
    forum = series((HOUR, 5 * DAY), chooses_sessions=True)
    first, last = sessions_of(forum)
    register(client, forum, first)
    link = last_link()
    with time_machine.travel(first.ends_at + HOUR, tick=False):
        response = client.post(link, follow=True)
        assert "choisissez de nouveau" in response.content.decode()
        assert Registration.objects.get().state == "pending"
        assert register(client, forum, last).status_code == 302
        client.post(last_link())
    person = Registration.objects.get()
    assert person.state == "confirmed"
    assert 2 in chosen_by(person)
