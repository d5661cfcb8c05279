"""What can't wait is told at once, to those whose rooms it is about, once an hour for one thing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.mailing import team_alerts
from accounts.mailing.team_alerts import team_alert
from accounts.models import TeamAlert, TeamMails
from accounts.privacy import team_mails
from comments.flagging import flag
from forums import tasks
from forums.models import RateLimitCounter
from forums.vote import rate_limits, rounds
from forums.vote.rate_limits import MAX_UNKNOWN_CODES_A_MINUTE
from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning
from pole.server import backups
from tests.factories import (
    CommentFactory,
    PostFactory,
    QuestionFactory,
    RegistrationFactory,
    RoundFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return {
        role: UserFactory(is_staff=True, roles=[role])
        for role in ("direction", "editorial", "directory", "forums")
    }


def told():
    """Who was told, by the local part of their address, since the last look."""
    found = sorted(address for each in mail.outbox for address in each.to)
    mail.outbox.clear()
    return found


def addresses(team, *roles):
    return sorted(team[role].email for role in roles)


def flagged(comment=None, now=None):
    comment = comment or CommentFactory(thread=PostFactory().thread, text="Achetez mes montres")
    flag(comment=comment, by=UserFactory(name="Odile Roy"), reason="Publicité", now=now or timezone.now())
    return comment


def test_a_flag_is_told_to_those_who_moderate(team):
    comment = flagged()
    body = mail.outbox[0].body.replace("\N{NO-BREAK SPACE}", " ")
    assert mail.outbox[0].subject == "Un commentaire est signalé"
    assert "Odile Roy nous demande de relire un commentaire : « Publicité »." in body
    assert "Le commentaire dit : « Achetez mes montres »" in body
    assert f"/gestion/moderation/?commentaire={comment.pk}#{comment.anchor}" in body
    assert told() == addresses(team, "direction", "editorial")


def test_a_flag_leads_to_its_comment_however_many_wait(team, staff_client, monkeypatch):
    monkeypatch.setattr("comments.views.staff.MAX_ITEMS", 1)
    CommentFactory(thread=PostFactory().thread, state="pending", shown_at=None)
    comment = flagged()
    (address,) = re.findall(r"(/gestion/moderation/\S*)#commentaire-\d+", mail.outbox[0].body)
    assert f'id="{comment.anchor}"' in staff_client.get(address).text


def test_one_thing_is_told_once_an_hour(team):
    start = timezone.now()
    comment = flagged(now=start)
    assert told()
    flagged(comment, start + timedelta(minutes=59))
    assert told() == []
    other = flagged(now=start + timedelta(minutes=59))
    assert len(told()) == 2
    flagged(comment, start + timedelta(minutes=60))
    assert len(told()) == 2
    flagged(comment, start + timedelta(minutes=61))
    assert told() == []
    assert TeamAlert.objects.filter(key__in=[str(comment.pk), str(other.pk)]).count() == 2


def test_the_same_flag_again_tells_nobody(team):
    comment, by, now = CommentFactory(thread=PostFactory().thread), UserFactory(), timezone.now()
    flag(comment=comment, by=by, reason="x", now=now)
    told()
    flag(comment=comment, by=by, reason="x", now=now + timedelta(hours=2))
    assert told() == []


def test_who_does_not_want_it_is_closed_or_suspended_is_not_told(team):
    TeamMails.objects.create(user=team["editorial"], takes_alerts=False)
    closed = UserFactory(is_staff=True, roles=["editorial"], is_active=False)
    suspended = UserFactory(
        is_staff=True, roles=["editorial"], suspended_until=timezone.now() + timedelta(days=1)
    )
    flagged()
    assert told() == addresses(team, "direction")
    assert not {closed.email, suspended.email} & set(told())


def test_stopping_the_daily_mail_leaves_what_cannot_wait(team):
    team_mails.stop_daily(user=team["editorial"], now=timezone.now())
    flagged()
    assert told() == addresses(team, "direction", "editorial")


def test_every_kind_has_words_that_take_its_values(team, settings):
    values = {
        "name": "Odile", "reason": "x", "text": "y", "limit": 300, "problem": "rien ne va", "subject": "Un mot",
        "to": "a@exemple.example", "answer": "550",
    }  # fmt: skip
    for kind in settings.TEAM_ALERTS:
        assert team_alert(kind, values=values, path="/gestion/")
        assert len(told()) == 2 - (
            kind
            in {
                "mail_failed",
                "mail_reputation",
                "mail_configuration",
                "storage_failed",
                "backup_failed",
                "backup_old",
                "job_failed",
                "service_failed",
            }
        )
    assert {kind for kind, _path in settings.TEAM_WATCHES} <= set(settings.TEAM_ALERTS)


def test_relay_that_stays_closed_is_told_once_a_day(team):
    """The mails wait until it is mended: those of each hour would come all at once."""
    now = timezone.now()
    values = {"subject": "Un mot", "to": "a@exemple.example", "answer": "535"}
    hours = [
        hour
        for hour in range(26)
        if team_alert("mail_configuration", values=values, now=now + timedelta(hours=hour))
    ]
    assert hours == [0, 24]


def test_a_vote_that_cannot_be_ended_is_told_and_hides_no_error(team, monkeypatch):
    round = RoundFactory()
    QuestionFactory(round=round, position=1)
    RegistrationFactory(forum=round.forum)
    rounds.open_round(round_id=round.pk, by=None)
    mail.outbox.clear()
    monkeypatch.setattr(type(round).objects.__class__, "overdue", lambda _self, _now: [round], raising=False)

    def fails(**_kwargs):
        raise RuntimeError("disk full")

    monkeypatch.setattr(tasks, "close_round", fails)
    for _minute in range(3):
        with pytest.raises(ExceptionGroup):
            tasks.end_rounds(timestamp=0)
    text = mail.outbox[0].body
    assert round.forum.title in mail.outbox[0].subject
    assert f"/gestion/forums/{round.forum.slug}/scrutins/{round.number}/" in text
    assert told() == addresses(team, "direction", "forums")


def test_codes_tried_by_the_hundred_are_told_once(team):
    now = timezone.now()
    RateLimitCounter.objects.all().delete()
    for kind in (RateLimitCounter.Kind.CODE, RateLimitCounter.Kind.RECEIPT):
        for _try in range(MAX_UNKNOWN_CODES_A_MINUTE + 3):
            rate_limits.count_attempt(client_ip="192.0.2.1", kind=kind, now=now)
    assert told() == addresses(team, "direction", "forums")


def raises(problem):
    def check():
        raise problem

    return check


@pytest.mark.parametrize(
    ("problem", "is_told"),
    [
        (DiagnosticError("rien depuis 3 jours"), True),
        (DiagnosticWarning("démonstration"), False),
        (OSError(), False),
    ],
)
def test_what_is_watched_is_told_once_a_day_while_it_lasts(team, settings, monkeypatch, problem, is_told):
    monkeypatch.setattr(team_alerts, "looked_at", raises(problem), raising=False)
    settings.TEAM_WATCHES = [("backup_old", "accounts.mailing.team_alerts.looked_at")]
    start = timezone.now()
    sent = [bool(team_alerts.watch(now=start + timedelta(minutes=10 * n))) for n in range(145)]
    assert [n for n, went in enumerate(sent) if went] == ([0, 144] if is_told else [])
    assert set(told()) == set(addresses(team, "direction") if is_told else [])


def test_a_backup_that_is_missing_in_production_is_told(team, settings, monkeypatch, tmp_path):
    monkeypatch.setenv("POLE_BACKUPS", str(tmp_path))
    team_alerts.watch(now=timezone.now())
    assert told() == []
    settings.PRODUCTION = True
    team_alerts.watch(now=timezone.now())
    assert told() == addresses(team, "direction")


def test_a_backup_that_fails_is_told(team, monkeypatch):
    def fails():
        raise backups.BackupError("pg_dump: disque plein")

    monkeypatch.setattr(backups, "create_backup", fails)
    with pytest.raises(CommandError, match="disque plein"):
        call_command("backup")
    assert "disque plein" in mail.outbox[0].body
    assert told() == addresses(team, "direction")


def test_a_backup_that_fails_says_so_even_when_the_team_cannot_be_told(monkeypatch, settings):
    def fails():
        raise backups.BackupError("la base ne répond pas")

    monkeypatch.setattr(backups, "create_backup", fails)
    settings.TEAM_ALERT = "accounts.mailing.team_alerts.nothing_like_this"
    with pytest.raises(CommandError, match="ne répond pas"):
        call_command("backup")


def test_a_task_that_gave_up_is_found(team):
    from django.db import connection

    team_alerts.check_jobs()
    app.configure_task("run_import", allow_unknown=False).defer(import_id=0)
    job = ProcrastinateJob.objects.latest("pk")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job.pk])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job.pk])
    with pytest.raises(DiagnosticError, match="run_import"):
        team_alerts.check_jobs()
