"""The writing desk: saving, previewing, publishing, scheduling; conflicts; bad input."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from blog.models import Page, Post, Tag
from desk import publishing
from desk.models import Document, Picture
from tests.conftest import signed_in
from tests.factories import AuthorFactory, PostFactory, UserFactory
from tests.moments import as_typed, typeable


def typed(**changes):
    """What the post form sends."""
    return {
        "title": "Un nouveau billet", "heading": "", "body": "<p>Bonjour.</p>", "summary": "", "kind": "billet",
        "language": "fr", "slug": "", "new_tags": "", "is_open": "on", "seen_version": "1", "publish_at": "",
        "action": "save",
    } | changes  # fmt: skip


def picture_file(name="photo.jpg", image_format="JPEG", size=(1200, 800)):
    buffer = io.BytesIO()
    Image.new("RGB", size, "green").save(buffer, image_format)
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/jpeg")


def test_new_post_is_a_draft_that_nobody_else_reads(staff_client, client):
    response = staff_client.post(reverse("staff:post_new"), typed())
    post = Post.objects.get()
    assert response.url == reverse("staff:post_edit", args=[post.pk])
    assert (post.slug, post.published_at) == ("un-nouveau-billet", None)
    assert client.get(post.get_absolute_url()).status_code == 404
    assert post.draft.versions.count() == 1


def test_published_post_is_read_at_once(staff_client, client):
    staff_client.post(reverse("staff:post_new"), typed(action="publish"))
    assert "<p>Bonjour.</p>" in client.get("/billets/un-nouveau-billet/").content.decode()


def test_date_of_publication_may_be_past(staff_client, client):
    staff_client.post(reverse("staff:post_new"), typed(action="publish", publish_at="2023-05-19T10:00"))
    assert "vendredi 19 mai 2023" in client.get("/billets/un-nouveau-billet/").content.decode()


def test_date_to_come_schedules(staff_client, client):
    data = typed(action="publish", publish_at=as_typed(typeable(timezone.now() + timedelta(days=2))))
    page = staff_client.post(reverse("staff:post_new"), data, follow=True).content.decode()
    assert "Planifié" in page
    assert client.get("/billets/un-nouveau-billet/").status_code == 404


FAULTY = '<p><a href="/a/">cliquez ici</a></p>'


@pytest.mark.parametrize(("action", "body"), [("publish", FAULTY), ("save", "<p>Bonjour.</p>")])
@pytest.mark.parametrize("which", [{}, {"publish_at_which": "0"}, {"publish_at_which": "1"}])
def test_date_that_was_typed_waits_until_the_text_is_published(staff_client, action, body, which):
    """Else the next click on “Publish”, or on “Publish anyway”, would publish at once."""
    then = "2099-11-01T01:30" if which else "2099-12-24T09:00"
    data = typed(action=action, body=body, publish_at=then, **which)
    edit = staff_client.post(reverse("staff:post_new"), data).url
    page = staff_client.get(edit).content.decode()
    assert (f'value="{then}"' in page, Post.objects.get().published_at) == (True, None)
    # Which of the two hours was said once.
    staff_client.post(edit, typed(body=body, publish_at=then, action="publish_anyway"))
    post = Post.objects.get()
    assert (post.is_scheduled(timezone.now()), as_typed(post.published_at)) == (True, then)
    if which:
        assert post.published_at.astimezone(UTC).hour == 5 + int(which["publish_at_which"])


@pytest.mark.parametrize(
    "wished", ["", "hier", "2026-12-01", "2026-12-01T09:00", "0001-01-01T00:00+00:00", "<x>"]
)
def test_date_of_the_address_that_is_none_is_not_shown(staff_client, wished):
    edit = reverse("staff:post_edit", args=[PostFactory(published_at=None).pk])
    page = staff_client.get(edit, {"parution": wished})
    assert page.status_code == 200
    assert page.context["form"].initial["publish_at"] is None


def test_saving_a_published_text_leaves_its_address_alone(staff_client):
    staff_client.post(reverse("staff:post_new"), typed(action="publish"))
    post = Post.objects.get()
    edit = reverse("staff:post_edit", args=[post.pk])
    again = typed(slug=post.slug, publish_at=as_typed(post.published_at))
    assert staff_client.post(edit, again).url == edit


def test_saving_leaves_what_visitors_read(staff_client, client):
    staff_client.post(reverse("staff:post_new"), typed(action="publish"))
    post = Post.objects.get()
    edit = reverse("staff:post_edit", args=[post.pk])
    staff_client.post(edit, typed(body="<p>Mieux dit.</p>", title="Autre titre", slug=post.slug))
    public = client.get(post.get_absolute_url()).content.decode()
    assert "Bonjour." in public
    assert "Mieux dit." not in public
    assert "Mieux dit." in staff_client.get(edit).content.decode()
    staff_client.post(
        edit,
        typed(
            body="<p>Mieux dit.</p>", title="Autre titre", slug=post.slug, seen_version="2", action="publish"
        ),
    )
    assert "Mieux dit." in client.get(post.get_absolute_url()).content.decode()


@pytest.mark.parametrize("hour", [5, 6])
def test_post_of_the_hour_that_comes_twice_is_edited_again(staff_client, client, hour):
    """Published then without an hour given: its form sends that hour back, whatever the writer changes."""
    staff_client.post(reverse("staff:post_new"), typed(action="publish"))
    post = Post.objects.get()
    moment = datetime(2021, 11, 7, hour, 30, tzinfo=UTC)
    Post.objects.filter(pk=post.pk).update(published_at=moment)
    edit = reverse("staff:post_edit", args=[post.pk])
    then = "2021-11-07T01:30"
    assert f'value="{then}"' in staff_client.get(edit).content.decode()
    again = typed(body="<p>Mieux dit.</p>", slug=post.slug, action="publish", publish_at=then)
    assert staff_client.post(edit, again).status_code == 302
    assert "Mieux dit." in client.get(post.get_absolute_url()).content.decode()
    post.refresh_from_db()
    assert post.published_at == moment


def test_hour_that_comes_twice_is_not_guessed_for_a_new_post(staff_client):
    answer = staff_client.post(
        reverse("staff:post_new"), typed(action="publish", publish_at="2021-11-07T01:30")
    )
    assert "Cette heure vient deux fois" in answer.content.decode()
    assert "Bonjour." in answer.content.decode()
    assert not Post.objects.exists()


def test_unpublished_post_disappears_and_is_kept(staff_client, client):
    staff_client.post(reverse("staff:post_new"), typed(action="publish"))
    post = Post.objects.get()
    staff_client.post(reverse("staff:post_edit", args=[post.pk]), typed(slug=post.slug, action="unpublish"))
    assert client.get(post.get_absolute_url()).status_code == 404
    assert "Bonjour." in staff_client.get(reverse("staff:post_edit", args=[post.pk])).content.decode()


def test_preview_shows_unsaved_words_and_saves_nothing(staff_client):
    response = staff_client.post(reverse("staff:post_preview"), typed(body="<p>Jamais enregistré.</p>"))
    assert "Jamais enregistré." in response.content.decode()
    assert response.headers["Cache-Control"] == "private, no-store"
    assert Post.objects.count() == 0


def test_two_writers_lose_nothing(staff_client, superuser_client):
    staff_client.post(reverse("staff:post_new"), typed())
    post = Post.objects.get()
    edit = reverse("staff:post_edit", args=[post.pk])
    staff_client.post(edit, typed(body="<p>Texte de Dominique.</p>", slug=post.slug))
    response = superuser_client.post(edit, typed(body="<p>Texte d’Ariane.</p>", slug=post.slug))
    page = response.content.decode()
    assert response.status_code == 409
    assert "Texte de Dominique." in page
    assert "Texte d’Ariane." in page
    post.draft.refresh_from_db()
    assert post.draft.content["body"] == "<p>Texte de Dominique.</p>"
    # Saving again, knowingly, keeps the second text; the first stays in the history.
    superuser_client.post(edit, typed(body="<p>Texte d’Ariane.</p>", slug=post.slug, seen_version="2"))
    bodies = [version.content["body"] for version in post.draft.versions.order_by("number")]
    assert bodies == ["<p>Bonjour.</p>", "<p>Texte de Dominique.</p>", "<p>Texte d’Ariane.</p>"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, "Remplissez le champ «\u00a0Titre\u00a0»."),
        ({"slug": "deja-pris"}, "Un autre texte a déjà cette adresse."),
        ({"slug": "Accentué !"}, "Utilisez des minuscules sans accent, des chiffres et des traits d’union."),
        ({"body": "<p>" + "a" * 1_000_000 + "</p>"}, "400"),
        ({"title": "t" * 161}, "160"),
        ({"kind": "inconnu"}, "inconnu"),
        ({"publish_at": "hier"}, "date"),
        ({"publish_at": "0001-01-01T00:00"}, "Indiquez une année entre 1990 et 2100."),
        ({"publish_at": "2027-03-14T02:30"}, "Cette heure n’existe pas"),
        ({"new_tags": "x" * 61}, "60 caractères"),
    ],
)
def test_bad_input_is_explained_and_kept(staff_client, changes, message):
    PostFactory(slug="deja-pris")
    response = staff_client.post(reverse("staff:post_new"), typed(**changes))
    page = response.content.decode()
    assert response.status_code == 200
    assert message in page
    assert ("a" * 1_000_000 if "body" in changes else "Bonjour.") in page
    assert Post.objects.count() == 1


def test_script_in_prose_is_removed(staff_client, client):
    payload = '<p>Texte<script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">lien</a></p>'
    staff_client.post(
        reverse("staff:post_new"),
        typed(body=payload, title="<script>alert(4)</script>", slug="p", action="publish"),
    )
    page = client.get("/billets/p/").content.decode()
    for fragment in ("alert(1)", "onerror", "javascript:", "<script>alert"):
        assert fragment not in page


def test_null_byte_is_not_an_error(staff_client):
    """No person types one in the editor; in a line of text, it is taken away as any character that nobody sees."""
    answer = staff_client.post(reverse("staff:post_new"), typed(title="a\x00b", body="<p>\x00</p>"))
    assert answer.status_code == 200
    assert 'id="id_body_error"' in answer.content.decode()
    assert not Post.objects.exists()
    staff_client.post(reverse("staff:post_new"), typed(title="a\x00b"))
    assert Post.objects.get().draft.content["title"] == "ab"


def test_picture_is_stored_with_renditions(staff_client, client):
    data = typed(picture=picture_file(), picture_description="Un champ vert", action="publish")
    staff_client.post(reverse("staff:post_new"), data)
    picture = Post.objects.get().lead_picture
    assert (picture.renditions, picture.width_px) == ([480, 960], 1200)
    page = client.get("/billets/un-nouveau-billet/").content.decode()
    assert 'alt="Un champ vert"' in page
    assert f"{picture.file.url.removesuffix('.webp')}-480.webp 480w" in page


@pytest.mark.parametrize(
    ("upload", "message"),
    [
        (SimpleUploadedFile("p.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "SVG"),
        (SimpleUploadedFile("p.png", b"<html><script>alert(1)</script></html>"), "image"),
        (SimpleUploadedFile("p.jpg", b"\xff\xd8\xff" + b"0" * (5 * 1024 * 1024)), "5"),
    ],
)
def test_wrong_file_is_explained_and_text_kept(staff_client, upload, message):
    response = staff_client.post(reverse("staff:post_new"), typed(picture=upload, picture_description="x"))
    page = response.content.decode()
    assert response.status_code == 200
    assert "Bonjour." in page
    assert message in page
    assert Post.objects.count() == 0


def test_signatures_keep_their_order_and_tags_are_made(staff_client):
    first, second = AuthorFactory(name="Zoé"), AuthorFactory(name="Alix")
    staff_client.post(
        reverse("staff:post_new"), typed(authors=[first.pk, second.pk], new_tags="Climat, Jeunesse, climat")
    )
    post = Post.objects.get()
    assert post.authors.count() == 2
    assert sorted(tag.name for tag in post.tags.all()) == ["Climat", "Jeunesse"]


def test_extra_fields_are_ignored(staff_client):
    staff_client.post(
        reverse("staff:post_new"), typed(published_at="2020-01-01T00:00", thread="99", draft="99")
    )
    assert Post.objects.get().published_at is None


def test_translation_must_be_in_another_language(staff_client):
    french = PostFactory()
    page = staff_client.post(reverse("staff:post_new"), typed(translation_of=french.pk)).content.decode()
    assert "autre langue" in page


def test_page_is_written_and_published(staff_client, client):
    data = {
        "title": "Nos services",
        "body": "<p>Un.</p>",
        "title_en": "",
        "body_en": "",
        "slug": "",
        "position": "1",
        "seen_version": "1",
        "publish_at": "",
        "action": "publish",
    }
    staff_client.post(reverse("staff:page_new"), data)
    assert Page.objects.get().slug == "nos-services"
    assert "<p>Un.</p>" in client.get("/nos-services/").content.decode()


def test_typography_is_set_on_save(staff_client):
    staff_client.post(
        reverse("staff:post_new"), typed(title="L'essentiel : 5 %", body="<p>Il est 14h30 !</p>")
    )
    content = Post.objects.get().draft.content
    assert content["title"] == "L’essentiel\u00a0: 5\u00a0%"
    assert content["body"] == "<p>Il est 14\u00a0h\u00a030!</p>"


@pytest.mark.parametrize("is_staff", [False, True])
def test_desk_needs_staff_with_a_second_factor(db, is_staff):
    client = signed_in(UserFactory(is_staff=is_staff), second_factor=not is_staff)
    post = PostFactory()
    for name, arguments in (("post_list", []), ("post_new", []), ("post_edit", [post.pk]), ("page_list", [])):
        response = client.get(reverse(f"staff:{name}", args=arguments))
        assert response.status_code == (302 if is_staff else 403)


def test_inclusive_french_is_not_taken_for_a_site(staff_client):
    body = (
        '<p>Les <a href="http://élus.es">élus.es</a> et <a href="http://Confrontés.es">Confrontés.es</a>, '
        'puis <a href="https://www.exemple.ca">www.exemple.ca</a> et <a href="https://exemple.ca">le site</a>.</p>'
    )
    staff_client.post(reverse("staff:post_new"), typed(body=body))
    kept = Post.objects.get().draft.content["body"]
    assert kept.count("<a ") == 2
    assert "Les élus.es et Confrontés.es, puis" in kept


def test_save_over_someone_else_s_leaves_no_file_nor_row(staff_client, superuser_client, settings):
    staff_client.post(reverse("staff:post_new"), typed())
    post = Post.objects.get()
    edit = reverse("staff:post_edit", args=[post.pk])
    staff_client.post(edit, typed(body="<p>Texte de Dominique.</p>", slug=post.slug))
    sent = {"picture": picture_file(), "picture_description": "Un champ", "new_tags": "Verger"}
    sent["new_document"] = SimpleUploadedFile("bilan.pdf", b"%PDF-1.7\n%%EOF\n")
    response = superuser_client.post(edit, typed(slug=post.slug, title="Autre titre", **sent))
    assert response.status_code == 409
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
    assert not any(model.objects.exists() for model in (Picture, Document, Tag))
    # Sent again, knowingly, they are kept.
    again = {name: sent[name] for name in ("picture_description", "new_tags")} | {"picture": picture_file()}
    superuser_client.post(edit, typed(slug=post.slug, title="Autre titre", seen_version="2", **again))
    picture = Picture.objects.get()
    assert all(picture.file.storage.exists(name) for name in picture.file_names())


def test_refused_publication_undoes_the_save_and_its_file(staff_client, settings, monkeypatch):
    def refuse(**_):
        raise DatabaseError

    monkeypatch.setattr(publishing, "publish", refuse)
    sent = typed(action="publish", picture=picture_file(), picture_description="Un champ")
    with pytest.raises(DatabaseError):
        staff_client.post(reverse("staff:post_new"), sent)
    assert not Post.objects.exists()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []
