"""Mails of what is not a forum, and of series: their words, their sessions, what they tell calendars, and to whom."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from forums.event.editing import cancel
from forums.mail import notices, reminders
from forums.mail.calendar import MOST_SESSIONS_TOLD
from forums.mail.sessions import tell_of_changes
from forums.models import Kind, Notice, NoticeKind, Session, SessionChoice
from pole.mail.message import as_json, from_json
from pole.models import OutgoingMail
from tests.factories import ForumFactory, RegistrationFactory
from tests.forums.agenda.series import events_of, series
from tests.forums.registering import run_jobs

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LINK = "https://visio.example/secret-7"


def awaited(forum, *chosen, **changes):
    """Registered, for these sessions alone if there are some."""
    person = RegistrationFactory(forum=forum, checked_in_at=None, **changes)
    SessionChoice.objects.bulk_create(SessionChoice(registration=person, session=each) for each in chosen)
    return person


def calendars(message):
    """(method, status, UIDs) of each calendar of a mail as it is sent, in their order."""
    parts = [part for part in message.message().walk() if part.get_content_type() == "text/calendar"]
    read = []
    for part in parts:
        content = part.get_content()
        events = events_of(content)
        assert len(events) == 1, "a REQUEST names one event"
        [event] = events.values()
        method = part["Content-Type"].params["method"]
        assert f"METHOD:{method}" in content
        read.append((method, str(event.get("STATUS", "")), *events))
    return read


def uids(*sessions):
    return [f"session-{session.pk}" for session in sessions]


def to_all():
    return sorted(message.to[0] for message in mail.outbox)


# --- Words -------------------------------------------------------------------------------------------------------

NAMES = {
    Kind.TRAINING: ("la formation", "the training"),
    Kind.WEBINAR: ("le webinaire", "the webinar"),
    Kind.VISIT: ("la visite", "the visit"),
    Kind.ASSEMBLY: ("l’assemblée", "the assembly"),
    Kind.OPEN_DAY: ("la journée portes ouvertes", "the open day"),
    Kind.MEETING: ("la rencontre", "the get-together"),
}
OF_ACTIVITIES = [
    kind
    for kind in NoticeKind
    if kind.value not in {"to_confirm", "already", "vote_open", "sealed", "results"}
]


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("notice", OF_ACTIVITIES)
def test_mail_names_what_it_is_about(kind, notice):
    activity = ForumFactory(kind=kind, title="Titre", has_participation=False)
    for language, name in zip(("fr", "en"), NAMES[kind], strict=True):
        message = notices.render_notice(awaited(activity, language=language), notice)
        said = re.sub(r"https?://\S+", "", message.body).replace("\u00a0", " ")
        assert f"{name} {'« Titre »' if language == 'fr' else '“Titre”'}" in said
        assert "forum" not in said.lower()
        assert "{" not in message.subject + message.body


def test_words_of_a_forum_are_those_that_it_had():
    person = awaited(ForumFactory(title="Forum du lac"))
    assert "le forum" not in notices.render_notice(person, NoticeKind.CONFIRMATION).body
    cancelled = notices.render_notice(person, NoticeKind.CALLED_OFF).body
    assert "«\u00a0Forum du lac\u00a0», qui devait avoir lieu" in cancelled


def test_staff_see_the_words_of_the_kind_and_may_keep_them(staff_client):
    activity = series(0, title="Titre")
    page = f"/gestion/forums/{activity.slug}/courriels/confirmation/"
    shown = staff_client.get(page).context["form"]
    assert "la formation «\u00a0{forum}\u00a0»" in shown["body"].value()
    staff_client.post(page, {name: shown[name].value() for name in shown.fields})
    assert not activity.notice_texts.exists()


# --- Sessions and calendars --------------------------------------------------------------------------------------


def test_confirmation_lists_each_session_and_brings_each_to_the_calendar():
    training = series(0, 7, 14, title="Tenir ses livres")
    first, second, third = training.sessions.all()
    Session.objects.filter(pk=second.pk).update(title="Budget", venue="La Grange")
    Session.objects.filter(pk=third.pk).update(cancelled_at=timezone.now())
    message = notices.render_notice(awaited(training), NoticeKind.CONFIRMATION)
    assert message.body.count("\n– le ") == 2
    assert "Budget (La Grange)" in message.body
    expected = [("REQUEST", "CONFIRMED", uid) for uid in uids(first, second)]
    assert calendars(message) == expected
    # The queue keeps files too, and the former release reads them as it is replaced.
    assert calendars(from_json(as_json(message))) == expected
    names = [part.get_filename() for part in message.message().walk() if part.get_filename()]
    assert names == ["seance-1.ics", "seance-2.ics"]


def test_files_of_a_series_go_through_the_queue(settings):
    training = series(0, 7)
    settings.MAILERS = settings.MAILERS | {"default": {"BACKEND": "pole.mail.queue.QueueBackend"}}
    notices.render_notice(awaited(training), NoticeKind.CONFIRMATION).send()
    stored = from_json(OutgoingMail.objects.get().message)
    assert [uid for _method, _status, uid in calendars(stored)] == uids(*training.sessions.all())


def test_whoever_chose_sessions_has_those_alone():
    training = series(0, 7, 14, chooses_sessions=True)
    first, _second, third = training.sessions.all()
    message = notices.render_notice(awaited(training, first, third), NoticeKind.CONFIRMATION)
    assert [uid for *_rest, uid in calendars(message)] == uids(first, third)
    assert message.body.count("\n– le ") == 2


def test_choices_of_a_series_that_offers_none_any_more_say_nothing():
    training = series(0, 7)
    message = notices.render_notice(awaited(training, training.sessions.first()), NoticeKind.CONFIRMATION)
    assert len(calendars(message)) == 2


def test_mail_of_a_long_series_stays_light():
    message = notices.render_notice(awaited(series(*range(30))), NoticeKind.CONFIRMATION)
    assert len(calendars(message)) == MOST_SESSIONS_TOLD


def test_cancelled_series_leaves_the_calendar_session_by_session():
    training = series(0, 7)
    awaited(training)
    cancel(forum=training, now=timezone.now())
    run_jobs()
    [message] = mail.outbox
    assert calendars(message) == [("CANCEL", "CANCELLED", uid) for uid in uids(*training.sessions.all())]
    assert "devons annuler la formation" in message.body


def test_person_who_cancels_takes_out_what_takes_place():
    training = series(0, 7, chooses_sessions=True)
    first = training.sessions.first()
    person = awaited(training, first, state="cancelled")
    assert calendars(notices.render_notice(person, NoticeKind.CANCELLED)) == [("CANCEL", "", *uids(first))]


# --- A session changes -------------------------------------------------------------------------------------------


def change(training, session, **values):
    """As staff's editor: read, written, told, then the worker."""
    before = list(training.sessions.all())
    Session.objects.filter(pk=session.pk).update(**values)
    told = tell_of_changes(forum=training, before=before, now=timezone.now())
    run_jobs()
    return told


