"""Pictures and documents: sent, described, used in prose, refused, taken away."""

from __future__ import annotations

import io
import re
import time

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse
from PIL import Image

from blog.models import Post
from desk.models import Document, Picture
from desk.pictures import GALLERY_SIZES, SIZES, picture_markup, refresh_pictures
from forums.models import Forum
from pole.models import MenuItem
from pole.text import richtext
from tests.factories import ForumFactory, PostFactory

JSON = {"accept": "application/json"}
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def picture_file(size=(1700, 900), name="photo.jpg"):
    buffer = io.BytesIO()
    Image.new("RGB", size, "green").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/jpeg")


def send(client, **data):
    return client.post(reverse("staff:picture_add"), data, headers=JSON)


@pytest.fixture
def picture(staff_client):
    send(staff_client, file=picture_file(), description="Un champ vert")
    return Picture.objects.get()


def test_dropped_picture_is_stored_in_widths_that_never_enlarge(staff_client):
    answer = send(staff_client, file=picture_file(), is_described_later="on")
    assert (answer.status_code, answer.json()["width"]) == (201, 1700)
    picture = Picture.objects.get()
    assert picture.renditions == [480, 960, 1600]
    for name, width in (("-480", 480), ("-960", 960), ("-1600", 1600), ("", 1700)):
        with default_storage.open(picture.file.name.replace(".webp", f"{name}.webp")) as file:
            image = Image.open(file)
            assert (image.format, image.width) == ("WEBP", width)
    send(staff_client, file=picture_file(size=(300, 200)), is_described_later="on")
    assert Picture.objects.first().renditions == []


def test_picture_is_described_or_decorative_never_both_nor_neither(staff_client):
    said = []
    for data in ({}, {"description": "Un champ", "is_decorative": "on"}):
        answer = send(staff_client, file=picture_file(), **data)
        said.append((answer.status_code, len(answer.json()["errors"])))
    assert said == [(422, 1), (422, 1)]
    assert send(staff_client, file=picture_file(), is_decorative="on").status_code == 201
    assert Picture.objects.get().description == ""


def test_form_without_javascript_says_what_is_wrong(staff_client):
    answer = staff_client.post(reverse("staff:picture_add"), {"file": picture_file()})
    assert answer.status_code == 422
    assert "Décrivez l’image" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("a.png", b"<html><script>alert(1)</script></html>"),
        ("a.jpg", b"GIF89a" + b"0" * 50),
        ("a.jpg", b""),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8X" + b"\x00" * 14),
        ("a.jpg", PDF),
    ],
)
def test_what_is_not_a_picture_is_refused_in_words(staff_client, name, content):
    answer = send(staff_client, file=SimpleUploadedFile(name, content), is_described_later="on")
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert Picture.objects.count() == 0


@pytest.mark.any_hour("measures how long a refusal takes")
def test_hundred_megabytes_are_refused_before_they_are_read(staff_client):
    """In the time of this thread: other programs may be busy on the machine."""
    begun = time.thread_time()
    heavy = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" + b"0" * (100 * 1024 * 1024))
    status = send(staff_client, file=heavy, is_described_later="on").status_code
    assert (400 <= status < 500, time.thread_time() - begun < 2) == (True, True)


def test_polyglot_keeps_nothing_but_its_pixels(staff_client):
    jpeg = picture_file().read()
    send(
        staff_client,
        file=SimpleUploadedFile("a.jpg", jpeg + b"<script>alert(1)</script>PK\x03\x04"),
        is_described_later="on",
    )
    with default_storage.open(Picture.objects.get().file.name) as file:
        content = file.read()
    assert (content[:4], b"script" in content, b"PK\x03\x04" in content) == (b"RIFF", False, False)


