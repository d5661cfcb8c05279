"""Mails about a forum: who gets them, once, in which language, in whose words."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from forums.mail import notices, reminders
from forums.mail.texts import EDITABLE_KINDS, default_text
from forums.models import Notice, NoticeKind, NoticeText, Round
from forums.registration import check_in
from forums.tasks import write_to_forum
from forums.vote.rounds import open_round
from tests.factories import (
    ForumFactory,
    QuestionFactory,
    RegistrationFactory,
    ResultsFactory,
    RoundFactory,
)
from tests.forums.registering import open_forum

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def forum():
    return open_forum(title="Forum du lac", title_en="Lake forum")


def awaited(forum, **changes):
    return RegistrationFactory(forum=forum, checked_in_at=None, **changes)


def to_all():
    return sorted(message.to[0] for message in mail.outbox)


# Written to an address before its owner has confirmed anything: the name may be a stranger’s.
NAMELESS = {NoticeKind.TO_CONFIRM}


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_mail_has_two_forms_in_the_language_of_the_person(forum, kind, language):
    person = awaited(forum, name="<b>Lou</b> {lieu}", language=language)
    composed = notices.render_notice(person, kind, link="https://pole.example/ici/")
    html, mime = composed.alternatives[0]
    title = "Forum du lac" if language == "fr" else "Lake forum"
    assert (mime, composed.to) == ("text/html", [person.email])
    assert title in composed.subject
    assert f'<html lang="{language}-CA">' in html
    assert "<b>Lou" not in html
    assert not re.search(r"\{[{%]|\{(nom|forum|date)\}|\n{4,}", composed.body)
    assert composed.body.count("<b>Lou</b> {lieu}") == (kind not in NAMELESS)
    french = default_text(kind).subject.replace("{forum}", title)
    assert (composed.subject == " ".join(french.split())) is (language == "fr")


def test_reminder_tells_access_date_and_code(forum):
    forum.venue_address = "10, rue de la Gare"
    person = awaited(forum)
    composed = notices.render_notice(person, NoticeKind.REMINDER)
    assert "10, rue de la Gare" in composed.body
    assert "Quand" in composed.body
    picture = re.search(r'<img src="([^"]+)"', composed.alternatives[0][0])[1]
    assert picture.endswith("/code.png")
    assert f"/forums/{forum.slug}/inscription/" in picture


@pytest.mark.parametrize(("shift", "count"), [(-SECOND, 0), (timedelta(), 1), (SECOND, 1)])
def test_reminder_leaves_two_days_before_to_the_second(forum, shift, count):
    awaited(forum)
    assert reminders.send_reminders(forum.starts_at - timedelta(days=2) + shift) == count


def test_reminder_leaves_once_and_never_after_the_beginning(forum):
    awaited(forum)
    moment = forum.starts_at - timedelta(days=2)
    assert [reminders.send_reminders(moment + timedelta(minutes=10 * n)) for n in range(3)] == [1, 0, 0]
    Notice.objects.all().delete()
    assert reminders.send_reminders(forum.starts_at) == 0


def test_reminder_is_for_those_who_have_a_place_and_had_no_mail_since(forum):
    moment = forum.starts_at - timedelta(days=2)
    person = awaited(forum, email="place@exemple.example")
    awaited(forum, email="attend@exemple.example", state="waitlisted", waitlisted_at=timezone.now())
    awaited(forum, email="recente@exemple.example", confirmed_at=moment + SECOND)
    awaited(forum, email="")
    awaited(ForumFactory(starts_at=forum.starts_at, cancelled_at=timezone.now()))
    awaited(ForumFactory(starts_at=forum.starts_at, announced_at=None))
    reminders.send_reminders(moment + timedelta(hours=1))
    assert to_all() == [person.email]


def test_postponed_forum_is_reminded_again(forum):
    awaited(forum)
    reminders.send_reminders(forum.starts_at - timedelta(days=1))
    forum.starts_at += timedelta(days=30)
    forum.ends_at += timedelta(days=30)
    forum.save()
    assert reminders.send_reminders(forum.starts_at - timedelta(days=1)) == 1


def test_each_mail_goes_once_a_person_however_often_the_task_runs(forum):
    for _n in range(3):
        awaited(forum)
    forum.cancelled_at = timezone.now()
    forum.save()
    for _n in range(2):
        write_to_forum(forum_id=forum.pk, kind="called_off", about="x")
    assert len(mail.outbox) == 3


def test_what_is_no_longer_true_is_not_sent(forum):
    awaited(forum)
    write_to_forum(forum_id=forum.pk, kind="called_off", about="x")
    write_to_forum(forum_id=forum.pk, kind="postponed", about="12345 12345")
    write_to_forum(forum_id=forum.pk, kind="results", about="")
    write_to_forum(forum_id=forum.pk, kind="vote_open", about="1")
    assert not mail.outbox


@pytest.mark.parametrize(
    ("public", "told"),
    [
        (Round.Public.CHECKED_IN, ["arrivee@exemple.example"]),
        (Round.Public.REGISTRANTS, ["arrivee@exemple.example", "attendue@exemple.example"]),
    ],
)
def test_open_vote_is_told_to_those_who_may_vote_with_their_own_link(forum, public, told):
    RegistrationFactory(forum=forum, email="arrivee@exemple.example")
    awaited(forum, email="attendue@exemple.example")
    QuestionFactory(round=(round := RoundFactory(forum=forum, public=public)))
    open_round(round_id=round.pk, by=None)
    write_to_forum(forum_id=forum.pk, kind="vote_open", about=str(round.number))
    assert to_all() == told
    links = {re.search(r"https?://\S+/vote/lien/\S+", message.body)[0] for message in mail.outbox}
    assert len(links) == len(told)


@pytest.mark.parametrize("public", [Round.Public.CHECKED_IN, Round.Public.REGISTRANTS])
def test_whoever_comes_once_the_vote_is_open_gets_the_link_too_once(client, public):
    forum = open_forum(starts_at=timezone.now() - timedelta(hours=1))
    QuestionFactory(round=(round := RoundFactory(forum=forum, public=public)))
    RegistrationFactory(forum=forum)
    open_round(round_id=round.pk, by=None)
    person = awaited(forum, email="tard@exemple.example")
    for _again in range(2):
        check_in.check_in(registration=person, now=timezone.now())
    (told,) = [message for message in mail.outbox if message.to == ["tard@exemple.example"]]
    write_to_forum(forum_id=forum.pk, kind="vote_open", about=str(round.number))
    assert to_all().count("tard@exemple.example") == 1
    link = re.search(r"https?://[^/]+(/vote/lien/\S+)", told.body)[1]
    opened = client.get(link, follow=True)
    assert (opened.status_code, b'name="q1"' in opened.content) == (200, True)


def test_trial_vote_is_not_announced_to_those_who_come_late():
    forum = open_forum(starts_at=timezone.now() - timedelta(hours=1))
    QuestionFactory(round=(round := RoundFactory(forum=forum, is_trial=True)))
    RegistrationFactory(forum=forum)
    open_round(round_id=round.pk, by=None)
    check_in.check_in(registration=awaited(forum), now=timezone.now())
    assert not Notice.objects.filter(kind=NoticeKind.VOTE_OPEN).exists()


def test_published_results_are_told_in_each_language(db):
    results = ResultsFactory()
    RegistrationFactory(forum=results.forum, language="en")
    RegistrationFactory(forum=results.forum, language="fr")
    write_to_forum(forum_id=results.forum_id, kind="results", about="")
    bodies = sorted(message.body for message in mail.outbox)
    paths = {re.search(r"https?://[^/]+(/\S*resultats/)", body)[1] for body in bodies}
    assert paths == {
        f"/forums/{results.forum.slug}/resultats/",
        f"/en/forums/{results.forum.slug}/resultats/",
    }


# --- Staff's own words ------------------------------------------------------------------------------------


def page(forum, kind="confirmation"):
    return f"/gestion/forums/{forum.slug}/courriels/{kind}/"


def words(**changes):
    return {"subject": "", "body": "", "subject_en": "", "body_en": ""} | changes


def test_staff_reword_a_mail_and_the_next_one_says_it(staff_client, forum):
    form = words(
        subject="À vous, {nom}", body="Bienvenue à {forum}.", subject_en="Hi {nom}", body_en="Welcome."
    )
    staff_client.post(page(forum), form)
    french, english = awaited(forum, name="Lou"), awaited(forum, name="Sam", language="en")
    for person in (french, english):
        notices.queue_once(person, NoticeKind.CONFIRMATION, now=timezone.now())
    assert [message.subject for message in mail.outbox] == ["À vous, Lou", "Hi Sam"]
    assert "Bienvenue à Forum du lac." in mail.outbox[0].body
    assert f"/forums/{forum.slug}/inscription/" in mail.outbox[0].body


def test_preview_shows_both_languages_and_saves_nothing(staff_client, forum):
    form = words(subject="Essai", body="Bonjour {nom}!", subject_en="Trial", body_en="Hi {nom}!")
    text = staff_client.post(page(forum), form | {"preview": "1"}).content.decode()
    assert "Bonjour Camille Roy!" in text
    assert "Hi Camille Roy!" in text
    assert not NoticeText.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": "Essai", "body": "Bonjour {prénom}"}, "body"),
        ({"subject": "Essai"}, "body"),
        ({"body": "Essai"}, "subject"),
        ({"subject": "x" * 141, "body": "x"}, "subject"),
        ({"subject": "x", "body": "x" * 4001}, "body"),
    ],
)
def test_words_that_cannot_be_sent_are_refused(staff_client, forum, changes, field):
    response = staff_client.post(page(forum), words(**changes))
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in response.content.decode()
    assert not NoticeText.objects.exists()


def test_our_own_words_unchanged_or_emptied_are_not_kept(staff_client, forum):
    shown = staff_client.get(page(forum)).context["form"]
    unchanged = {name: shown[name].value() for name in shown.fields}
    staff_client.post(page(forum), unchanged)
    assert not NoticeText.objects.exists()
    staff_client.post(page(forum), words(subject="Essai", body="Essai"))
    assert NoticeText.objects.get().language == "fr"
    staff_client.post(page(forum), words())
    assert not NoticeText.objects.exists()


def test_words_are_text_never_markup(staff_client, forum):
    payload = "<script>alert(1)</script>"
    form = words(subject=payload, body=payload)
    text = staff_client.post(page(forum), form | {"preview": "1"}).content.decode()
    staff_client.post(page(forum), form)
    composed = notices.render_notice(awaited(forum, name=payload), NoticeKind.CONFIRMATION)
    assert "<script>alert" not in text + composed.alternatives[0][0]


def test_only_some_mails_are_reworded(staff_client, forum):
    for kind in NoticeKind:
        status = staff_client.get(page(forum, kind.value)).status_code
        assert status == (200 if kind in EDITABLE_KINDS else 404)
    assert staff_client.get(page(forum, "inconnu")).status_code == 404