@pytest.mark.parametrize("chooses", [True, False])
def test_cancelled_session_is_told_to_those_who_come_to_it(chooses):
    training = series(0, 7, chooses_sessions=chooses)
    first, second = training.sessions.all()
    awaited(training, first, email="premiere@exemple.example")
    awaited(training, second, email="seconde@exemple.example")
    awaited(training, email="toutes@exemple.example")
    awaited(training, state="cancelled", email="partie@exemple.example")
    assert change(training, second, cancelled_at=timezone.now()) == 1
    told = ["seconde@exemple.example", "toutes@exemple.example"]
    assert to_all() == (told if chooses else ["premiere@exemple.example", *told])
    for message in mail.outbox:
        assert message.subject.startswith("Séance annulée")
        assert calendars(message) == [("CANCEL", "CANCELLED", *uids(second))]
    whole = next(message for message in mail.outbox if message.to == ["toutes@exemple.example"])
    assert "Séances qui restent" in whole.body
    assert whole.body.count("\n– le ") == 1


def test_moved_session_enters_the_calendar_anew_and_is_told_once():
    training = series(0, 7)
    first = training.sessions.first()
    awaited(training)
    moved = {"starts_at": first.starts_at + DAY, "ends_at": first.ends_at + DAY}
    assert change(training, first, **moved) == 1
    run_jobs()
    [message] = mail.outbox
    assert calendars(message) == [("REQUEST", "CONFIRMED", *uids(first))]
    [event] = events_of(calendar_text(message)).values()
    assert event["DTSTART"].dt == moved["starts_at"].replace(microsecond=0)
    assert int(event["SEQUENCE"]) == 1


def calendar_text(message):
    return next(
        part.get_content() for part in message.message().walk() if part.get_content_type() == "text/calendar"
    )


def test_session_that_takes_place_after_all_is_told():
    training = series(0, 7)
    first = training.sessions.first()
    awaited(training)
    change(training, first, cancelled_at=timezone.now())
    mail.outbox.clear()
    assert change(training, first, cancelled_at=None) == 1
    [message] = mail.outbox
    assert calendars(message) == [("REQUEST", "CONFIRMED", *uids(first))]