def test_pictures_in_prose_are_dressed_by_the_library(picture):
    typed = f'<p>Avant</p><img src="/media/autre.webp" data-picture="{picture.pk}" alt="Un champ" width="1">'
    dressed = refresh_pictures(richtext.clean_html(typed, language="fr"))
    assert f'src="{picture.file.url}"' in dressed
    assert f'srcset="{picture.srcset}"' in dressed
    assert (
        dressed.count('width="1700"'),
        dressed.count('alt="Un champ"'),
        dressed.count('loading="lazy"'),
    ) == (1, 1, 1)
    assert refresh_pictures(richtext.clean_html(dressed, language="fr")) == dressed


def test_pictures_of_a_gallery_lead_to_their_large_size(picture):
    def image(more, alt="Un champ"):
        return f'<img src="/x.webp" data-picture="{picture.pk}" alt="{alt}"{more}>'

    typed = (
        f'<figure class="figure--gallery"><figure>{image("")}<figcaption>Un</figcaption></figure>'
        f'<figure><a href="/billets/un/">{image("")}</a></figure><figure>{image(" data-decorative", "")}</figure>'
        f"<figure>{image('', '')}</figure></figure><figure>{image('')}</figure>{image('')}"
    )
    dressed = refresh_pictures(richtext.clean_html(typed, language="fr"))
    # Its own link stays; a link needs words; outside, nothing changes.
    assert re.findall(r'<a href="([^"]*)"', dressed) == [picture.file.url, "/billets/un/"]
    assert (dressed.count(GALLERY_SIZES), dressed.count(SIZES)) == (4, 2)
    assert dressed.startswith('<figure class="figure--gallery"><figure><a ')
    assert refresh_pictures(richtext.clean_html(dressed, language="fr")) == dressed


def test_decorative_picture_keeps_its_mark_and_has_no_words(picture):
    dressed = refresh_pictures(
        richtext.sanitise(f'<img src="/x.webp" data-picture="{picture.pk}" data-decorative alt="Mot">')
    )
    assert ('alt=""' in dressed, "data-decorative" in dressed, "Mot" in dressed) == (True, True, False)
    assert richtext.problems(dressed) == []


def test_unknown_picture_of_prose_stays_as_it_was_written(db):
    markup = '<img src="/media/a.webp" alt="A" data-picture="99">'
    assert refresh_pictures(richtext.sanitise(markup)) == richtext.sanitise(markup)


def test_picture_in_a_text_stays_in_the_library(staff_client, picture):
    remove = reverse("staff:picture_remove", args=[picture.pk])
    post = PostFactory()
    post.draft.content["body"] = picture_markup(picture, "Un champ")
    post.draft.save()
    staff_client.post(remove)
    assert Picture.objects.count() == 1
    post.draft.content["body"] = ""
    post.draft.save()
    post.lead_picture = picture
    post.save()
    staff_client.post(remove)
    assert Picture.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_unused_picture_leaves_with_its_files(staff_client, picture):
    names = [picture.file.name, picture.file.name.replace(".webp", "-480.webp")]
    staff_client.post(reverse("staff:picture_remove", args=[picture.pk]))
    assert Picture.objects.count() == 0
    assert [default_storage.exists(name) for name in names] == [False, False]


@pytest.mark.parametrize("count", [1, 3])
def test_library_page_has_a_constant_number_of_queries(staff_client, django_assert_num_queries, count):
    for number in range(count):
        Picture.objects.create(
            file=f"pictures/{number}.webp", width_px=9, height_px=9, description="Un champ"
        )
    staff_client.get(reverse("staff:picture_list"))
    with django_assert_num_queries(5):
        page = staff_client.get(reverse("staff:picture_list")).content.decode()
    assert page.count("library__item") == count


def test_library_is_searched(staff_client, picture):
    address = reverse("staff:picture_list")
    found = [
        staff_client.get(address, {"q": q, "choix": 1}).content.decode().count("library__item")
        for q in ("champ", "mer", "\x00")
    ]
    assert found == [1, 0, 1]
    assert "<h1" not in staff_client.get(address, {"choix": 1}).content.decode()


