"""A WordPress export brought in, twice; and files that are none."""

from __future__ import annotations

import errno
import io
import os
import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.db.models.signals import post_save
from django.utils import timezone
from PIL import Image

from blog.models import Author, Imported, OldAddress, Page, Post, Tag
from blog.wordpress import prose
from comments.models import Comment
from desk import publishing
from desk.models import Document, Picture
from pole.text.richtext import sanitise
from tests.factories import PostFactory

SITE = Path(__file__).parent / "wordpress" / "site.xml"


@pytest.fixture
def uploads(tmp_path):
    folder = tmp_path / "uploads"
    month = folder / "2019" / "04"
    month.mkdir(parents=True)
    Image.new("RGB", (1200, 800), "green").save(month / "verger.jpg")
    Image.new("RGB", (600, 400), "red").save(month / "marche.png")
    (month / "bilan.pdf").write_bytes(b"%PDF-1.7\n%%EOF\n")
    (tmp_path / "secret.jpg").write_bytes((month / "verger.jpg").read_bytes())
    return folder


def bring(*options, file=SITE):
    said = io.StringIO()
    call_command("import_wordpress", str(file), *options, stdout=said)
    return said.getvalue()


@pytest.fixture
def brought(db, uploads):
    return bring("--uploads", str(uploads))


def counted():
    models = (Post, Page, Author, Tag, Picture, Document, Comment, OldAddress, Imported)
    return {model.__name__: model.objects.count() for model in models}


WHOLE_SITE = {
    "Post": 5, "Page": 2, "Author": 2, "Tag": 2, "Picture": 2, "Document": 1, "Comment": 4, "OldAddress": 21,
    "Imported": 18,
}  # fmt: skip


def test_everything_comes_in_once(brought, uploads):
    first = counted()
    assert first == WHOLE_SITE
    again = bring("--uploads", str(uploads))
    assert counted() == first
    assert "Déjà là : 5 billets" in again
    assert "Apporté" not in again


def test_dry_run_says_the_same_and_writes_nothing(db, uploads, settings):
    said = bring("--uploads", str(uploads), "--dry-run")
    assert set(counted().values()) == {0}
    assert not Path(settings.MEDIA_ROOT).exists()
    assert "À apporter : 5 billets" in said
    assert "À apporter : 2 pages" in said


def test_public_page_says_what_the_old_one_said(brought, client):
    post = Post.objects.get(slug="automne-au-marche")
    page = client.get("/billets/automne-au-marche/").content.decode()
    assert post.title == "L’automne au marché\u00a0: 5\u00a0% de plus"
    assert (post.kind, post.summary) == ("communique", "Ce qu’il faut retenir.")
    assert sorted(post.tags.values_list("name", flat=True)) == ["Alimentation", "Marché public"]
    assert [author.name for author in post.authors.all()] == ["Marielle Quenneville"]
    assert "vendredi 12 avril 2019" in page
    assert "<p>Un premier paragraphe,<br>sur deux lignes.</p>" in page
    assert "<figcaption>Le verger, en mai</figcaption>" in page
    assert post.body.count("<img") == 3
    assert post.body.count('alt="Un verger en fleurs"') == 2
    assert 'href="/qui-sommes-nous/"' in post.body
    assert 'href="/billets/un-texte-en-blocs/"' in post.body
    assert f'href="{Document.objects.get().file.url}"' in post.body
    assert 'href="https://ailleurs.example/"' in post.body
    assert post.lead_picture == Picture.objects.get(description="Un verger en fleurs")
    for trace in ("[caption", "[gallery", "[contact-form", "alert(", "ancien.example", "-300x200"):
        assert trace not in post.body, trace


def test_blocks_and_nested_galleries_become_figures(brought):
    body = Post.objects.get(slug="un-texte-en-blocs").body
    assert body.count("<figure>") == 2
    assert "<figcaption>Au printemps</figcaption>" in body
    assert 'alt="Des pommiers"' in body
    assert 'href="https://video.example/embed/1"' in body
    assert "wp:" not in body


def test_states_are_kept(brought, client):
    states = {post.title: (post.published_at is not None) for post in Post.objects.all()}
    assert states == {
        "L’automne au marché\u00a0: 5\u00a0% de plus": True,
        "Un texte en blocs": True,
        "Un brouillon": False,
        "Annonce à venir": True,
        "Réservé": False,
    }
    assert client.get("/billets/annonce/").status_code == 404
    assert client.get("/billets/reserve/").status_code == 404


def test_comments_keep_their_thread_and_state_and_no_address(brought, client):
    comments = {comment.signature: comment for comment in Comment.objects.select_related("parent")}
    assert {name: comment.state for name, comment in comments.items()} == {
        "Jeanne Lalumière": "published", "Marielle": "published", "Luc": "published", "Paul": "pending",
    }  # fmt: skip
    assert comments["Marielle"].parent == comments["Luc"].parent == comments["Jeanne Lalumière"]
    page = client.get("/billets/automne-au-marche/").content.decode()
    assert [text in page for text in ("Jeanne Lalumière", "Bravo!", "Pas encore relu", "Achetez", "alert(2)")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert not any("secret.example" in str(vars(comment)) for comment in comments.values())


def test_old_addresses_lead_to_the_new_ones(brought, client):
    answers = {
        path: client.get(path)
        for path in ("/2019/04/12/automne-au-marche/", "/2019/04/12/automne-au-marche", "/annonce/")
    }
    assert answers["/2019/04/12/automne-au-marche/"].status_code == 301
    assert answers["/2019/04/12/automne-au-marche/"].url == "/billets/automne-au-marche/"
    assert answers["/2019/04/12/automne-au-marche"].status_code == 301
    assert answers["/annonce/"].status_code == 404
    assert client.get("/qui-sommes-nous/").status_code == 200
    assert Page.objects.get(title="Forums").slug == "forums-2"


def test_what_is_refused_is_listed_with_its_reason(brought):
    for line in (
        "Refusé : À la corbeille – état «\u00a0trash\u00a0»",
        "Refusé : Accueil – type «\u00a0nav_menu_item\u00a0» inconnu du portail",
        "Refusé : commentaire de Robot sous « L'automne au marché : 5 % de plus » – état «\u00a0spam\u00a0»",
        "– «\u00a0pingback\u00a0»",
        "Perdu en route : Un texte en blocs – image disparue.jpg",
        "code court [contact-form-7]",
        "image 99 d’une galerie",
        "À savoir : Réservé – mot de passe\u00a0: gardé comme brouillon",
    ):
        assert line in brought, line


def test_pictures_come_from_the_folder_and_from_nowhere_else(db, uploads, tmp_path):
    text = SITE.read_text().replace("2019/04/verger", "../secret")
    file = tmp_path / "mauvais.xml"
    file.write_text(text)
    bring("--uploads", str(uploads), file=file)
    assert Picture.objects.count() == 1


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<rss>",
        "<rss><channel/></rss>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>',
        '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel>&b;</channel></rss>',
    ],
)
def test_what_is_no_export_is_refused_in_words(db, tmp_path, content):
    file = tmp_path / "x.xml"
    file.write_text(content)
    with pytest.raises(CommandError, match="ne se lit pas"):
        bring(file=file)


def test_missing_folder_is_said(db):
    with pytest.raises(CommandError, match="n’existe pas"):
        bring("--uploads", "/nulle/part")


@pytest.mark.parametrize(
    ("typed", "markup"),
    [
        ("Un\n\nDeux", "<p>Un</p>\n<p>Deux</p>"),
        ("Un\nDeux", "<p>Un<br>Deux</p>"),
        ("<p>Déjà</p>\n\nSuite", "<p>Déjà</p>\n<p>Suite</p>"),
        ("<h2>T</h2>\n\nTexte", "<h2>T</h2>\n<p>Texte</p>"),
        ("", ""),
    ],
)
def test_empty_lines_make_paragraphs(typed, markup):
    assert prose.paragraphs(typed) == markup


def test_address_taken_by_an_imported_text_redirects_nowhere_else(db, uploads, client):
    """A text of the portal left it before."""
    moved = PostFactory(slug="la-recolte", published_at=timezone.now())
    taken, other = "/billets/automne-au-marche/", "/billets/ailleurs/"
    for path in (taken, other):
        OldAddress.objects.create(path=path, post=moved)
    bring("--uploads", str(uploads))
    assert not OldAddress.objects.filter(path=taken).exists()
    assert OldAddress.objects.get(path=other).post == moved
    # Hidden again, the text keeps its address.
    imported = Post.objects.get(slug="automne-au-marche")
    publishing.unpublish(owner=imported)
    assert OldAddress.objects.get(path=taken).post == imported


def test_refused_text_leaves_no_file(db, uploads, settings):
    def refuse(instance, **_):
        raise DatabaseError("refusé")

    post_save.connect(refuse, sender=Post)
    try:
        said = bring("--uploads", str(uploads))
    finally:
        post_save.disconnect(refuse, sender=Post)
    assert "Refusé" in said
    named = {
        name for model in (Picture, Document) for row in model.objects.all() for name in row.file_names()
    }
    on_disk = {
        str(path.relative_to(settings.MEDIA_ROOT))
        for path in settings.MEDIA_ROOT.rglob("*")
        if path.is_file()
    }
    assert on_disk == named


