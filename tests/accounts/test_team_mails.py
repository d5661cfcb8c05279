"""What the team is told by mail: each day what waits in the rooms of each, as the staff home says it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.mailing import team_digest
from accounts.models import TeamMails
from accounts.privacy import team_mails
from accounts.tasks import tell_team
from tests.conftest import signed_in
from tests.factories import CommentFactory, ListingFactory, PostFactory, RecommendationFactory, UserFactory

pytestmark = pytest.mark.django_db

YEAR = [datetime(2026, 1, 1, 5, tzinfo=UTC) + timedelta(minutes=30 * tick) for tick in range(48 * 365)]


def member(*roles, **choices):
    user = UserFactory(name="Dominique Caron", is_staff=True, roles=list(roles or ["direction"]))
    if choices:
        TeamMails.objects.create(user=user, **choices)
    return user


def waits_in_each_room():
    comment = CommentFactory(thread=PostFactory().thread, state="pending", shown_at=None)
    type(comment).objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(days=7))
    ListingFactory().proposals.create(kind="report", message="Une erreur")
    RecommendationFactory(state="proposed", forum__title="Forum d’automne")


def told(user):
    return [each for each in mail.outbox if each.to == [user.email]]


@pytest.mark.parametrize("hour", range(24))
def test_it_is_time_once_each_day_of_a_year_at_the_hour_chosen(hour):
    """Every half hour of a year: on 8 March two o'clock does not exist, and on 1 November one o'clock comes twice."""
    choices = TeamMails(hour=hour)
    sent = []
    for now in YEAR:
        if team_digest.is_due(choices, now):
            local = timezone.localtime(now)
            choices.last_daily_on = local.date()
            sent.append((local.date(), local.hour, local.minute))
    assert [day for day, _hour, _minute in sent] == [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    late = {(day, at) for day, at, _minute in sent if at != hour}
    assert late == ({(date(2026, 3, 8), 3)} if hour == 2 else set())
    assert {minute for _day, _at, minute in sent} == {0}


@pytest.mark.parametrize("hour", [0, 7, 23])
def test_from_monday_to_friday_there_is_no_mail_on_a_week_end(hour):
    choices = TeamMails(hour=hour, on_weekdays_only=True)
    days = {timezone.localdate(now).weekday() for now in YEAR if team_digest.is_due(choices, now)}
    assert days == {0, 1, 2, 3, 4}


def test_whoever_wants_no_daily_mail_never_gets_one():
    assert not any(team_digest.is_due(TeamMails(is_daily=False), now) for now in YEAR)


def test_a_worker_that_was_down_at_that_hour_sends_it_later_the_same_day(db):
    choices = TeamMails(hour=7, last_daily_on=date(2026, 7, 5))
    assert not team_digest.is_due(choices, datetime(2026, 7, 6, 10, 59, tzinfo=UTC))
    assert team_digest.is_due(choices, datetime(2026, 7, 6, 11, tzinfo=UTC))
    assert team_digest.is_due(choices, datetime(2026, 7, 7, 3, 59, tzinfo=UTC))


def test_a_comment_that_waits_for_a_week_is_told_the_next_morning_once():
    user = member("editorial", hour=0)
    waits_in_each_room()
    now = timezone.now()
    # The worker is started again, and its task runs twice.
    assert [team_digest.send_due(now=now) for _ in range(3)] == [1, 0, 0]
    (received,) = told(user)
    body = received.body.replace("\N{NO-BREAK SPACE}", " ")
    assert received.subject == "1 élément à traiter"
    assert "1 commentaire à lire, depuis 7 jours" in body
    assert "/gestion/moderation/" in body
    # Its rooms alone.
    assert "recommandation" not in body.lower()
    assert "/gestion/repertoire/" not in body


def test_nothing_is_sent_when_nothing_waits():
    user = member(hour=0)
    citizen = UserFactory()
    PostFactory(published_at=None)
    ListingFactory(state="draft")
    assert team_digest.send_due(now=timezone.now()) == 0
    assert told(user) == []
    # Nobody else was looked at.
    assert not TeamMails.objects.filter(user=citizen).exists()
    # The day is over for it: what comes later waits for the next.
    waits_in_each_room()
    assert team_digest.send_due(now=timezone.now()) == 0


@pytest.mark.parametrize(
    "roles", [["direction"], ["editorial"], ["directory"], ["forums"], ["editorial", "forums"]]
)
def test_mail_and_staff_home_say_the_same(roles):
    waits_in_each_room()
    user = member(*roles, hour=0)
    assert team_digest.send_due(now=timezone.now()) == 1
    (received,) = told(user)
    home = signed_in(user, second_factor=True).get(reverse("staff:home"))
    shown = [line for card in home.context["cards"] for line in card.lines if line.is_pending]
    assert len(shown) == {1: 3 if roles == ["direction"] else 1, 2: 2}[len(roles)]
    for line in shown:
        assert f"{line.count} {line.text}" in received.body
        assert line.url in received.body
        assert line.age in unescape(home.content.decode())
    assert received.subject.startswith(str(sum(line.count for line in shown)))


@pytest.mark.parametrize(
    "changes",
    [{"is_active": False}, {"roles": []}, {"suspended_until": datetime(2999, 1, 1, tzinfo=UTC)}],
)
def test_who_is_closed_out_of_the_team_or_suspended_gets_no_mail(changes):
    waits_in_each_room()
    # Somebody keeps the direction, and wants no daily mail.
    member(is_daily=False)
    user = member(hour=0)
    type(user).objects.filter(pk=user.pk).update(**changes)
    assert team_digest.send_due(now=timezone.now()) == 0
    assert told(user) == []


def test_one_that_fails_delays_no_other(monkeypatch):
    waits_in_each_room()
    first, second = member(hour=0), member(hour=0)
    send = team_digest.send

    def failing(**kwargs):
        if kwargs["to"] == first.email:
            raise RuntimeError
        send(**kwargs)

    monkeypatch.setattr(team_digest, "send", failing)
    assert team_digest.send_due(now=timezone.now()) == 1
    assert told(second)
    monkeypatch.undo()
    # Nothing was noted for the first: it is tried again.
    assert team_digest.send_due(now=timezone.now()) == 1
    assert told(first)


def test_one_click_ends_the_daily_mail_and_nothing_else():
    waits_in_each_room()
    user = member(hour=0)
    team_digest.send_due(now=timezone.now())
    (received,) = told(user)
    link = received.extra_headers["List-Unsubscribe"].strip("<>")
    assert received.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = "/" + link.split("/", 3)[3]
    client = Client(enforce_csrf_checks=True)
    assert client.get(path).status_code == 200
    user.team_mails.refresh_from_db()
    assert user.team_mails.is_daily
    assert client.post(path).status_code == 200
    user.team_mails.refresh_from_db()
    assert (user.team_mails.is_daily, user.team_mails.takes_alerts) == (False, True)
    assert client.post(path[:-3] + "x/").status_code == 404


def test_members_choose_on_their_account_and_others_have_nothing_to_choose(citizen_client):
    user = member("forums")
    client = signed_in(user)
    profile = client.get(reverse("account_profile")).content.decode()
    assert "Chaque jour, à partir de 7\N{NO-BREAK SPACE}h" in unescape(profile)
    address = reverse("account_team_mails")
    assert address in profile
    answer = client.post(address, {"is_daily": "on", "hour": "16", "on_weekdays_only": "on"})
    assert answer.url == reverse("account_profile")
    stored = TeamMails.objects.get(user=user)
    assert (stored.is_daily, stored.hour, stored.on_weekdays_only, stored.takes_alerts) == (
        True,
        16,
        True,
        False,
    )
    client.post(address, {"hour": "24"})
    stored.refresh_from_db()
    assert stored.hour == 16
    assert citizen_client.get(address).status_code == 404
    assert address not in citizen_client.get(reverse("account_profile")).content.decode()


def test_choosing_again_sends_no_second_mail_that_day():
    waits_in_each_room()
    user = member(hour=0)
    team_digest.send_due(now=timezone.now())
    team_mails.choose(
        user=user, now=timezone.now(), is_daily=True, hour=0, on_weekdays_only=False, takes_alerts=True
    )
    assert team_digest.send_due(now=timezone.now()) == 0


def test_the_task_sends_them(settings):
    settings.TEAM_WATCHES = []
    waits_in_each_room()
    user = member(hour=0)
    tell_team(timestamp=0)
    assert len(told(user)) == 1


def test_each_writes_in_the_language_of_its_reader():
    waits_in_each_room()
    user = member("editorial", hour=0)
    type(user).objects.filter(pk=user.pk).update(language="en")
    team_digest.send_due(now=timezone.now())
    (received,) = told(user)
    assert received.subject == "1 item waiting for you"
    assert "1 comment to read, for 7 days" in received.body


def test_what_waits_on_one_page_is_said_with_one_link():
    listing = ListingFactory()
    listing.proposals.create(kind="report", message="Une erreur")
    listing.claims.create(user=UserFactory(), state="waiting")
    user = member("directory", hour=0)
    team_digest.send_due(now=timezone.now())
    body = told(user)[0].body.replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "Répertoire :\n1 modification proposée ou erreur signalée, depuis aujourd’hui\n"
        "1 demande de gestion, depuis aujourd’hui\n\nhttp" in body
    ), body
    assert body.count("/gestion/repertoire/a-traiter/") == 1


def test_the_whole_text_as_it_is_read():
    waits_in_each_room()
    CommentFactory(thread=PostFactory().thread, state="pending", shown_at=None)
    user = member("editorial", "forums", hour=0)
    team_digest.send_due(now=timezone.now())
    (received,) = told(user)
    text = re.sub(r"\n{3,}", "\n\n", received.body.replace("\N{NO-BREAK SPACE}", " "))
    assert text.startswith(
        "Bonjour Dominique Caron,\n\n"
        "Voici ce qui attend l’un ou l’une de nous, dans vos sections du portail.\n\n"
        "Modération :\n2 commentaires à lire, depuis 7 jours pour la plus longue attente\n\n"
        "http://localhost:8000/gestion/moderation/\n\n"
        "Recommandations :\n1 proposition à lire – Forum d’automne, depuis aujourd’hui\n\n"
    ), text
    assert (
        "Ce courriel part à l’heure réglée dans votre compte, et seulement si quelque chose attend. Pour choisir une autre"
        " heure, ou aucune :\n\nhttp://localhost:8000/compte/courriels-equipe/" in text
    )
    page = received.alternatives[0].content
    assert '<a href="http://localhost:8000/gestion/moderation/">' in page