def test_document_is_served_to_download_in_a_sandbox(staff_client, client):
    answer = staff_client.post(
        reverse("staff:document_add"), {"file": SimpleUploadedFile("Bilan_2026.pdf", PDF)}, headers=JSON
    )
    assert (answer.status_code, answer.json()["title"]) == (201, "Bilan 2026")
    served = client.get(answer.json()["url"])
    assert served.headers["Content-Disposition"] == 'attachment; filename="bilan-2026.pdf"'
    assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "content", [b"<html>", b"%PDF-1.7 sans fin", b"", b"%PDF-" + b"0" * (20 * 1024 * 1024)]
)
def test_what_is_not_a_whole_pdf_is_refused(staff_client, content):
    answer = staff_client.post(
        reverse("staff:document_add"), {"file": SimpleUploadedFile("a.pdf", content)}, headers=JSON
    )
    assert (answer.status_code, Document.objects.count()) == (422, 0)


def test_document_attached_to_a_post_is_offered_once_it_is_published(staff_client, client):
    data = {
        "title": "Un bilan", "body": "<p>x</p>", "kind": "billet", "language": "fr", "slug": "", "new_tags": "",
        "is_open": "on", "seen_version": "1", "publish_at": "", "heading": "", "summary": "", "action": "publish",
        "new_document": SimpleUploadedFile("bilan.pdf", PDF), "new_document_title": "Bilan de l'année",
    }  # fmt: skip
    staff_client.post(reverse("staff:post_new"), data)
    post = Post.objects.get()
    assert "Bilan de l’année" in client.get(post.get_absolute_url()).content.decode()
    del data["new_document"]
    edit = reverse("staff:post_edit", args=[post.pk])
    assert "Bilan de l’année" in staff_client.get(edit).content.decode()
    kept = data | {"documents": [Document.objects.get().pk], "slug": post.slug}
    staff_client.post(edit, kept)
    post.draft.refresh_from_db()
    assert post.draft.content["documents"] == [Document.objects.get().pk]
    staff_client.post(edit, data | {"slug": post.slug})
    assert "Bilan" not in client.get(post.get_absolute_url()).content.decode().replace("Un bilan", "")


def test_lead_picture_may_be_decorative(staff_client):
    data = {
        "title": "T", "body": "", "kind": "billet", "language": "fr", "slug": "", "new_tags": "", "seen_version": "1",
        "heading": "", "summary": "", "publish_at": "", "picture": picture_file(), "picture_is_decorative": "on",
    }  # fmt: skip
    staff_client.post(reverse("staff:post_new"), data)
    assert Post.objects.get().lead_picture.is_decorative


@pytest.fixture
def document(staff_client):
    staff_client.post(reverse("staff:document_add"), {"file": SimpleUploadedFile("bilan.pdf", PDF)})
    return Document.objects.get()


def test_document_is_renamed_at_the_same_address(staff_client, document):
    address = document.file.url
    page = reverse("staff:document_edit", args=[document.pk])
    assert staff_client.post(page, {"title": "Bilan de l'année"}).status_code == 302
    document.refresh_from_db()
    assert (document.title, document.file.url) == ("Bilan de l’année", address)
    assert staff_client.post(page, {"title": " "}).status_code == 200