@pytest.mark.parametrize("room_for", [0, 1, 2])
def test_full_disk_stops_it_in_words_and_the_same_command_finishes(
    db, uploads, settings, monkeypatch, room_for
):
    """The disk takes `room_for` files, then none until there is room again."""
    real, left = os.fsync, iter(range(room_for))

    def fail(descriptor):
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    with monkeypatch.context() as patched, pytest.raises(CommandError, match="relancez la même commande"):
        patched.setattr(os, "fsync", fail)
        bring("--uploads", str(uploads))
    assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file() and not path.stat().st_size]
    bring("--uploads", str(uploads))
    assert counted() == WHOLE_SITE


class OldSite:
    """Knows `/photo.jpg` and the page `/ancienne/`."""

    def image(self, address, alternative):
        return (
            f'<img src="/media/1" data-picture="1" alt="{alternative}">' if address == "/photo.jpg" else None
        )

    def image_of(self, key):
        return None

    def link(self, address):
        return "/nouvelle/?a=1&b=2" if address == "/ancienne/" else None

    def pictures_of(self, key):
        return []

    def shared_text(self, key):
        return ""


VIDEO = '<p><a href="https://video.example/?a=1&amp;b=2" rel="noopener">https://video.example/?a=1&amp;b=2</a></p>'


@pytest.mark.parametrize(
    ("typed", "markup"),
    [
        # A video leaves the paragraphs around it, and its address whole.
        ("Un\n\nDeux\n\n[embed]https://video.example/?a=1&b=2[/embed]", f"<p>Un</p><p>Deux</p>{VIDEO}"),
        (
            'Un\n<iframe src="https://video.example/?a=1&amp;b=2">rien</iframe>\nDeux',
            f"<p>Un</p>{VIDEO}<p>Deux</p>",
        ),
        # Attributes as browsers read them.
        ("<img alt='a > b' src=/photo.jpg>", '<p><img src="/media/1" data-picture="1" alt="a &gt; b"></p>'),
        (
            "<a title='x > y' href=/ancienne/>z</a>",
            '<p><a title="x &gt; y" href="/nouvelle/?a=1&amp;b=2">z</a></p>',
        ),
        (
            "[caption]<img alt='a > b' src=/photo.jpg /> c[/caption]",
            '<figure><img src="/media/1" data-picture="1" alt="a &gt; b"><figcaption>c</figcaption></figure>',
        ),
        # The words under a gallery stay.
        (
            '<figure class="wp-block-gallery"><figure><img src="/photo.jpg"></figure><figcaption>d</figcaption></figure>',
            '<figure><img src="/media/1" data-picture="1" alt=""></figure><p>d</p>',
        ),
        ("<!-- wp:paragraph -->Un<!-- /wp:paragraph -->\n\nDeux", "<p>Un</p><p>Deux</p>"),
        # An end tag left alone is no sign that the text has paragraphs of its own.
        ("Un\n\nDeux</p>\n\nTrois", "<p>Un</p><p>Deux</p><p>Trois</p>"),
    ],
)
def test_markup_of_the_old_site_is_read_as_browsers_do(typed, markup):
    assert sanitise(prose.convert(typed, OldSite()).markup).replace("\n", "") == markup


def test_attributes_of_the_old_site_cannot_multiply_formatting():
    many = "<p>" + "".join(f"<b x={number}>" for number in range(500)) + "</p><p>x" * 500
    assert len(prose.convert(many, OldSite()).markup) < 50_000


def test_markup_of_the_old_site_that_would_take_too_long_is_refused():
    block = "<!-- wp:paragraph --><p>x</p><!-- /wp:paragraph -->"
    markup = sanitise(prose.convert(block * 4_900, OldSite()).markup)
    assert markup.replace("\n", "") == "<p>x</p>" * 4_900
    with pytest.raises(ValidationError):
        prose.convert("<div>" * 100_000, OldSite())


def test_addresses_that_nobody_can_read_stop_nothing(db, tmp_path):
    """Of the site, of its texts and within them."""
    file = tmp_path / "site.xml"
    written = SITE.read_text(encoding="utf-8")
    address = re.search(r"<wp:base_blog_url>(.*?)</wp:base_blog_url>", written)[1]
    file.write_text(written.replace(address, "http://[abîmée"), encoding="utf-8")
    assert "Apporté : 5 billets" in bring(file=file).replace("\u00a0", " ")
    assert counted()["Page"] == 2
    assert "Déjà là : 5 billets" in bring(file=file).replace("\u00a0", " ")
