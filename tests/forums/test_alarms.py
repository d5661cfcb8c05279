"""Backups without the vote's secret, upgrades that wait, restores that annul, and what the diagnostic says."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from forums.hooks import diagnostics
from forums.models import Ballot, Round, RoundSecret
from forums.vote.casting import VoteNotOpen, cast_ballot
from forums.vote.rounds import close_round, open_round
from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning
from pole.server import backups, restoring
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory

RACE = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_round_here(db):
    round = RoundFactory(number=1)
    QuestionFactory(round=round, position=1)
    RegistrationFactory(forum=round.forum)
    return open_round(round_id=round.pk, by=None)


def cast(round):
    entry = round.roll.get()
    return cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a")


@pytest.mark.django_db
def test_nothing_under_way_is_said():
    assert str(diagnostics.check_votes()) == "Aucun en cours."
    call_command("votes_allow_upgrade", stdout=io.StringIO())


def test_open_vote_is_a_remark_and_stops_an_upgrade(open_round_here):
    with pytest.raises(DiagnosticWarning, match="Ne mettez rien à jour"):
        diagnostics.check_votes()
    with pytest.raises(CommandError, match="scrutin 1"):
        call_command("votes_allow_upgrade", stdout=io.StringIO())


def test_closed_vote_stops_an_upgrade_until_it_is_sealed(open_round_here):
    close_round(round_id=open_round_here.pk, by=None)
    with pytest.raises(CommandError, match="scrutin 1"):
        call_command("votes_allow_upgrade", stdout=io.StringIO())
    from forums.event.open_and_seal import seal_vote

    seal_vote(round_id=open_round_here.pk, by=None)
    call_command("votes_allow_upgrade", stdout=io.StringIO())


@pytest.mark.parametrize(
    ("after", "kind", "said"),
    [
        (timedelta(seconds=-1), DiagnosticWarning, "En cours"),
        (timedelta(minutes=2, seconds=59), DiagnosticWarning, "En cours"),
        (timedelta(minutes=3), DiagnosticError, "l’heure est passée"),
    ],
)
def test_vote_that_the_worker_forgot_is_said(open_round_here, monkeypatch, after, kind, said):
    monkeypatch.setattr(diagnostics.timezone, "now", lambda: open_round_here.closes_at + after)
    with pytest.raises(kind, match=said):
        diagnostics.check_votes()


@pytest.mark.parametrize(
    ("days", "kind", "said"),
    [(1, DiagnosticWarning, "En cours"), (2, DiagnosticError, "Urne jamais scellée")],
)
def test_box_never_sealed_is_said(open_round_here, monkeypatch, days, kind, said):
    closed = close_round(round_id=open_round_here.pk, by=None)
    monkeypatch.setattr(diagnostics.timezone, "now", lambda: closed.closes_at + timedelta(days=days))
    with pytest.raises(kind, match=said):
        diagnostics.check_votes()


def test_diagnostic_has_the_line(open_round_here):
    out = io.StringIO()
    with pytest.raises(CommandError, match="à voir"):
        call_command("diagnostic", stdout=out)
    assert [line for line in out.getvalue().splitlines() if line.startswith("note    Votes")]


@RACE
def test_backup_holds_no_secret_and_its_restore_annuls(settings, monkeypatch, tmp_path, open_round_here):
    monkeypatch.setenv("POLE_BACKUPS", str(tmp_path / "backups"))
    cast(open_round_here)
    dump, _media = backups.create_backup()
    said = json.loads(dump.with_suffix(".json").read_text())
    assert said["left_out"] == ["django_session", "forums_roundsecret"]
    assert (said["tables"]["forums_roundsecret"], said["tables"]["forums_ballot"]) == (0, 1)
    restoring.drill(dump)
    # As after a restore: all is there but the secret.
    RoundSecret.objects.all().delete()
    with pytest.raises(VoteNotOpen):
        cast(open_round_here)
    with pytest.raises(DiagnosticError, match="annul_open_rounds"):
        diagnostics.check_votes()
    out = io.StringIO()
    call_command("annul_open_rounds", "--reason", "Serveur restauré.", stdout=out)
    round = Round.objects.get()
    assert round.state_at(timezone.now()) == Round.State.ANNULLED
    assert (round.annulled_because, Ballot.objects.count()) == ("Serveur restauré.", 0)
    assert str(diagnostics.check_votes()) == "Aucun en cours."


def test_command_leaves_healthy_votes_alone(open_round_here):
    call_command("annul_open_rounds", stdout=io.StringIO())
    assert Round.objects.get().annulled_at is None
    call_command("annul_open_rounds", "--all", stdout=io.StringIO())
    assert Round.objects.get().annulled_at is not None


@pytest.mark.django_db
def test_upgrade_question_works_before_the_first_migration():
    """On the server of a portal that never had votes, the tables come after the question."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO pg_catalog")
        assert diagnostics.names_of_unsealed_rounds() == []
        cursor.execute("SET LOCAL search_path TO DEFAULT")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("log_min_duration_statement", "500"),
        ("log_statement", "all"),
        ("log_parameter_max_length_on_error", "-1"),
    ],
)
def test_diagnostic_says_when_postgresql_logs_what_people_chose(db, setting, value):
    assert str(diagnostics.check_statement_logging()) == "Aucune valeur n’y est inscrite."
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [setting, value])
        with pytest.raises(DiagnosticWarning, match="log_parameter_max_length"):
            diagnostics.check_statement_logging()
        cursor.execute(
            "SELECT set_config('log_parameter_max_length', '0', true),"
            " set_config('log_parameter_max_length_on_error', '0', true)"
        )
    assert str(diagnostics.check_statement_logging()) == "Aucune valeur n’y est inscrite."
