"""A whole WordPress site: each public page against what was written there, word for word; again, moved, and undone."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import call_command
from PIL import Image

from blog.models import Author, Imported, OldAddress, Page, Post, SiteImport, Tag
from comments.models import Comment
from desk.models import Document, Draft, Picture
from pole.text import richtext
from pole.text.html import walk
from tests.blog.wordpress.whole_site import DRAFTS, FILES, TEXTS, export

BLOCKS = {"p", "h2", "h3", "h4", "li", "figcaption", "pre", "td", "th", "blockquote", "ol", "ul"}


@pytest.fixture
def uploads(tmp_path):
    month = tmp_path / "uploads" / "2015" / "03"
    month.mkdir(parents=True)
    for name in ("serre.jpg", "champ.png"):
        Image.new("RGB", (1200, 800), "green").save(month / name)
    (month / "bilan.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    return tmp_path / "uploads"


@pytest.fixture
def bring(db, tmp_path, uploads):
    def bring(content=None, *options):
        file = tmp_path / "site.xml"
        file.write_bytes(export() if content is None else content)
        said = io.StringIO()
        call_command("import_wordpress", str(file), "--uploads", str(uploads), *options, stdout=said)
        return said.getvalue()

    return bring


def read(markup):
    """What each block says by itself, in order."""
    parts, current = [], ""
    for event in walk(markup):
        if not event.name:
            current += event.text
        elif event.name == "br":
            current += " "
        elif event.name in BLOCKS:
            parts, current = [*parts, current], ""
    words = [re.sub(r"[ \n\t]+", " ", part).strip(" \n") for part in [*parts, current]]
    return tuple(part for part in words if part)


def article(client, text):
    path = f"/billets/{text.slug}/" if text.kind == "post" else f"/{text.slug}/"
    page = client.get(path).content.decode()
    return re.search(r'<div class="prose"[^>]*>(.*?)</div>', page, re.DOTALL)[1]


def counted():
    models = (Post, Page, Author, Tag, Picture, Document, Comment, OldAddress, Imported, Draft)
    return {model.__name__: model.objects.count() for model in models}


def test_every_page_says_what_the_old_one_said(bring, client):
    bring()
    for text in TEXTS:
        assert read(article(client, text)) == text.expected, text.slug


def test_what_is_lost_or_changed_is_said(bring):
    said = bring()
    for text in TEXTS + DRAFTS:
        for note in text.notes:
            assert (
                any(note in line and text.title[:9] in line for line in said.splitlines()) or note in said
            ), note
    assert said.count("perdu") == 0


def test_it_comes_once_wherever_the_site_was(bring, client):
    bring()
    first = counted()
    pages = {text.slug: article(client, text) for text in TEXTS}
    for address in ("https://www.ancien.example", "http://ancien.example", "https://nouveau.example/blogue"):
        said = bring(export(address))
        # In a folder of its host, its addresses are others.
        assert re.findall(r"Apporté : \d+ (\w+)", said) in ([], ["adresses"]), address
        assert {**counted(), "OldAddress": 0} == {**first, "OldAddress": 0}, address
        assert {text.slug: article(client, text) for text in TEXTS} == pages


def test_another_site_of_the_same_numbers_is_another_one(bring):
    bring()
    other = (
        export("https://autre.example")
        .replace(b"2015-03-0", b"2017-09-0")
        .replace(b"2012-02-16", b"2017-02-16")
    )
    other = other.replace(b"2015-03-02 14", b"2017-03-02 14")
    said = bring(other)
    assert "Apporté : 10 billets" in said
    assert "Déjà là" not in said


def test_names_dates_and_languages(bring):
    bring()
    post = Post.objects.get(slug="date-locale")
    assert post.title == "Pain & fromage, l’alliance"
    assert post.published_at.isoformat() == "2012-02-16T15:00:00+00:00"
    assert [author.name for author in post.authors.all()] == ["Roy & cie"]
    assert sorted(post.tags.values_list("name", flat=True)) == ["Eau", "Habitation & quartiers"]
    assert Post.objects.get(slug="said").language == "en"
    assert Comment.objects.get().signature == "Zoé & Léo"


def test_pages_keep_their_order_and_what_was_said_under_them(bring, client):
    bring()
    first, second = Page.objects.order_by("position")
    assert (first.slug, second.slug) == ("equipe", "historique")
    page = client.get("/historique/").content.decode()
    assert "Merci pour ce rappel!" in page
    assert "Zoé &amp; Léo" in page
    assert "Merci" not in client.get("/equipe/").content.decode()


def test_what_was_not_public_stays_so(bring, client):
    bring()
    for text in DRAFTS:
        post = Post.objects.select_related("draft").get(slug=text.slug)
        assert post.published_at is None, text.slug
        assert client.get(f"/billets/{text.slug}/").status_code == 404
    long = Post.objects.select_related("draft").get(slug="long")
    assert long.draft.content["title"] == re.sub(" +", " ", DRAFTS[3].title)


def test_everything_may_come_in_unpublished(bring):
    bring(None, "--unpublished")
    assert not Post.objects.exclude(published_at=None).exists()
    assert not Page.objects.exclude(published_at=None).exists()


def test_language_that_is_asked_holds_for_all(bring):
    bring(None, "--language", "en")
    assert set(Post.objects.values_list("language", flat=True)) == {"en"}


OLD = {
    "/?p=1": "/billets/classique/", "/?page_id=6": "/equipe/", "/?p=7": "/historique/", "/index.php?p=2": "/billets/blocs/",
    "/2015/03/classique/": "/billets/classique/", "/2015/03/classique": "/billets/classique/",
    "/2015/03/classique/page/2/": "/billets/classique/", "/2015/03/classique/amp/": "/billets/classique/",
    "/2015/03/classique/feed/": "/billets/flux.xml", "/2015/03/classique/comment-page-2/": "/billets/classique/",
    "/index.php/2015/03/classique/": "/billets/classique/", "/2099/03/classique/": "/billets/classique/",
    "/category/nouvelles/": "/billets/?genre=nouvelle", "/?cat=3": "/billets/?genre=nouvelle",
    "/category/habitation/": "/billets/?etiquette=habitation", "/category/milieux/habitation/": "/billets/?etiquette=habitation",
    "/category/habitation/page/3/": "/billets/?etiquette=habitation", "/categorie/habitation/": "/billets/?etiquette=habitation",
    "/category/habitation/feed/": "/billets/flux.xml", "/?cat=4": "/billets/?etiquette=habitation",
    "/tag/eau/": "/billets/?etiquette=eau", "/?tag=eau": "/billets/?etiquette=eau", "/etiquette/eau/": "/billets/?etiquette=eau",
    "/2015/03/": "/billets/?annee=2015", "/2012/": "/billets/?annee=2012", "/2012/02/16/": "/billets/?annee=2012",
    "/2003/": "/billets/", "/?m=201202": "/billets/?annee=2012",
    "/page/2/": "/billets/", "/?paged=2": "/billets/",
    "/feed/": "/billets/flux.xml", "/feed": "/billets/flux.xml", "/feed/rss2/": "/billets/flux.xml", "/feed/atom/": "/billets/flux.xml",
    "/comments/feed/": "/billets/flux.xml", "/?feed=rss2": "/billets/flux.xml", "/wp-rss2.php": "/billets/flux.xml",
    "/?s=eau+vive": "/recherche/?q=eau+vive", "/archives/1": "/billets/classique/",
}  # fmt: skip


def test_each_old_address_leads_for_good_to_what_replaces_it(bring, client):
    assert client.get("/feed/").status_code == 404
    bring()
    author = Author.objects.get()
    expected = OLD | {
        "/author/roy/": f"/billets/?signature={author.pk}", "/?author=1": f"/billets/?signature={author.pk}",
        "/author/roy/page/2/": f"/billets/?signature={author.pk}", "/author/roy/feed/": "/billets/flux.xml",
    }  # fmt: skip
    answers = {path: client.get(path) for path in expected}
    assert {
        path: (answer.status_code, answer.headers.get("Location")) for path, answer in answers.items()
    } == {path: (301, target) for path, target in expected.items()}
    for target in set(expected.values()):
        assert client.get(target).status_code == 200, target


def test_files_that_came_in_answer_at_their_old_addresses(bring, client):
    bring()
    serre = Picture.objects.get(description="Une serre au printemps")
    for name in ("serre.jpg", "serre-300x200.jpg", "serre-scaled.jpg"):
        assert client.get(f"/wp-content/uploads/2015/03/{name}").headers["Location"] == serre.file.url
    assert client.get("/?attachment_id=10").headers["Location"] == serre.file.url
    assert client.get("/2015/03/codes/serre/").headers["Location"] == serre.file.url
    bilan = client.get("/wp-content/uploads/2015/03/bilan.pdf")
    assert (bilan.status_code, bilan.headers["Location"]) == (301, Document.objects.get().file.url)
    assert client.get("/wp-content/uploads/2015/03/absent.jpg").status_code == 404


def test_addresses_of_a_site_in_a_folder(bring, client):
    bring(export("https://exemple.example/blogue"))
    for path, target in {
        "/blogue/?p=1": "/billets/classique/", "/blogue/2015/03/classique/": "/billets/classique/",
        "/blogue/category/habitation/": "/billets/?etiquette=habitation", "/blogue/feed/": "/billets/flux.xml",
        "/blogue/2012/02/": "/billets/?annee=2012",
    }.items():  # fmt: skip
        assert client.get(path).headers.get("Location") == target, path
    serre = Picture.objects.get(description="Une serre au printemps")
    assert client.get("/blogue/wp-content/uploads/2015/03/serre.jpg").headers["Location"] == serre.file.url


def test_links_between_texts_and_to_files_lead_here(bring):
    bring()
    body = Post.objects.get(slug="blocs").body
    assert 'href="/equipe/"' in body
    assert body.count(Document.objects.get().file.url) == 2
    assert body.count("data-picture=") == 3
    assert Post.objects.get(slug="codes").body.count("<figure>") == 4
    assert len(FILES) == Picture.objects.count() + Document.objects.count()


def test_undoing_takes_all_back(bring, client, settings, django_capture_on_commit_callbacks):
    before = counted()
    bring()
    number = SiteImport.objects.get().pk
    said = io.StringIO()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("import_wordpress", undo=number, stdout=said)
    assert counted() == before
    assert "Retiré : 10 billets" in said.getvalue()
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert client.get("/2015/03/classique/").status_code == 404
    # And it may come again.
    assert "Apporté : 10 billets" in bring()


def test_undoing_keeps_what_someone_changed(bring, client):
    bring()
    edited = Post.objects.select_related("draft").get(slug="codes")
    from desk.publishing import save_draft

    save_draft(owner=edited, content={**edited.draft.content, "title": "Relu"}, seen_version=1, by=None)
    answered = Post.objects.get(slug="said")
    Comment.objects.create(thread=answered.thread, text="Bravo", signature="")
    said = io.StringIO()
    call_command("import_wordpress", undo=SiteImport.objects.get().pk, stdout=said)
    assert sorted(Post.objects.values_list("slug", flat=True)) == ["codes", "said"]
    assert "modifié depuis l’importation" in said.getvalue()
    assert "quelqu’un a écrit un commentaire dessous" in said.getvalue()
    # Its pictures are in use.
    assert Picture.objects.count() == 2
    assert client.get("/2015/03/codes/").headers["Location"] == "/billets/codes/"


def test_sanitised_text_is_stored(bring):
    bring()
    for post in Post.objects.all():
        assert richtext.sanitise(post.body) == post.body
