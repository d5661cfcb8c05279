"""Every act that stores a file: when it is refused once the file is written, neither file nor row is left."""

from __future__ import annotations

import errno
import io
import os
import resource
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, models, transaction
from django.db.models.signals import post_save
from django.urls import reverse
from PIL import Image

from accounts.models import TeamAlert
from blog.models import Post
from desk.models import Document, Picture
from enterprises.models import Listing, ListingDocument, ListingPhoto
from pole.files.stored import atomic_with_files
from pole.files.upload_limit import MAX_REQUEST_BYTES
from pole.files.whole import StorageUnavailable, WholeFilesMixin
from pole.models import Hub, Partner, TeamMember
from tests.blog.test_desk import typed as typed_post
from tests.factories import ListingFactory, SectorFactory
from tests.pole.test_site import hub_data


class Refused(DatabaseError):
    """What the database would raise."""


def picture(size=(700, 400)):
    content = io.BytesIO()
    Image.new("RGB", size, "green").save(content, "PNG")
    return SimpleUploadedFile("photo.png", content.getvalue())


def pdf():
    return SimpleUploadedFile("bilan.pdf", b"%PDF-1.7\n%%EOF\n")


def files_on_disk(settings):
    return sorted(path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def shown(form):
    """What a browser would send back for a form."""
    values = {field.name: field.value() for field in form if field.name not in {"logo", "social_picture"}}
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def library(kind, upload):
    def send(client):
        return client.post(
            reverse(f"staff:{kind}_add"), {"file": upload(), "description": "Un champ", "title": "Bilan"}
        )

    return send


def post_form(**files):
    def send(client):
        sent = {name: upload() for name, upload in files.items()}
        return client.post(reverse("staff:post_new"), typed_post(picture_description="Un champ", **sent))

    return send


def listing_file(action, **data):
    def send(client):
        address = reverse("enterprises:files", args=[ListingFactory(slug="atelier").slug])
        sent = {name: value() if callable(value) else value for name, value in data.items()}
        return client.post(address, {"action": action} | sent)

    return send


def listing_logo(name):
    def send(client):
        listing = ListingFactory()
        edit = reverse("staff:listing_edit", args=[listing.pk])
        data = shown(client.get(edit).context["form"]) | {"logo": picture(), "sectors": SectorFactory().pk}
        return client.post(edit if name == "edit" else reverse("staff:listing_new"), data)

    return send


def hub_logo(client):
    return client.post(reverse("staff:hub"), hub_data(logo=picture()))


def hub_social_picture(client):
    return client.post(reverse("staff:hub"), hub_data(social_picture=picture((1300, 700))))


def portrait(client):
    return client.post(
        reverse("staff:member_new"),
        {"name": "Rose Cyr", "role": "Direction", "position": "0", "portrait": picture()},
    )


def hub_picture(client):
    return client.post(reverse("staff:hub"), hub_data(picture=picture((1700, 700))))


def partner_logo(client):
    data = {"name": "Caisse", "address": "https://caisse.exemple.ca/", "logo": picture()}
    return client.post(reverse("staff:partner_new"), data)


UPLOADS = {
    "picture of the library": (library("picture", picture), Picture),
    "document of the library": (library("document", pdf), Document),
    "picture of a post": (post_form(picture=picture), Post),
    "document of a post": (post_form(new_document=pdf), Post),
    "photo of a listing": (listing_file("photo", photo=picture, description="Un champ"), ListingPhoto),
    "document of a listing": (listing_file("document", document=pdf, title="Bilan"), ListingDocument),
    "logo of a listing": (listing_logo("edit"), Listing),
    "logo of a new listing": (listing_logo("new"), Listing),
    "logo of the hub": (hub_logo, Hub),
    "picture of shared pages": (hub_social_picture, Hub),
    "portrait of the team": (portrait, TeamMember),
    "picture of the region": (hub_picture, Hub),
    "logo of a partner": (partner_logo, Partner),
}


@pytest.mark.parametrize("upload", UPLOADS)
def test_refused_upload_leaves_nothing(staff_client, settings, upload):
    send, model = UPLOADS[upload]
    written = []

    def refuse(instance, **_):
        if found := files_on_disk(settings):
            written.extend(found)
            raise Refused

    post_save.connect(refuse, sender=model)
    try:
        with pytest.raises(Refused):
            send(staff_client)
    finally:
        post_save.disconnect(refuse, sender=model)
    assert written
    assert files_on_disk(settings) == []
    assert not Picture.objects.exists()
    assert not Document.objects.exists()


def test_table_has_every_model_with_a_file():
    with_file = {
        model
        for model in apps.get_models()
        if any(isinstance(field, models.FileField) for field in model._meta.get_fields())
    }
    assert with_file == {model for _send, model in UPLOADS.values()} - {Post}


def test_logo_of_the_hub_that_is_replaced_leaves_no_file(
    staff_client, settings, django_capture_on_commit_callbacks
):
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            staff_client.post(reverse("staff:hub"), hub_data(logo=picture(), version=""))
    assert [path.name for path in files_on_disk(settings)] == [Path(Hub.objects.get().logo.name).name]


@pytest.mark.django_db(transaction=True)
def test_failure_after_the_commit_keeps_the_files(settings):
    def fail():
        raise Refused

    with pytest.raises(Refused), atomic_with_files():
        transaction.on_commit(fail)
        default_storage.save("kept.webp", ContentFile(b"x"))
    assert [path.name for path in files_on_disk(settings)] == ["kept.webp"]


class TooLong(ContentFile):
    """The disk is full after its beginning."""

    def chunks(self, chunk_size=None):
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_file_that_the_disk_cannot_hold_is_not_left_in_part(settings):
    with pytest.raises(StorageUnavailable, match="no_room"):
        default_storage.save("half.webp", TooLong(b"half and half"))
    assert files_on_disk(settings) == []


@contextmanager
def full_disk(settings):
    """The kernel refuses every byte, with EFBIG, as a quota would: whoever runs the tests, on any disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@contextmanager
def closed_folder(settings):
    """Where nothing can be written, by anyone: root ignores the modes of folders."""
    root = Path(settings.MEDIA_ROOT)
    root.parent.mkdir(parents=True, exist_ok=True)
    root.write_bytes(b"")
    try:
        yield
    finally:
        root.unlink()


DISKS = {
    "full": (full_disk, "Le serveur n’a plus de place"),
    "closed": (closed_folder, "ne peut pas enregistrer"),
}


@pytest.mark.parametrize("disk", DISKS)
@pytest.mark.parametrize("upload", UPLOADS)
def test_disk_that_takes_no_file_is_said_in_the_form(staff_client, settings, upload, disk):
    send, model = UPLOADS[upload]
    make, words = DISKS[disk]
    with make(settings):
        page = send(staff_client)
    assert page.status_code in {200, 422}
    assert words in page.content.decode()
    check_that_nothing_is_left(settings, model)
    assert TeamAlert.objects.get().kind == "storage_failed"


@pytest.mark.parametrize("disk", DISKS)
@pytest.mark.parametrize("upload", UPLOADS)
def test_disk_that_fills_after_the_form_is_checked_has_a_page(
    staff_client, settings, monkeypatch, upload, disk
):
    send, model = UPLOADS[upload]
    make, _words = DISKS[disk]
    monkeypatch.setattr(WholeFilesMixin, "check_room", lambda self, size: None)
    staff_client.raise_request_exception = False
    with make(settings):
        page = send(staff_client)
    assert page.status_code == 507
    assert "Rien n’a été enregistré" in page.content.decode()
    check_that_nothing_is_left(settings, model)
    assert TeamAlert.objects.get().kind == "storage_failed"


def check_that_nothing_is_left(settings, model):
    assert files_on_disk(settings) == []
    for made in {Picture, Document, ListingPhoto, ListingDocument, Post, Hub, model} - {Listing}:
        assert not made.objects.exists()
    assert not Listing.objects.exclude(logo="").exists()


ERRORS = ["ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EIO", "ENAMETOOLONG"]


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("step", ["open", "fsync", "replace", "makedirs", "chmod"])
def test_nothing_is_left_wherever_the_disk_fails(settings, monkeypatch, step, name):
    default_storage.save("former.webp", ContentFile(b"kept"))
    real = getattr(os, step)

    def fail(path, *arguments, **options):
        if isinstance(path, int) or str(settings.MEDIA_ROOT) in str(path):
            raise OSError(getattr(errno, name), os.strerror(getattr(errno, name)))
        return real(path, *arguments, **options)

    with monkeypatch.context() as patched, pytest.raises(StorageUnavailable) as refused:
        patched.setattr(os, step, fail)
        default_storage.save("pictures/new.webp", ContentFile(b"x"))
    assert refused.value.code == ("no_room" if name in {"ENOSPC", "EDQUOT", "EFBIG"} else "not_writable")
    assert [path.name for path in files_on_disk(settings)] == ["former.webp"]


def test_what_a_kill_left_is_deleted_by_a_later_file(settings):
    partial = Path(settings.MEDIA_ROOT) / ".partial"
    partial.mkdir(parents=True)
    for name, age in (("old", 7200), ("being-written", 0)):
        (partial / name).write_bytes(b"half")
        os.utime(partial / name, (time.time() - age,) * 2)
    default_storage.save("a.webp", ContentFile(b"x"))
    assert [path.name for path in files_on_disk(settings)] == ["being-written", "a.webp"]


def test_uploads_never_wait_on_the_disk(settings):
    """Of any size that is taken: the folder of temporary files may be full too."""
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE >= MAX_REQUEST_BYTES
    assert not any("TemporaryFile" in handler for handler in settings.FILE_UPLOAD_HANDLERS)


@pytest.mark.django_db
@pytest.mark.parametrize(("refused", "left"), [("inner", ["outer.webp"]), ("outer", [])])
def test_files_follow_the_act_that_is_refused(settings, refused, left):
    with suppress(Refused), atomic_with_files():
        default_storage.save("outer.webp", ContentFile(b"x"))
        with suppress(Refused), atomic_with_files():
            default_storage.save("inner.webp", ContentFile(b"x"))
            if refused == "inner":
                raise Refused
        if refused == "outer":
            raise Refused
    assert [path.name for path in files_on_disk(settings)] == left


@pytest.mark.django_db
def test_logo_of_the_hub_is_refused_in_the_words_of_other_pictures(staff_client):
    svg = SimpleUploadedFile("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    page = staff_client.post(reverse("staff:hub"), hub_data(logo=svg)).content.decode()
    assert "Les images SVG ne sont pas acceptées" in page
    assert not Hub.objects.exists()
