"""What visitors read: lists, posts, feed, pages; scheduling to the second; conditional requests."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone, translation

from blog.models import Byline, OldAddress, Post
from desk.models import Picture
from pole.caching.in_process import clear_caches
from pole.models import Hub
from tests.factories import AuthorFactory, PageFactory, PostFactory, TagFactory
from tests.moments import as_typed
from tests.sitemaps import whole_sitemap

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def full_post(db):
    post = PostFactory(
        slug="carte-cachee", title="La carte cachée", heading="Un titre repris", body="<p>Le corps du texte.</p>",
        summary="Un résumé.", published_at=datetime(2023, 5, 19, 14, tzinfo=timezone.get_current_timezone()),
    )  # fmt: skip
    Byline.objects.create(
        post=post, author=AuthorFactory(name="Noé Tessier", note="Noé Tessier dirige un pôle.")
    )
    post.tags.add(TagFactory(name="Innovation", slug="innovation"))
    return post


def test_post_shows_title_heading_date_body_note_and_tags(client, full_post):
    page = client.get("/billets/carte-cachee/").content.decode()
    for expected in (
        "<h1>La carte cachée</h1>", "Un titre repris", "Publié le", "vendredi 19 mai 2023", "<p>Le corps du texte.</p>",
        "Noé Tessier dirige un pôle.", "?etiquette=innovation",
    ):  # fmt: skip
        assert expected in page


def test_news_item_takes_the_feminine(client, full_post):
    full_post.kind = "nouvelle"
    full_post.save()
    assert "Publiée le" in client.get("/billets/carte-cachee/").content.decode()


def test_date_with_a_comma_by_setting(client, full_post, settings):
    settings.POLE_DATE_COMMA = True
    assert "vendredi, 19 mai 2023" in client.get("/billets/carte-cachee/").content.decode()


@pytest.mark.parametrize(("offset_seconds", "is_there"), [(-1, False), (0, True), (1, True)])
def test_scheduled_post_appears_at_its_instant(client, offset_seconds, is_there, db):
    moment = timezone.now().replace(microsecond=0) + timedelta(days=1)
    PostFactory(slug="a-venir", title="Texte planifié", body="<p>motunique</p>", published_at=moment)
    with time_machine.travel(moment + timedelta(seconds=offset_seconds), tick=False):
        assert client.get("/billets/a-venir/").status_code == (200 if is_there else 404)
        for address in ("/billets/", "/billets/flux.xml", "/sitemap.xml", "/recherche/?q=motunique", "/"):
            page = (
                whole_sitemap(client) if address == "/sitemap.xml" else client.get(address).content.decode()
            )
            assert ("Texte planifié" in page or "/a-venir/" in page) is is_there, address


def test_unchanged_page_answers_304_until_a_scheduled_post_appears(client, db):
    moment = datetime(2027, 3, 2, 14, tzinfo=timezone.get_current_timezone())
    PostFactory(published_at=moment)
    with time_machine.travel(moment - timedelta(hours=2), tick=False):
        etag = client.get("/billets/").headers["ETag"]
    with time_machine.travel(moment - timedelta(seconds=1), tick=False):
        assert client.get("/billets/", headers={"If-None-Match": etag}).status_code == 304
    with time_machine.travel(moment, tick=False):
        assert client.get("/billets/", headers={"If-None-Match": etag}).status_code == 200


def test_unknown_filters_are_404(client, db):
    for query in (
        "genre=x",
        "etiquette=x",
        "etiquette=%00",
        "annee=12",
        "annee=abcd",
        "signature=9",
        "signature=x",
    ):
        assert client.get(f"/billets/?{query}").status_code == 404, query


def test_lists_by_kind_tag_year_and_author(client, full_post):
    PostFactory(title="Un autre texte", kind="communique")
    author = full_post.authors.get()
    for query in ("genre=billet", "etiquette=innovation", "annee=2023", f"signature={author.pk}"):
        page = client.get(f"/billets/?{query}").content.decode()
        assert "La carte cachée" in page, query
        assert "Un autre texte" not in page, query


def test_each_kind_has_its_own_filter_label_and_check_in_both_languages(client, db):
    for prefix, language in (("", "fr"), ("/en", "en")):
        page = client.get(f"{prefix}/billets/").content.decode()
        labels = dict(re.findall(r'<a class="tags__link" href="\?genre=(\w+)">([^<]+)</a>', page))
        with translation.override(language):
            assert labels == {kind.value: str(kind.plural) for kind in Post.Kind}
        assert len(set(labels.values())) == len(Post.Kind)
    assert labels["communique"] == "Press releases"
    for kind in Post.Kind:
        PostFactory(title=f"Un texte : {kind.value}", slug=kind.value, kind=kind)
    for kind in Post.Kind:
        page = client.get(f"/billets/?genre={kind.value}").content.decode()
        assert re.findall(r">Un texte : (\w+)<", page) == [kind.value]
        data = client.get(f"/billets/{kind.value}/").content.decode().split('application/ld+json">')[1]
        assert json.loads(data.split("</script>")[0])["@type"] == kind.schema_type


def test_english_list_shows_a_translation_once(client, db):
    french = PostFactory(title="Bonjour la région", slug="bonjour")
    PostFactory(title="Hello region", slug="hello", language="en", translation_of=french)
    PostFactory(title="Seulement en français", slug="seul")
    english = client.get("/en/billets/").content.decode()
    assert "Hello region" in english
    assert "Bonjour la région" not in english
    assert 'lang="fr"' in english
    french_page = client.get("/billets/").content.decode()
    assert "Hello region" not in french_page
    assert "Bonjour la région" in french_page
    assert 'href="/en/billets/hello/"' in client.get("/billets/bonjour/").content.decode()


def test_feed_is_atom_with_absolute_links(client, full_post):
    feed = ElementTree.fromstring(client.get("/billets/flux.xml").content)
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["La carte cachée"]
    assert entries[0].find(f"{ATOM}link").get("href") == "http://localhost:8000/billets/carte-cachee/"
    assert "<p>Le corps du texte.</p>" in entries[0].findtext(f"{ATOM}content")


def test_page_is_bilingual(client, db):
    PageFactory(
        slug="services", title="Services", title_en="What we do", body="<p>Un</p>", body_en="<p>One</p>"
    )
    assert "<p>Un</p>" in client.get("/services/").content.decode()
    assert "What we do" in client.get("/en/services/").content.decode()


def test_french_only_page_is_marked_in_english(client, db):
    PageFactory(slug="services", title="Nos services")
    assert '<h1 lang="fr">Nos services</h1>' in client.get("/en/services/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_list_has_constant_queries(client, db, django_assert_num_queries, count):
    for _ in range(count):
        PostFactory()
    client.get("/billets/")
    with django_assert_num_queries(2):
        client.get("/billets/")


@pytest.mark.parametrize("count", [1, 3])
def test_post_has_constant_queries(client, db, django_assert_num_queries, count):
    post = PostFactory()
    for position in range(count):
        Byline.objects.create(post=post, author=AuthorFactory(), position=position)
        post.tags.add(TagFactory())
    client.get(post.get_absolute_url())
    with django_assert_num_queries(8):
        client.get(post.get_absolute_url())


@pytest.mark.parametrize("count", [1, 3])
def test_feed_has_constant_queries(client, django_assert_num_queries, db, count):
    for _ in range(count):
        Byline.objects.create(post=PostFactory(), author=AuthorFactory())
    client.get("/billets/flux.xml")
    with django_assert_num_queries(3):
        client.get("/billets/flux.xml")


def test_old_addresses_lead_to_the_text_while_it_is_public(staff_client, client):
    post = PostFactory(slug="ancien", title="T", body="")
    page = PageFactory(slug="vieille", title="P", body="")
    common = {"title": "T", "body": "", "seen_version": 1, "publish_at": ""}
    staff_client.post(
        reverse("staff:post_edit", args=[post.pk]),
        common
        | {
            "kind": "billet",
            "language": "fr",
            "slug": "nouveau",
            "heading": "",
            "summary": "",
            "new_tags": "",
        },
    )
    staff_client.post(reverse("staff:page_edit", args=[page.pk]), common | {"slug": "neuve", "position": 0})
    moved = [client.get(path) for path in ("/billets/ancien/", "/en/billets/ancien/", "/vieille/")]
    assert [(answer.status_code, answer.url) for answer in moved] == [
        (301, "/billets/nouveau/"),
        (301, "/en/billets/nouveau/"),
        (301, "/neuve/"),
    ]
    post.refresh_from_db()
    post.published_at = None
    post.save()
    assert client.get("/billets/ancien/").status_code == 404
    assert client.post("/billets/ancien/").status_code == 405
    # Another text takes the address: it leads nowhere else any more.
    other = PostFactory(slug="autre")
    staff_client.post(
        reverse("staff:post_edit", args=[other.pk]),
        common
        | {
            "kind": "billet",
            "language": "fr",
            "slug": "ancien",
            "heading": "",
            "summary": "",
            "new_tags": "",
        },
    )
    assert client.get("/billets/ancien/").status_code == 200
    assert list(OldAddress.objects.values_list("path", flat=True)) == ["/vieille/", "/billets/autre/"]


def _edited(client, post, **changed):
    typed = {
        "action": "save", "seen_version": post.draft.version, "title": "Un titre", "body": "<p>Un texte.</p>", "kind": "billet",
        "language": "fr", "slug": post.slug, "heading": "", "summary": "", "new_tags": "", "publish_at": "",
    }  # fmt: skip
    answer = client.post(reverse("staff:post_edit", args=[post.pk]), typed | changed)
    assert answer.status_code == 302
    post.refresh_from_db()
    post.draft.refresh_from_db()


def test_address_changed_while_a_text_was_withdrawn_still_leads_to_it(db, client, staff_client):
    post = PostFactory(slug="ancien", title="Un titre", body="<p>Un texte.</p>")
    _edited(staff_client, post, action="unpublish")
    _edited(staff_client, post)
    _edited(staff_client, post, slug="nouveau")
    assert client.get("/billets/ancien/").status_code == 404
    _edited(staff_client, post, action="publish_anyway")
    answer = client.get("/billets/ancien/")
    assert (answer.status_code, answer.url) == (301, "/billets/nouveau/")


def test_address_of_a_draft_is_nobodys_and_one_published_anew_is_its_own(db, client, staff_client):
    moved, post = PostFactory(slug="x", title="Parti"), PostFactory(slug="brouillon", title="Un titre")
    Post.objects.filter(pk=post.pk).update(published_at=None)
    post.refresh_from_db()
    _edited(staff_client, moved, slug="y")
    # A draft takes the address that the other left; nobody has read it there.
    _edited(staff_client, post, slug="x")
    assert client.get("/billets/x/").url == "/billets/y/"
    assert not OldAddress.objects.filter(path="/billets/brouillon/").exists()
    _edited(staff_client, post, action="publish_anyway")
    assert client.get("/billets/x/").status_code == 200
    _edited(staff_client, post, action="unpublish")
    assert client.get("/billets/x/").status_code == 404
    _edited(staff_client, post, slug="z")
    _edited(staff_client, post, action="publish_anyway")
    assert client.get("/billets/x/").url == "/billets/z/"


def test_post_describes_itself_to_machines(db, client):
    author = AuthorFactory(name="Anne")
    post = PostFactory(
        title='Un titre </script><script>alert(1)</script> & "deux"', slug="t", summary="En bref"
    )
    Byline.objects.create(post=post, author=author)
    english = PostFactory(title="A title", slug="a-title", language="en", translation_of=post)
    page = client.get("/billets/t/").content.decode()
    data = json.loads(page.split('application/ld+json">')[1].split("</script>")[0])
    assert (data["@type"], data["headline"]) == ("BlogPosting", post.title)
    assert (data["author"], data["inLanguage"]) == ([{"@type": "Person", "name": "Anne"}], "fr-CA")
    assert data["datePublished"] == post.published_at.isoformat()
    assert "<script>alert(1)" not in page
    assert 'property="og:url" content="http://localhost:8000/billets/t/"' in page
    for address in ("/billets/t/", "/en/billets/a-title/"):
        both = client.get(address).content.decode()
        links = re.findall(r'rel="alternate" hreflang="(..)-CA" href="http://localhost:8000([^"]+)"', both)
        assert sorted(links) == [("en", "/en/billets/a-title/"), ("fr", "/billets/t/")]
    sitemap = whole_sitemap(client)
    assert sitemap.count("/en/billets/a-title/") == 3
    assert english.get_absolute_url() in sitemap


@pytest.mark.parametrize("address", ["/en/billets/", "/en/recherche/?q=ruche"])
def test_scheduled_translation_takes_nobodys_place_before_its_instant(db, client, address):
    post = PostFactory(slug="t", title="Ruche")
    when = timezone.now() + timedelta(hours=1)
    PostFactory(slug="soon", title="Hive", language="en", translation_of=post, published_at=when)
    assert "/billets/t/" in client.get(address).content.decode()


def test_scheduled_translation_is_said_nowhere_before_its_instant(db, client):
    post = PostFactory(slug="t")
    PostFactory(
        slug="soon",
        title="Soon",
        language="en",
        translation_of=post,
        published_at=timezone.now() + timedelta(hours=1),
    )
    for path in (
        "/billets/t/",
        "/en/billets/",
        "/en/billets/flux.xml",
        "/en/recherche/?q=soon",
    ):
        assert "/soon/" not in client.get(path).content.decode(), path
    assert "/soon/" not in whole_sitemap(client)


def test_a_search_for_an_author_finds_their_posts(client, db):
    """Case 14: what nobody wrote in the text, the signature says."""
    signed = PostFactory(slug="le-quai", title="Le quai", body="<p>Rien de son nom.</p>")
    signed.bylines.create(author=AuthorFactory(name="Anatole Primeau"))
    PostFactory(slug="ailleurs", title="Ailleurs")
    page = client.get("/recherche/", {"q": "Anatole Primeau"}).content.decode()
    assert re.findall(r'entry__title"><a href="([^"]+)"', page) == ["/billets/le-quai/"]


def feed_entries(client, address="/billets/flux.xml"):
    return ElementTree.fromstring(client.get(address).content).findall(f"{ATOM}entry")


def edited(staff_client, post, **changes):
    post.refresh_from_db()
    typed = {
        "title": post.title, "heading": "", "summary": "", "body": post.body, "kind": post.kind, "language": "fr",
        "slug": post.slug, "new_tags": "", "is_open": "on", "seen_version": str(post.draft.version),
        "publish_at": "", "action": "publish_anyway",
    }  # fmt: skip
    answer = staff_client.post(post.get_edit_url(), typed | changes)
    assert answer.status_code == 302, answer.content
    return Post.objects.get(pk=post.pk)


def test_entry_keeps_its_id_for_ever_and_tells_when_it_changed(client, staff_client, db, settings):
    settings.BASE_URL = "https://portail.example"
    start = timezone.now() - timedelta(days=9)
    with time_machine.travel(start, tick=False):
        post = edited(
            staff_client, PostFactory(title="Une annonce", body="<p>Bonjour.</p>", published_at=None)
        )
        [entry] = feed_entries(client)
    known = entry.find(f"{ATOM}id").text
    assert re.fullmatch(r"tag:portail\.example,\d{4}-\d{2}-\d{2}:[0-9a-f]{32}", known)
    assert entry.find(f"{ATOM}updated").text == entry.find(f"{ATOM}published").text
    settings.BASE_URL = "https://nouveau.example"
    for days, changes, moves in (
        (8, {"body": "<p>Bonsoir.</p>"}, True),
        (7, {"slug": "autre-adresse"}, False),
    ):
        at = timezone.now() - timedelta(days=days)
        before = post.updated_at
        with time_machine.travel(at, tick=False):
            post = edited(staff_client, post, **changes)
        assert (post.updated_at != before, post.published_at < at) == (moves, True)
    # Taken back, then shown again: still the same text.
    edited(staff_client, post, action="unpublish")
    edited(staff_client, post)
    [entry] = feed_entries(client)
    assert entry.find(f"{ATOM}id").text == known
    assert (
        len({each.find(f"{ATOM}id").text for each in feed_entries(client, "/en/billets/flux.xml")} | {known})
        == 1
    )


def test_scheduled_entry_is_updated_at_its_instant_at_the_earliest(staff_client, client, db):
    post = PostFactory(published_at=timezone.now() + timedelta(days=1), body="<p>Un.</p>")
    post = edited(staff_client, post, body="<p>Deux.</p>", publish_at=as_typed(post.published_at))
    assert post.updated_at == post.published_at


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ('<a href="/repertoire/">', "{base}/repertoire/"),
        ('<a href="autre/">', "{base}/billets/un/autre/"),
        ('<a href="#note-1">', "{base}/billets/un/#note-1"),
        ('<a href="?page=2">', "{base}/billets/un/?page=2"),
        ('<a href="https://ailleurs.example/x">', "https://ailleurs.example/x"),
        ('<a href="mailto:info@x.example">', "mailto:info@x.example"),
        ('<img src="/medias/a.webp" srcset="/medias/a-480.webp 480w, /medias/a.webp 960w">', "{base}/medias/a.webp"),
        ('<a href="http://[">', "http://["),
    ],
)  # fmt: skip
def test_feed_gives_whole_addresses(client, db, settings, written, whole):
    settings.BASE_URL = "https://portail.example"
    PostFactory(slug="un", body=f"<p>Un &amp; deux\x0b{written}x{'</a>' if written[1] == 'a' else ''}</p>")
    [entry] = feed_entries(client)
    content = entry.find(f"{ATOM}content").text
    assert f'"{whole.format(base="https://portail.example")}"' in content
    assert not re.search(r'(?:href|src)="[/#?]|, /|="/', content)
    assert "Un &amp; deux" in content


def test_home_page_says_whose_it_is(client, db, settings):
    settings.BASE_URL = "https://portail.example"
    Hub.objects.create(name="Pôle d’ici", short_name="Pôle", tagline="Ensemble.", email="info@pole.example")
    clear_caches()
    page = client.get("/").content.decode()
    [data] = [
        json.loads(text) for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    ]
    assert (data["@type"], data["name"], data["url"]) == (
        "Organization", "Pôle d’ici", "https://portail.example/",
    )  # fmt: skip
    assert (data["email"], data["alternateName"]) == ("info@pole.example", ["Pôle"])


@pytest.mark.parametrize("with_picture", [True, False])
def test_post_tells_machines_its_picture_and_when_it_changed(client, db, with_picture):
    picture = Picture.objects.create(
        file="pictures/a.webp", width_px=900, height_px=600, description="Un verger"
    )
    revised = timezone.now() - timedelta(hours=1)
    post = PostFactory(lead_picture=picture if with_picture else None, revised_at=revised)
    page = client.get(post.get_absolute_url()).content.decode()
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    [data] = [data for data in map(json.loads, scripts) if "datePublished" in data]
    assert data["dateModified"] == post.updated_at.isoformat()
    shown = re.search(r'property="og:image" content="([^"]+)"', page)[1]
    assert data["image"]["url"].endswith(".webp" if with_picture else shown.rpartition("/")[2])
    assert (
        f'property="article:modified_time" content="{post.updated_at.astimezone(timezone.get_current_timezone()).isoformat()}"'
        in page
    )
