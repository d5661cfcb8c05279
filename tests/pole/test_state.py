"""« État »: each line from its real cause, the worst first; the page answers whatever fails, and says what to do."""

from __future__ import annotations

import io
import os
import shlex
import socket
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import Role
from pole.files import disks
from pole.hooks import state_card
from pole.hooks.diagnostics import Check, DiagnosticError, DiagnosticWarning, Level
from pole.hub.state import database, looking, server, work
from pole.hub.state.drill import check_drill
from pole.models import Hub, KeptFinding, OutgoingMail, SuspendedAddress
from pole.server import drill_record, restoring
from tests.conftest import signed_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/gestion/etat/"


@pytest.fixture
def hub():
    return Hub.objects.create(name="Pôle", short_name="Pôle", tagline="x", privacy_email="vp@exemple.example")


@pytest.fixture
def direction(client, hub):
    return signed_in(UserFactory(roles=[Role.DIRECTION]), second_factor=True)


def finding(check):
    return looking.look_at(check)


def said_of(check):
    found = finding(check)
    return found.level, str(found.fact)


# --- The page and the command ---------------------------------------------------------------


def test_page_and_command_say_the_same(direction):
    out = io.StringIO()
    with suppress(CommandError):
        call_command("diagnostic", stdout=out)
    page = direction.get(ADDRESS).text
    for check in looking.all_checks():
        assert str(check.title) in page.replace("&#x27;", "'")
    # What the command has just seen of the disk, the page repeats, whatever the worker does.
    row = KeptFinding.objects.get(key=disks.check_disk.key)
    assert row.words["fr"]["fact"] in out.getvalue()
    assert row.words["fr"]["fact"] in page


def test_the_same_in_english(direction, monkeypatch):
    monkeypatch.setattr(disks, "MIN_FREE_BYTES", 2**80)
    looking.look_and_keep(timezone.now())
    page = direction.get(f"/en{ADDRESS}").text
    assert "Make room on this disk." in page
    assert "Libérez" not in page
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("diagnostic", language="en", stdout=out)
    assert "Make room on this disk." in out.getvalue()


def test_worst_is_first_and_all_well_is_one_sentence(direction, monkeypatch, settings):
    def fails():
        raise DiagnosticError("Brisé.", to_do="Réparez.", command="réparer")

    def doubts():
        raise DiagnosticWarning("Douteux.", to_do="Regardez.", page="staff:hub")

    def breaks():
        raise RuntimeError("boum")

    settings.DIAGNOSTICS = []
    checks = (Check("A", lambda: "Bon."), Check("B", doubts), Check("C", breaks), Check("D", fails))
    monkeypatch.setattr(looking, "CHECKS", checks)
    page = direction.get(ADDRESS).text
    places = [page.index(text) for text in ("Brisé.", "boum", "Douteux.", "Bon.")]
    assert places == sorted(places)
    assert "réparer" in page
    assert "Tout va bien" not in page
    monkeypatch.setattr(looking, "CHECKS", checks[:1])
    assert "Tout va bien" in direction.get(ADDRESS).text


def test_error_that_quotes_a_secret_or_a_script_shows_neither(direction, monkeypatch, settings):
    settings.DIAGNOSTICS = []

    def breaks():
        raise RuntimeError(f"postgres://pole:parole@hote/x {settings.SECRET_KEY} <script>alert(1)</script>")

    monkeypatch.setattr(looking, "CHECKS", (Check("C", breaks), Check("D", breaks, is_kept=True, about="d")))
    looking.look_and_keep(timezone.now())
    page = direction.get(ADDRESS).text
    assert "RuntimeError" in page
    assert not any(text in page for text in ("parole", settings.SECRET_KEY, "<script>alert"))


def test_what_says_a_nul_or_lasts_for_lines_is_kept(settings, monkeypatch):
    settings.DIAGNOSTICS = []

    def breaks():
        raise OSError("a\0b\nc" + "x" * 5000)

    monkeypatch.setattr(looking, "CHECKS", (Check("C", breaks, is_kept=True),))
    looking.look_and_keep(timezone.now())
    assert "\0" not in KeptFinding.objects.get(key__endswith="breaks").words["fr"]["fact"]


def test_page_asks_no_disk_nor_server(direction, monkeypatch):
    """Whatever hangs, hangs in the worker."""
    for check in [*looking.CHECKS, *looking.all_checks()]:
        if check.is_kept:
            monkeypatch.setattr(f"{check.look.__module__}.socket", None, raising=False)
    monkeypatch.setattr(os, "statvfs", lambda *_: pytest.fail("The page asked a disk."))
    monkeypatch.setattr(
        socket, "create_connection", lambda *_a, **_k: pytest.fail("The page asked a server.")
    )
    assert "Encore inconnu" in direction.get(ADDRESS).text