@pytest.mark.parametrize(
    "use", ["attached", "draft", "linked", "former version", "detached since", "forum", "menu"]
)
def test_document_in_use_is_kept_and_another_removed_with_its_file(staff_client, document, use):
    post = PostFactory()
    if use == "attached":
        post.documents.add(document)
    elif use == "draft":
        post.draft.content["documents"] = [document.pk]
    elif use == "linked":
        post.draft.content["body"] = f'<p><a href="{document.file.url}">Le bilan</a></p>'
    elif use == "detached since":
        post.draft.versions.create(number=9, content={"documents": [document.pk]})
    elif use == "forum":
        ForumFactory(body=f'<p><a href="{document.file.url}">Le bilan</a></p>')
    elif use == "menu":
        MenuItem.objects.create(
            place=MenuItem.Place.values[0], position=99, label="Bilan", address=document.file.url
        )
    else:
        post.draft.versions.create(number=9, content={"body": f'<a href="{document.file.url}">Le bilan</a>'})
    post.draft.save()
    path = reverse("staff:document_remove", args=[document.pk])
    staff_client.post(path)
    assert Document.objects.exists()
    post.documents.clear()
    post.draft.versions.all().delete()
    post.draft.content = {}
    post.draft.save()
    Forum.objects.update(body="")
    MenuItem.objects.filter(address=document.file.url).delete()
    with TestCase.captureOnCommitCallbacks(execute=True):
        staff_client.post(path)
    assert (Document.objects.exists(), default_storage.exists(document.file.name)) == (False, False)


def test_picture_that_nobody_described_is_never_put_at_the_head_of_a_text(staff_client):
    send(staff_client, file=picture_file(), is_described_later="on")
    picture, post = Picture.objects.get(), PostFactory()
    data = {
        "title": "Un titre", "body": "<p>Bonjour.</p>", "kind": "billet", "language": "fr", "seen_version": "1",
        "lead_picture": picture.pk, "action": "save",
    }  # fmt: skip
    path = reverse("staff:post_edit", args=[post.pk])
    assert "Décrivez cette image" in staff_client.post(path, data).content.decode()
    Picture.objects.update(description="Un champ")
    assert staff_client.post(path, data).status_code == 302
    post.draft.refresh_from_db()
    assert post.draft.content["lead_picture"] == picture.pk


def test_picture_at_the_head_that_was_never_described_stays_while_one_writes(staff_client):
    """As an import left it: it is not chosen anew, and not lost either."""
    send(staff_client, file=picture_file(), is_described_later="on")
    picture, post = Picture.objects.get(), PostFactory()
    post.draft.content["lead_picture"] = picture.pk
    post.draft.save()
    data = {
        "title": "Un titre",
        "body": "<p>Bonjour.</p>",
        "kind": "billet",
        "language": "fr",
        "seen_version": "1",
    }
    kept = data | {"lead_picture": picture.pk, "writing_key": "a" * 32}
    answer = staff_client.post(reverse("staff:post_autosave", args=[post.pk]), kept)
    assert (answer.status_code, answer.json()["left_out"]) == (200, [])
    post.draft.refresh_from_db()
    assert post.draft.content["lead_picture"] == picture.pk


def test_autosave_with_an_undescribed_picture_keeps_the_one_before_and_says_so(staff_client, picture):
    send(staff_client, file=picture_file(size=(300, 200)), is_described_later="on")
    undescribed, post = Picture.objects.get(description=""), PostFactory()
    post.draft.content["lead_picture"] = picture.pk
    post.draft.save()
    data = {
        "title": "Un titre", "body": "<p>Bonjour.</p>", "kind": "billet", "language": "fr", "seen_version": "1",
        "lead_picture": undescribed.pk, "writing_key": "a" * 32,
    }  # fmt: skip
    answer = staff_client.post(reverse("staff:post_autosave", args=[post.pk]), data)
    assert answer.status_code == 200
    assert "Décrivez cette image" in answer.json()["left_out"][0]
    post.draft.refresh_from_db()
    assert post.draft.content["lead_picture"] == picture.pk


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["9" * 5000, "²", "x", ""])
def test_picture_whose_number_is_none_stays_as_it_is(key):
    """Beside one that has a number."""
    typed = f'<p><img data-picture="1" src="/media/a.webp" alt="a"><img data-picture="{key}" src="/media/b.webp" alt="b"></p>'
    assert 'alt="b"' in refresh_pictures(typed)