@pytest.mark.parametrize(
    ("activity", "session"),
    [
        ({}, {"title": "Autre"}),
        ({}, {"trainer": "Lou Roy"}),
        ({"announced_at": None}, {"cancelled_at": timezone.now()}),
        ({"cancelled_at": timezone.now()}, {"cancelled_at": timezone.now()}),
        ({"starts_at": timezone.now() - 9 * DAY}, {"cancelled_at": timezone.now()}),
    ],
)
def test_what_changes_nobody_s_day_is_told_to_nobody(activity, session):
    training = series(0, 30, **activity)
    awaited(training)
    assert change(training, training.sessions.first(), **session) == 0
    assert not mail.outbox


def test_change_taken_back_before_the_worker_runs_is_told_as_it_ended():
    training = series(0, 7)
    first = training.sessions.first()
    awaited(training)
    before = list(training.sessions.all())
    Session.objects.filter(pk=first.pk).update(cancelled_at=timezone.now())
    tell_of_changes(forum=training, before=before, now=timezone.now())
    Session.objects.filter(pk=first.pk).update(cancelled_at=None)
    run_jobs()
    assert not mail.outbox


# --- Reminders and the link to take part --------------------------------------------------------------------------


def test_each_session_has_its_reminder_for_those_who_come_to_it():
    training = series(0, 7, chooses_sessions=True)
    first, second = training.sessions.all()
    awaited(training, first, email="premiere@exemple.example")
    awaited(training, second, email="seconde@exemple.example")
    Session.objects.filter(pk=first.pk).update(venue="La Grange")
    before = [row.starts_at - 2 * DAY for row in (first, second)]
    assert [reminders.send_reminders(moment - timedelta(seconds=1)) for moment in before] == [0, 0]
    assert [reminders.send_reminders(before[0] + timedelta(minutes=10 * n)) for n in range(3)] == [1, 0, 0]
    [message] = mail.outbox
    assert message.to == ["premiere@exemple.example"]
    assert "La Grange" in message.body
    assert calendars(message) == [("REQUEST", "CONFIRMED", *uids(first))]


def test_cancelled_session_has_no_reminder():
    training = series(0, 7)
    first = training.sessions.first()
    awaited(training)
    Session.objects.filter(pk=first.pk).update(cancelled_at=timezone.now())
    assert reminders.send_reminders(first.starts_at - DAY) == 0


@pytest.mark.parametrize("kind", NoticeKind)
def test_link_to_take_part_is_in_the_reminder_alone(kind):
    person = awaited(ForumFactory(kind="webinar", has_participation=False, mode="online", online_link=LINK))
    message = notices.render_notice(person, kind)
    assert (LINK in message.body) is (kind is NoticeKind.REMINDER)
    assert all(LINK not in str(each.content) for each in message.alternatives[1:])
    # Nobody shows a code at a door that there is not.
    assert "code.png" not in message.alternatives[0].content
    # Links hold letters at random.
    assert "QR" not in re.sub(r"https?://\S+", "", message.body) or kind is NoticeKind.ALREADY


def test_confirmation_of_the_last_days_brings_the_link_since_no_reminder_follows():
    activity = ForumFactory(mode="both", online_link=LINK, starts_at=timezone.now() + DAY)
    person = awaited(activity)
    assert LINK in notices.render_notice(person, NoticeKind.CONFIRMATION).body
    person.state = "waitlisted"
    assert LINK not in notices.render_notice(person, NoticeKind.WAITLISTED).body
    activity.mode = "in_person"
    person.state = "confirmed"
    assert LINK not in notices.render_notice(person, NoticeKind.CONFIRMATION).body


def test_link_of_a_session_is_its_own_or_that_of_the_series():
    training = series(0, 7, mode="online", online_link=LINK)
    first, second = training.sessions.all()
    Session.objects.filter(pk=second.pk).update(online_link="https://visio.example/autre")
    awaited(training, confirmed_at=timezone.now() - DAY)
    for session, link in ((first, LINK), (second, "https://visio.example/autre")):
        mail.outbox.clear()
        assert reminders.send_reminders(session.starts_at - DAY) == 1
        assert f"\n{link}\n" in mail.outbox[0].body


def test_activity_whose_registrations_are_received_elsewhere_writes_to_nobody():
    activity = ForumFactory(registration_link="https://ailleurs.example/inscription")
    person = awaited(activity)
    assert not notices.queue_once(person, NoticeKind.CONFIRMATION, now=timezone.now())
    assert reminders.send_reminders(activity.starts_at - DAY) == 0
    cancel(forum=activity, now=timezone.now())
    run_jobs()
    assert not mail.outbox
    assert not Notice.objects.exists()