def test_page_asks_as_much_whatever_there_is(direction):
    looking.look_and_keep(timezone.now())
    direction.get(ADDRESS)
    with CaptureQueriesContext(
        connection,
    ) as few:
        direction.get(ADDRESS)
    OutgoingMail.objects.bulk_create([OutgoingMail(message={}) for _ in range(300)])
    SuspendedAddress.objects.bulk_create(
        [SuspendedAddress(address=f"a{n}@exemple.example", answer="x") for n in range(300)]
    )
    with CaptureQueriesContext(connection) as many:
        assert "300" in direction.get(ADDRESS).text
    assert len(many) == len(few)
    assert len(few) < 40


def test_what_nobody_looked_at_for_long_is_no_longer_well(hub):
    looking.look_and_keep(timezone.now() - timedelta(hours=3))
    found = {each.key: each for each in looking.state(timezone.now())}[disks.check_disk.key]
    assert found.level == Level.UNKNOWN
    assert "3 heures" in str(found.fact).replace("\xa0", " ")


def test_what_was_wrong_stays_wrong_until_someone_looks(hub, monkeypatch):
    monkeypatch.setattr(disks, "MIN_FREE_BYTES", 2**80)
    looking.look_and_keep(timezone.now() - timedelta(hours=3))
    found = {each.key: each for each in looking.state(timezone.now())}[disks.check_disk.key]
    assert found.level == Level.ACT


@pytest.mark.parametrize(
    "words", [{}, {"de": {"title": "Platte"}}, {"fr": {"title": "Disque", "to_do": "Regardez."}}]
)
@pytest.mark.parametrize(("level", "page"), [("burning", ""), ("act", "staff:no_such_page"), ("", "")])
def test_what_another_release_kept_is_shown(direction, words, level, page):
    """Before an upgrade, or after coming back from one."""
    key = disks.check_disk.key
    KeptFinding.objects.create(key=key, level=level, words=words, page=page, looked_at=timezone.now())
    for prefix in ("", "/en"):
        assert direction.get(f"{prefix}{ADDRESS}").status_code == 200
    assert direction.get(reverse("staff:home")).status_code == 200
    found = {each.key: each for each in looking.state(timezone.now())}[key]
    assert found.level == (Level.ACT if level == "act" else Level.UNKNOWN)


def test_what_was_seen_in_the_future_is_no_longer_well(direction):
    """The clock went back since: nobody knows how old it is."""
    looking.look_and_keep(timezone.now() + timedelta(days=2))
    found = {each.key: each for each in looking.state(timezone.now())}[database.check_size.key]
    assert (found.level, str(found.fact).startswith("L’horloge a reculé")) == (Level.UNKNOWN, True)
    assert "ne regarde plus rien" in str(state_card.card().lines[0].text)


@pytest.mark.parametrize("name", [b"caf\xe9", b"caf\xc3\xa9 ; rm", b"a'b$(c)"])
def test_folder_of_any_name_is_said_kept_and_quoted(direction, monkeypatch, settings, tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    path.mkdir()
    settings.VAR_DIR = settings.MEDIA_ROOT = path
    folder = str(path)
    monkeypatch.setenv("POLE_BACKUPS", folder)
    monkeypatch.setattr(disks, "MIN_FREE_BYTES", 2**80)
    found = finding(disks.check_disk)
    words = shlex.split(found.command)
    assert words == ["df", "-h", folder]
    looking.look_and_keep(timezone.now())
    assert direction.get(ADDRESS).status_code == 200
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with suppress(CommandError):
        call_command("diagnostic", stdout=out)
    out.flush()
    assert os.fsencode(folder).decode(errors="backslashreplace") in out.buffer.getvalue().decode()


def test_drill_dated_in_the_future_is_said(folder):
    drill_record.record(drill_record.Drill(timezone.now() + timedelta(days=3), "a.dump", 1, 1))
    level, fact = said_of(check_drill)
    assert (level, "daté du futur" in fact) == (Level.ACT, True)


def test_check_that_is_no_more_leaves_no_line(hub):
    KeptFinding.objects.create(key="autrefois", level="act", words={}, looked_at=timezone.now())
    looking.look_and_keep(timezone.now())
    assert not KeptFinding.objects.filter(key="autrefois").exists()


def test_home_has_a_card_when_something_is_to_be_mended(direction, monkeypatch):
    home = reverse("staff:home")
    assert "État du portail" not in direction.get(home).text
    monkeypatch.setattr(disks, "MIN_FREE_BYTES", 2**80)
    looking.look_and_keep(timezone.now())
    page = direction.get(home).text
    assert "État du portail" in page
    assert "Disque" in page
    editor = signed_in(UserFactory(roles=[Role.EDITORIAL]), second_factor=True)
    assert "État du portail" not in editor.get(home).text


def test_card_says_that_the_worker_looks_no_more(hub):
    looking.look_and_keep(timezone.now() - timedelta(hours=2))
    assert "ne regarde plus rien" in str(state_card.card().lines[0].text)


def test_every_verdict_leads_to_a_page_that_exists():
    for check in looking.all_checks():
        found = finding(check)
        assert not found.page or reverse(found.page)
        # Whoever reads that something is wrong reads what to do.
        assert found.level in {Level.WELL, Level.UNKNOWN} or str(found.to_do), check.key


# --- Queue and mail -------------------------------------------------------------------------


def worker(cursor, seconds=0):
    cursor.execute(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s))",
        [seconds],
    )


