"""Bringing a former site in from the browser: its export, its files, the trial, the run in the worker, its undoing."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.urls import reverse
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import AuditEntry
from blog import tasks
from blog.models import Page, Post, SiteImport
from blog.wordpress import running
from blog.wordpress.texts import Choices
from desk.models import Document, Picture
from tests.blog.wordpress.whole_site import export
from tests.factories import UserFactory


def upload(content=None, name="site.xml"):
    return SimpleUploadedFile(name, export() if content is None else content)


def files(**members):
    picture = io.BytesIO()
    Image.new("RGB", (900, 600), "green").save(picture, "JPEG")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in (
            members or {"uploads/2015/03/serre.jpg": picture.getvalue(), "uploads/2015/03/son.mp3": b"x"}
        ).items():
            archive.writestr(name, data)
    return SimpleUploadedFile("uploads.zip", packed.getvalue())


def send(client, **typed):
    told = {"file": upload(), "states": "kept", "language": ""} | typed
    return client.post(reverse("staff:site_import_list"), told)


def work():
    """What the worker does with what waits for it."""
    for job in ProcrastinateJob.objects.filter(task_name="import_site", status="todo"):
        tasks.import_site(**job.args)
    return SiteImport.objects.latest("pk")


def show(client, made):
    return client.get(reverse("staff:site_import_show", args=[made.pk])).content.decode()


def test_trial_then_run_then_undo(staff_client):
    answer = send(staff_client)
    made = SiteImport.objects.get()
    assert answer.url == reverse("staff:site_import_show", args=[made.pk])
    assert "rien n’est écrit" in show(staff_client, made)
    made = work()
    assert (made.state, Post.objects.count()) == ("tried", 0)
    page = show(staff_client, made)
    assert "10 billets" in page
    assert "Images absentes des fichiers" in page
    # Its files, then another trial.
    answer = staff_client.post(
        reverse("staff:site_import_show", args=[made.pk]), {"uploads": files()}, follow=True
    )
    assert "1 fichier a été ajouté" in answer.content.decode()
    assert "1 fichier est d’une sorte" in answer.content.decode()
    made = work()
    assert "1 image" in show(staff_client, made)
    staff_client.post(reverse("staff:site_import_run", args=[made.pk]))
    made = work()
    assert (made.state, Post.objects.count(), Page.objects.count(), Picture.objects.count()) == (
        "done",
        10,
        2,
        1,
    )
    post = Post.objects.get(slug="long")
    assert post.get_edit_url() in show(staff_client, made)
    # Again: nothing new.
    staff_client.post(reverse("staff:site_import_run", args=[made.pk]))
    assert "Rien de nouveau" in show(staff_client, work())
    staff_client.post(reverse("staff:site_import_undo", args=[made.pk]))
    made = work()
    assert (made.state, Post.objects.count(), Page.objects.count(), Picture.objects.count()) == (
        "undone",
        0,
        0,
        0,
    )
    actions = list(
        AuditEntry.objects.filter(kind="wordpress").order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["asked", "imported", "asked", "undone"]


def test_everything_may_come_as_drafts(staff_client):
    send(staff_client, states="drafts", language="fr")
    made = work()
    running.ask(site_import_id=made.pk, task=SiteImport.Task.RUN, by=None)
    work()
    assert Post.objects.count() == 10
    assert not Post.objects.exclude(published_at=None).exists()


@pytest.mark.parametrize(
    "content", [b"<html></html>", b"PK\x03\x04xx", b"", b"<!DOCTYPE a [<!ENTITY b 'c'>]><rss/>"]
)
def test_what_is_no_export_is_refused_beside_its_field(staff_client, content, settings):
    answer = send(staff_client, file=upload(content, "x.xml"))
    assert answer.status_code == 422
    assert not SiteImport.objects.exists()
    assert not [path for path in settings.FORMER_SITES_DIR.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["bombe", "abimé", "rien"])
def test_zips_that_can_t_be_taken_are_refused_beside_their_field(staff_client, name):
    send(staff_client)
    made = work()
    sent = {
        "bombe": files(**{"2015/03/a.jpg": b"x"}),
        "abimé": SimpleUploadedFile("a.zip", b"PK\x03\x04abc"),
        "rien": SimpleUploadedFile("a.zip", b"Rar!"),
    }[name]
    if name == "bombe":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("2015/03/a.jpg", b"\0" * 9_000_000)
        sent = SimpleUploadedFile("a.zip", packed.getvalue())
    answer = staff_client.post(reverse("staff:site_import_show", args=[made.pk]), {"uploads": sent})
    assert answer.status_code == 422


def test_progress_is_told_to_the_page(staff_client):
    send(staff_client)
    made = SiteImport.objects.get()
    address = reverse("staff:site_import_progress", args=[made.pk])
    assert staff_client.get(address).json() == {"done": 0, "total": 0, "over": False}
    work()
    assert staff_client.get(address).json()["over"] is True


def test_one_that_its_worker_left_is_said_and_may_be_run_again(staff_client):
    send(staff_client)
    made = SiteImport.objects.get()
    ProcrastinateJob.objects.all().delete()
    page = show(staff_client, made)
    assert "Interrompue" in page or "Interrompu" in page
    staff_client.post(reverse("staff:site_import_run", args=[made.pk]))
    assert work().state == "done"


def test_one_under_way_is_not_begun_twice(staff_client):
    send(staff_client)
    made = SiteImport.objects.get()
    answer = staff_client.post(reverse("staff:site_import_run", args=[made.pk]), follow=True)
    assert "déjà en cours" in answer.content.decode()
    assert ProcrastinateJob.objects.filter(task_name="import_site").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_never_run_at_once():
    made = running.open_import(upload=upload(), file_name="a.xml", choices=Choices(), by=UserFactory())
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [running.LOCK])
        with pytest.raises(running.SiteImportRefused):
            running.run(site_import_id=made.pk)
    assert SiteImport.objects.get().state == "waiting"


def test_a_database_that_went_away_is_waited_for(staff_client, monkeypatch):
    send(staff_client)
    made = SiteImport.objects.get()

    def fail(*_args, **_told):
        raise OperationalError

    with monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(running, "import_site", fail)
        running.run(site_import_id=made.pk)
    assert running.run(site_import_id=made.pk).state == "tried"


def test_what_fails_is_marked(staff_client, monkeypatch):
    send(staff_client)
    made = SiteImport.objects.get()
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(running, "import_site", lambda *_args, **_told: 1 / 0)
        running.run(site_import_id=made.pk)
    made.refresh_from_db()
    assert made.state == "failed"
    assert "relancez-la" in show(staff_client, made)
    assert Document.objects.count() == 0


def test_nothing_to_undo_is_said(staff_client):
    send(staff_client)
    made = work()
    answer = staff_client.post(reverse("staff:site_import_undo", args=[made.pk]), follow=True)
    assert "n’a rien apporté" in answer.content.decode()


def test_files_wait_a_month(staff_client, settings):
    send(staff_client)
    made = work()
    running.forget_old_files(now=made.created_at + timedelta(days=29, hours=23))
    assert [path.name for path in settings.FORMER_SITES_DIR.rglob("*") if path.is_file()] == ["export"]
    running.forget_old_files(now=made.created_at + timedelta(days=30, seconds=1))
    assert not [path for path in settings.FORMER_SITES_DIR.rglob("*") if path.is_file()]
    answer = staff_client.post(reverse("staff:site_import_run", args=[made.pk]), follow=True)
    assert "ne sont plus là" in answer.content.decode()
