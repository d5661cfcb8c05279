"""A form with a file that is refused for another reason keeps the file: for whoever sent it, an hour, and once."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from desk.models import Document, Picture
from enterprises.models import ListingPhoto, ListingRole
from pole.files import kept_uploads
from pole.files.kept_uploads import LIFETIME, MAX_OF_ONE, KeptFileField, LostFile, files_of, keep, take
from tests.conftest import signed_in
from tests.factories import ListingFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.KEPT_UPLOADS_DIR = tmp_path / "kept"
    return settings.KEPT_UPLOADS_DIR


def picture(name="photo.png"):
    content = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def token_in(response, name):
    return html.unescape(re.search(rf'name="{name}-kept" value="([^"]+)"', response.content.decode())[1])


def on_disk(folder):
    return sorted(path.name for path in Path(folder).rglob("*") if path.is_file())


@pytest.fixture
def manager():
    listing = ListingFactory(state="published")
    user = UserFactory()
    ListingRole.objects.create(listing=listing, user=user, role="owner")
    return signed_in(user), reverse("enterprises:files", args=[listing.slug]), listing


def test_photo_without_a_description_is_kept_until_it_has_one(manager, folder):
    client, address, listing = manager
    refused = client.post(address, {"action": "photo", "photo": picture(), "description": ""})
    shown = html.unescape(refused.content.decode())
    assert "Le fichier « photo.png » est conservé." in shown.replace("\xa0", " ")
    assert on_disk(folder)
    again = {"action": "photo", "photo-kept": token_in(refused, "photo"), "description": "Deux personnes"}
    assert client.post(address, again).status_code == 302
    assert ListingPhoto.objects.get().listing == listing
    assert on_disk(folder) == []


def test_file_refused_twice_is_kept_twice(manager):
    client, address, _listing = manager
    refused = client.post(address, {"action": "photo", "photo": picture(), "description": ""})
    again = {"action": "photo", "photo-kept": token_in(refused, "photo"), "description": ""}
    refused = client.post(address, again)
    again = again | {"photo-kept": token_in(refused, "photo"), "description": "Deux personnes"}
    assert client.post(address, again).status_code == 302


def test_another_file_replaces_the_one_that_is_kept(manager, folder):
    client, address, _listing = manager
    refused = client.post(address, {"action": "photo", "photo": picture(), "description": ""})
    again = {"action": "photo", "photo-kept": token_in(refused, "photo"), "photo": picture("autre.png")}
    refused = client.post(address, again)
    assert "autre.png" in refused.content.decode()
    assert "photo.png" not in refused.content.decode()
    assert len(on_disk(folder)) == 1


def test_file_that_is_itself_refused_is_not_kept(manager, folder):
    client, address, _listing = manager
    upload = SimpleUploadedFile("photo.png", b"no picture at all")
    refused = client.post(address, {"action": "photo", "photo": upload, "description": ""})
    assert "photo-kept" not in refused.content.decode()
    assert on_disk(folder) == []


def test_document_and_picture_of_the_library_are_kept(staff_client):
    refused = staff_client.post(reverse("staff:picture_add"), {"file": picture()})
    again = {"file-kept": token_in(refused, "file"), "description": "Deux personnes"}
    assert staff_client.post(reverse("staff:picture_add"), again).status_code == 302
    assert Picture.objects.get().description == "Deux personnes"
    pdf = SimpleUploadedFile("bilan.pdf", b"%PDF-1.7\n%%EOF\n")
    long = {"file": pdf, "title": "x" * 500}
    refused = staff_client.post(reverse("staff:document_add"), long)
    again = {"file-kept": token_in(refused, "file"), "title": "Bilan"}
    assert staff_client.post(reverse("staff:document_add"), again).status_code == 302
    assert Document.objects.get().title == "Bilan"


def test_optional_file_is_left_out_when_asked(staff_client):
    address = reverse("staff:post_new")
    refused = staff_client.post(address, {"title": "", "picture": picture(), "action": "save"})
    assert 'name="picture-left"' in refused.content.decode()
    again = {
        "title": "",
        "picture-kept": token_in(refused, "picture"),
        "picture-left": "on",
        "action": "save",
    }
    refused = staff_client.post(address, again)
    assert "picture-kept" not in refused.content.decode()


def test_kept_file_is_given_back_once_to_its_sender():
    mine, other = UserFactory().pk, UserFactory().pk
    token = keep(picture(), owner=mine)
    assert take(token, other) is None
    assert take(token, 0) is None
    assert take(token[:-1], mine) is None
    assert take(token, mine).name == "photo.png"
    assert take(token, mine) is None


def test_preview_leaves_the_file_for_the_form_that_saves():
    mine = UserFactory().pk
    token = keep(picture(), owner=mine)
    assert take(token, mine, peeks=True).read() == picture().read()
    assert take(token, mine)


@pytest.mark.parametrize(("seconds", "is_given"), [(-1, True), (1, False)])
def test_kept_file_is_given_back_within_the_hour(folder, seconds, is_given):
    mine, now = UserFactory().pk, timezone.now().replace(microsecond=0)
    with time_machine.travel(now, tick=False):
        token = keep(picture(), owner=mine)
    with time_machine.travel(now + LIFETIME + timedelta(seconds=seconds), tick=False):
        # By its rule: the task refuses a clock that jumped, as this one does.
        kept_uploads.forget_old(timezone.now())
        assert bool(on_disk(folder)) == is_given
        assert bool(take(token, mine)) == is_given


def test_lost_file_is_asked_for_again_even_when_it_was_optional():
    class Optional(forms.Form):
        logo = KeptFileField(required=False)

    request = RequestFactory().post("/", {"logo-kept": "expired"})
    request.user = UserFactory()
    form = Optional(request.POST, files_of(request))
    assert isinstance(form.files["logo"], LostFile)
    assert form.errors.as_data()["logo"][0].code == "file_lost"
    assert "logo-kept" not in str(form)


def test_file_given_back_is_there_for_the_whole_of_the_request():
    user = UserFactory()
    request = RequestFactory().post("/", {"logo-kept": keep(picture(), owner=user.pk)})
    request.user = user
    assert files_of(request)["logo"].name == files_of(request)["logo"].name == "photo.png"


@pytest.mark.parametrize(
    "name", ["../../settings.py", '"><script>alert(1)</script>.png', "a\x00b.png", "é" * 300]
)
def test_hostile_name_goes_nowhere_and_is_escaped(manager, folder, name):
    client, address, _listing = manager
    upload = picture()
    upload._name = name
    refused = client.post(address, {"action": "photo", "photo": upload, "description": ""})
    assert "<script>alert" not in refused.content.decode()
    assert all(re.fullmatch(r"\d+-[0-9a-f]{32}", each) for each in on_disk(folder))


def test_one_person_has_few_files_kept_and_everyone_not_many(folder, monkeypatch):
    mine, other = UserFactory().pk, UserFactory().pk
    token = keep(picture(), owner=other)
    for _ in range(MAX_OF_ONE + 2):
        last = keep(picture(), owner=mine)
    assert len(on_disk(folder)) == MAX_OF_ONE + 1
    assert take(token, other)
    assert take(last, mine)
    monkeypatch.setattr(kept_uploads, "MAX_BYTES", 10)
    assert keep(picture(), owner=mine) == ""


def test_full_disk_keeps_nothing_and_breaks_nothing(manager, monkeypatch):
    client, address, _listing = manager
    real = kept_uploads.WholeFilesMixin._save

    def full(self, name, content):
        if str(self.location).endswith("kept"):
            raise OSError(28, "No space left on device")
        return real(self, name, content)

    monkeypatch.setattr(kept_uploads.WholeFilesMixin, "_save", full)
    refused = client.post(address, {"action": "photo", "photo": picture(), "description": ""})
    assert refused.status_code == 200
    assert "photo-kept" not in refused.content.decode()


def test_visitor_has_nothing_kept(folder):
    assert keep(picture(), owner=0) == ""
    assert on_disk(folder) == []