def test_nobody_works(settings, hub):
    app.configure_task("end_rounds", allow_unknown=False).defer(timestamp=0)
    settings.PRODUCTION = True
    level, fact = said_of(work.check_queue)
    assert (level, "1 tâche en attente" in fact) == (Level.ACT, True)
    settings.PRODUCTION = False
    assert said_of(work.check_queue)[0] == Level.WATCH
    with connection.cursor() as cursor:
        worker(cursor)
    level, fact = said_of(work.check_queue)
    assert (level, "roule" in fact, "la plus ancienne" in fact) == (Level.WELL, True, True)


def test_task_that_was_given_up_is_named(hub):
    app.configure_task("run_import", allow_unknown=False).defer(import_id=0)
    with connection.cursor() as cursor:
        worker(cursor)
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    level, fact = said_of(work.check_queue)
    assert (level, "run_import" in fact) == (Level.ACT, True)


def test_mail_that_waits_and_the_last_refusal_are_said(hub):
    old = OutgoingMail.objects.create(
        message={}, answer="451 4.7.1 <greylisted>", last_attempt_at=timezone.now()
    )
    assert said_of(work.check_mail)[0] == Level.WELL
    OutgoingMail.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=3))
    level, fact = said_of(work.check_mail)
    assert (level, "451 4.7.1 <greylisted>" in fact) == (Level.WATCH, True)


def test_relay_that_answers_nothing_is_said(settings, hub):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    settings.MAILERS = settings.MAILERS | {
        "delivery": {
            "BACKEND": "pole.mail.relay.RelayBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "password": "parole"},
        }
    }
    level, fact = said_of(work.check_relay)
    assert (level, "parole" in fact) == (Level.ACT, False)


# --- Backups --------------------------------------------------------------------------------


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("POLE_BACKUPS", str(tmp_path))
    return tmp_path


def test_drill_leaves_word_of_what_it_found(folder, monkeypatch):
    assert said_of(check_drill)[0] == Level.WATCH
    with pytest.raises(CommandError):
        call_command("restore_drill", stdout=io.StringIO())
    level, fact = said_of(check_drill)
    assert (level, "Aucune sauvegarde dans" in fact) == (Level.ACT, True)
    (folder / "pole-20260101T000000Z.dump").write_bytes(b"x")
    monkeypatch.setattr(restoring, "drill", lambda _dump: (12, 34))
    call_command("restore_drill", stdout=io.StringIO())
    level, fact = said_of(check_drill)
    assert (level, "12 tables, 34 fichiers" in fact) == (Level.WELL, True)


def test_drill_of_long_ago_is_to_be_made_again(folder):
    drill_record.record(drill_record.Drill(timezone.now() - timedelta(days=90), "a.dump", 1, 1))
    level, fact = said_of(check_drill)
    assert (level, "90 jours" in fact.replace("\xa0", " ")) == (Level.WATCH, True)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"at": "hier"}', b'{"at": "2026-01-01T00:00:00", "dump": 1}']
)
def test_word_of_a_drill_that_cant_be_read_is_not_known(folder, content):
    (folder / drill_record.NAME).write_bytes(content)
    assert said_of(check_drill)[0] == Level.UNKNOWN


def test_drill_in_a_folder_that_takes_no_file_still_says_what_it_found(folder, monkeypatch):
    (folder / "pole-20260101T000000Z.dump").write_bytes(b"x")
    monkeypatch.setattr(restoring, "drill", lambda _dump: (12, 34))

    def refuse(*_values):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(drill_record, "write_whole", refuse)
    out = io.StringIO()
    call_command("restore_drill", stdout=out)
    assert "12 tables" in out.getvalue()


# --- Database -------------------------------------------------------------------------------


def test_connections_and_size_are_said(hub):
    assert said_of(database.check_connections)[0] == Level.WELL
    assert said_of(database.check_size)[0] == Level.WELL
    assert said_of(database.check_replicas)[0] == Level.WELL


def test_transaction_that_lasts_is_said(hub, monkeypatch):
    monkeypatch.setattr(database, "LONG_TRANSACTION", timedelta())
    assert said_of(database.check_connections)[0] == Level.WATCH


def test_server_that_is_nearly_full_of_connections_is_said(hub, monkeypatch):
    monkeypatch.setattr(database, "MOST_CONNECTIONS", 0)
    assert said_of(database.check_connections)[0] == Level.WATCH


def test_versions_are_said(hub):
    import django

    level, fact = said_of(server.check_versions)
    assert (level, django.get_version() in fact) == (Level.WELL, True)


def test_every_message_is_in_both_languages(hub):
    """Of whatever is wrong here: a sentence in French has no English one beside it."""
    looking.look_and_keep(timezone.now())
    for row in KeptFinding.objects.all():
        assert row.words["fr"]["title"]
        if row.words["fr"]["to_do"]:
            assert row.words["fr"]["to_do"] != row.words["en"]["to_do"], row.key
