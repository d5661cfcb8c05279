"""Posts with their pictures: in lists, on their page, and beside what else may be read."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from blog.models import Author, Byline
from desk.models import Picture
from tests.factories import AuthorFactory, PostFactory, TagFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture():
    return Picture.objects.create(
        file="pictures/a.webp", width_px=1600, height_px=900, renditions=[400, 800], description="Un verger",
        credit="Maude Ouellet", focus_x=10, focus_y=80,
    )  # fmt: skip


def text(response):
    return response.content.decode()


def related(page):
    part = re.search(r'id="a-lire-aussi".*?</section>', page, flags=re.DOTALL)
    return re.findall(r'<a href="/(?:en/)?billets/([^/]+)/"', part[0]) if part else []


def ago(**since):
    return timezone.now() - timedelta(**since)


def test_list_and_home_show_the_picture_or_the_drawing_of_the_kind(client, picture):
    PostFactory(lead_picture=picture, slug="verger")
    PostFactory(kind="communique")
    for address in ("/billets/", "/"):
        page = text(client.get(address))
        assert "/media/pictures/a-400.webp" in page
        assert "focus-x-1 focus-y-8" in page
        assert "/drawings/genre-communique" in page
    for narrowed in ("?genre=billet", f"?annee={timezone.localdate().year}"):
        assert "/media/pictures/a-400.webp" in text(client.get(f"/billets/{narrowed}"))


def test_only_the_first_page_has_a_large_story(client):
    for number in range(13):
        PostFactory(published_at=ago(days=number))
    assert "stories--led" in text(client.get("/billets/"))
    second = text(client.get("/billets/?page=2"))
    assert "stories--led" not in second
    assert second.count('class="entry story"') == 1


def test_an_empty_list_says_what_comes_or_how_to_leave_the_filter(client):
    assert "vide-billets" in text(client.get("/billets/"))
    PostFactory()
    assert "Aucun texte ne correspond" in text(client.get("/billets/?genre=communique"))


@pytest.mark.parametrize("has_picture", [False, True])
def test_a_picture_asks_no_query(client, picture, django_assert_num_queries, has_picture):
    post = PostFactory(lead_picture=picture if has_picture else None)
    client.get(post.get_absolute_url())
    PostFactory()
    with django_assert_num_queries(9):
        page = text(client.get(post.get_absolute_url()))
    assert ("lead-picture" in page) is has_picture
    if has_picture:
        assert 'alt="Un verger"' in page
        assert "Maude Ouellet" in page
        assert "/media/pictures/a-400.webp 400w" in page


def test_contents_of_a_long_text_are_beside_it(client):
    body = "".join(f"<h2>Partie {number}</h2><p>Mots.</p>" for number in range(5))
    assert "post-text--beside" in text(client.get(PostFactory(body=body).get_absolute_url()))
    assert "post-text--beside" not in text(client.get(PostFactory().get_absolute_url()))


def test_what_shares_most_tags_comes_first_then_what_is_recent(client):
    one, two = TagFactory(), TagFactory()
    post = PostFactory(slug="lu", published_at=ago(days=9))
    post.tags.set([one, two])
    for slug, days, tags in (
        ("loin", 8, [one, two]),
        ("proche", 7, [one]),
        ("neuf", 1, []),
        ("vieux", 30, []),
    ):
        PostFactory(slug=slug, published_at=ago(days=days)).tags.set(tags)
    assert related(text(client.get("/billets/lu/"))) == ["loin", "proche", "neuf"]


def test_neither_itself_nor_its_translation_nor_what_is_not_public(client):
    original = PostFactory(slug="original")
    PostFactory(slug="translated", language="en", translation_of=original)
    PostFactory(slug="a-venir", published_at=timezone.now() + timedelta(days=1))
    PostFactory(slug="brouillon", published_at=None)
    for address in ("/billets/original/", "/billets/translated/", "/en/billets/translated/"):
        assert related(text(client.get(address))) == []
    PostFactory(slug="autre")
    for address in ("/billets/original/", "/billets/translated/", "/en/billets/translated/"):
        assert related(text(client.get(address))) == ["autre"]


def test_a_face_or_initials_beside_the_note_of_who_signed(client, picture):
    post = PostFactory()
    for position, portrait in enumerate((picture, None)):
        author = AuthorFactory(name=f"Rose {'AB'[position]}.", portrait=portrait)
        Byline.objects.create(post=post, author=author, position=position)
    page = text(client.get(post.get_absolute_url()))
    assert 'class="face focus-x-1 focus-y-8" src="/media/pictures/a-400.webp"' in page
    assert 'aria-hidden="true">RB<' in page


def test_staff_give_a_signature_its_face_and_take_it_away(staff_client):
    content = BytesIO()
    Image.new("RGB", (300, 300), "#1f5c3f").save(content, "PNG")
    sent = {"name": "Rose Cyr", "face": SimpleUploadedFile("rose.png", content.getvalue(), "image/png")}
    assert staff_client.post("/gestion/billets/signatures/nouvelle/", sent).status_code == 302
    author = Author.objects.get()
    assert author.portrait.description == "Portrait\xa0: Rose Cyr"
    edit = f"/gestion/billets/signatures/{author.pk}/"
    assert author.portrait_url in text(staff_client.get(edit))
    staff_client.post(edit, {"name": "Rose Cyr", "removes_portrait": "on"})
    author.refresh_from_db()
    assert author.portrait is None
    assert Picture.objects.count() == 1


def test_a_signature_without_a_name_is_said(staff_client):
    answer = staff_client.post("/gestion/billets/signatures/nouvelle/", {"name": ""})
    assert answer.status_code == 422
    assert "error-summary" in text(answer)
