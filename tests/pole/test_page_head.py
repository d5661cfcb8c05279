"""What each public page says of itself in its head, and the pictures that it is shown by."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image

from blog.models import Author, Byline, Post
from desk.models import Picture
from forums.models import Priority
from pole.files.images import reencode
from pole.files.stored import atomic_with_files, store_picture
from pole.forms import SocialPictureField
from pole.hub import cards
from pole.models import Hub
from pole.text.plaintext import clean_line, shortened
from tests.factories import (
    AuthorFactory,
    ForumFactory,
    ListingFactory,
    PageFactory,
    PostFactory,
    RecommendationFactory,
    ResultsFactory,
    TagFactory,
)

BASE = "http://localhost:8000"
HUB = Hub(name="Pôle d’économie sociale", primary_colour="#1f5c3f", accent_colour="#a8441a")


def head_of(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status, address
    text = response.text.partition("<body")[0]
    found = {}
    for attributes in re.findall(r"<(?:meta|link) ([^>]*)>", text):
        read = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        name = read.get("property") or read.get("name") or read.get("rel") or ""
        if name == "alternate" and "hreflang" in read:
            name = f"alternate {read['hreflang']}"
        value = html.unescape(read.get("content") or read.get("href") or "")
        assert name not in found or name in {"stylesheet", "theme-color", "alternate", "article:tag"}, (
            address,
            name,
        )
        found[name] = value
    return found


@pytest.fixture
def pages(db):
    """One public page of each kind, by its address."""
    now = timezone.now()
    forum = ForumFactory(slug="f", title="Forum « d’automne » & <b>", summary="Un résumé. " * 20)
    past = ForumFactory(slug="p", starts_at=now - timedelta(days=9), ends_at=now - timedelta(days=8))
    ResultsFactory(forum=past)
    recommendation = RecommendationFactory(forum=forum, state="accepted")
    PostFactory(slug="t")
    PageFactory(slug="a-propos", title="À propos", body="<p>Un.</p><p>Deux.</p>")
    ListingFactory(slug="e")
    return [
        "/", "/billets/", "/billets/t/", "/a-propos/", "/repertoire/", "/repertoire/e/", "/repertoire/carte/",
        "/repertoire/portrait/", "/repertoire/acheter/", "/forums/", "/forums/f/", "/forums/f/recommandations/",
        f"/forums/f/recommandations/{recommendation.pk}/", "/forums/p/resultats/", "/priorites/",
        "/recherche/",
    ]  # fmt: skip


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_every_public_page_says_what_it_is(client, pages, prefix):
    for address in pages:
        head = head_of(client, prefix + address)
        assert 0 < len(head["description"]) <= 160, address
        assert head["description"] == head["og:description"]
        assert not re.search(r"\.\.|\s{2}", head["description"]), head["description"]
        assert head["canonical"] == head["og:url"]
        assert head["canonical"].startswith(f"{BASE}/")
        assert head["og:title"]
        assert head["og:site_name"]
        assert head["og:type"] in {"website", "article"}
        is_english = head["canonical"].startswith(f"{BASE}/en/")
        assert head["og:locale"] == ("en_CA" if is_english else "fr_CA")
        assert head["twitter:card"] == "summary_large_image"
        assert "robots" not in head
        assert (head["og:image:width"], head["og:image:height"]) == ("1200", "630")
        assert head["og:image:alt"]
        picture = client.get(head["og:image"].removeprefix(BASE))
        assert picture["Content-Type"] == "image/png"
        assert "immutable" in picture["Cache-Control"]
        assert Image.open(io.BytesIO(picture.content)).size == (1200, 630)


def test_pages_in_both_languages_lead_to_each_other_and_others_do_not(client, pages):
    for address in pages:
        french, english = head_of(client, address), head_of(client, f"/en{address}")
        both = {key: value for key, value in french.items() if key.startswith("alternate ")}
        assert both == {key: value for key, value in english.items() if key.startswith("alternate ")}
        if not both:
            # No English text: the page in English is an address of the French one.
            assert english["canonical"] == french["canonical"] == BASE + address
            continue
        expected = {"fr-CA": BASE + address, "en-CA": f"{BASE}/en{address}", "x-default": BASE + address}
        assert {key.removeprefix("alternate "): value for key, value in both.items()} == expected
        assert (french["canonical"], english["canonical"]) == (expected["fr-CA"], expected["en-CA"])


@pytest.fixture
def long_lists(db, monkeypatch):
    """Each public list, with two pages: of two rows."""
    for path in (
        "blog.views.public.POSTS_A_PAGE", "forums.views.public.followup.RESULTS_A_PAGE",
        "forums.views.public.forum.FORUMS_A_PAGE", "enterprises.views.public.LISTINGS_A_PAGE",
        "forums.views.public.recommendations.RECOMMENDATIONS_A_PAGE",
    ):  # fmt: skip
        monkeypatch.setattr(path, 1)
    author, tag = AuthorFactory(), TagFactory(slug="logement")
    for post in PostFactory.create_batch(2, kind=Post.Kind.values[0]):
        post.tags.add(tag)
        Byline.objects.create(post=post, author=author, position=1)
    PostFactory(kind=Post.Kind.values[1])
    ListingFactory.create_batch(2)
    RecommendationFactory.create_batch(2, forum=ForumFactory(slug="f", has_participation=True))
    for results in ResultsFactory.create_batch(2):
        Priority.objects.create(results=results, position=1, title="Un atelier")
    return [
        "/repertoire/",
        "/forums/",
        "/forums/f/recommandations/",
        "/priorites/",
        f"/billets/?signature={author.pk}",
    ]


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("2", 2), ("02", 2), ("٢", 2), ("000002", 2), ("1", 1), ("0", 1), ("-2", 1), ("²", 1),
        ("deux", 1), ("999999999999", 1), ("", 1),
    ],
)  # fmt: skip
def test_canonical_address_has_the_number_of_the_page_that_is_shown(client, long_lists, asked, shown):
    for address in long_lists:
        joint = "&" if "?" in address else "?"
        head = head_of(client, f"{address}{joint}page={asked}&fbclid=1")
        number = f"{joint}page={shown}" if shown > 1 else ""
        assert head["canonical"] == f"{BASE}{address}{number}", asked
        assert head.get("alternate fr-CA", head["canonical"]) == head["canonical"]


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/billets/?genre=KIND&page=2", "/billets/?genre=KIND&page=2"),
        ("/billets/?annee=&etiquette=&genre=KIND", "/billets/?genre=KIND"),
        ("/billets/?annee=YEAR", "/billets/?annee=YEAR"),
        ("/billets/?annee=DIGITS", "/billets/?annee=YEAR"),
        ("/billets/?annee=0000", "/billets/"),
        ("/billets/?etiquette=logement", "/billets/?etiquette=logement"),
        ("/billets/?signature=000AUTHOR", "/billets/?signature=AUTHOR"),
        ("/repertoire/?q=jardin", "/repertoire/"),
        ("/en/repertoire/?q=jardin", "/en/repertoire/"),
        ("/repertoire/?forme=inconnue", "/repertoire/"),
        ("/forums/f/recommandations/?etat=inconnu", "/forums/f/recommandations/"),
        ("/recherche/?genre=inconnu", "/recherche/"),
    ],
)
def test_canonical_address_keeps_what_makes_a_page(client, long_lists, asked, canonical):
    year = str(timezone.localtime(Post.objects.first().published_at).year)
    known = {
        "KIND": Post.Kind.values[0], "YEAR": year, "AUTHOR": str(Author.objects.get().pk),
        "DIGITS": year.translate({48 + n: 0x660 + n for n in range(10)}),
    }  # fmt: skip
    for word, value in known.items():
        asked, canonical = asked.replace(word, value), canonical.replace(word, value)
    assert head_of(client, asked)["canonical"] == BASE + canonical


def test_nothing_that_a_visitor_typed_is_said_of_a_page_nor_drawn(client, pages):
    typed = 0
    for address in pages:
        for name in resolve(address).func.parameters:
            response = client.get(address, {name: "Votez Zut"})
            if response.status_code == 200:
                typed += 1
                text = re.sub(r"<title>.*?</title>", "", response.text.partition("<body")[0])
                assert "Zut" not in text, (address, name)
                found = re.search(r'og:image" content="[^"]*/image/([^"]+)\.png"', text)
                card = found and cards.read_card(found[1])
                assert "Zut" not in str(card), (address, name)
                assert (card is None) == ("noindex" in text)
    assert typed > 20


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/compte/connexion/", 200),
        ("/recherche/?q=jardin", 200),
        ("/n-existe-pas/", 404),
        ("/billets/rien/", 404),
    ],
)
def test_pages_that_search_engines_must_leave_say_so_and_nothing_else(client, db, address, status):
    head = head_of(client, address, status)
    assert head["robots"] == "noindex, nofollow"
    assert not {"canonical", "og:title", "og:image"} & head.keys()


def test_card_that_nobody_signed_is_not_drawn(client, db):
    made = cards.card_address(HUB, title="Un titre", kicker="", language="fr")
    assert client.get(made).status_code == 200
    for forged in (
        "/image/x.png",
        "/image/x.y.png",
        made.replace("/image/", "/image/A"),
        made[:-6] + "A.png",
    ):
        assert client.get(forged).status_code == 404


def test_card_changes_its_address_with_its_text_and_the_colours():
    def address(hub, title):
        return cards.card_address(hub, title=title, kicker="", language="fr")

    other = Hub(name=HUB.name, primary_colour="#000000", accent_colour="#000000")
    assert address(HUB, "a") == address(HUB, "a")
    assert len({address(HUB, "a"), address(HUB, "b"), address(other, "a")}) == 3


def test_card_of_a_former_look_is_not_kept(client, db):
    other = Hub(name="Autre", primary_colour="#000000", accent_colour="#000000")
    response = client.get(cards.card_address(other, title="a", kicker="", language="fr"))
    assert response["Cache-Control"] == "private, no-store"


@examples(max_examples=25, deadline=None)
@given(st.text(max_size=300), st.text(max_size=80))
def test_any_text_makes_a_card(title, kicker):
    read = cards.read_card(
        cards.card_address(HUB, title=title, kicker=kicker, language="fr").split("/")[-1][:-4]
    )
    assert read is not None
    assert len(read.title) <= cards.MAX_TITLE
    assert Image.open(io.BytesIO(cards.card_png(read, HUB))).size == (1200, 630)


@pytest.mark.parametrize(
    "title",
    [
        "Été à l’œuvre",
        "😀" * 50,
        "مرحبا بكم في المنتدى",
        "社会经济论坛" * 20,
        "a" * 160,
        "W" * 160,
        "W" * 70,
        "MWMWMW " * 10,
        "MWMWMW " * 22,
        "É" * 60 + "gjpq" * 25,
        "ÉÀÇ MWWW ÔÂÊ " * 12,
        "1️⃣ Premier",
        "",
        '#let x = "$y$"',
    ],
)
def test_card_is_drawn_within_its_frame(title):
    address = cards.card_address(HUB, title=title, kicker="Forum", language="fr")
    card = cards.read_card(address.split("/")[-1].removesuffix(".png"))
    drawn = Image.open(io.BytesIO(cards.card_png(card, HUB))).convert("L")
    # Around its place, and along the edges that would cut it.
    for white in ((1119, 30, 1200, 630), (80, 148, 1120, 152), (80, 460, 1120, 464)):
        assert drawn.crop(white).getextrema() == (255, 255), white
    assert drawn.crop((80, 150, 1120, 462)).getextrema()[0] < 100


def test_card_has_no_emoji_nor_what_is_around_one():
    for typed, drawn in (("1️⃣ Premier", "1 Premier"), ("⭐ Prix ⌚", "Prix"), ("👩🏽‍🌾 Ferme 🇨🇦", "Ferme")):
        address = cards.card_address(HUB, title=typed, kicker="", language="fr")
        assert cards.read_card(address.split("/")[-1].removesuffix(".png")).title == drawn


@given(st.text(alphabet="aé .…,;»\u00a0", max_size=400))
def test_shortened_is_short_and_whole(text):
    short = shortened(text, 160)
    assert len(short) <= 160
    assert len(clean_line(text)) <= 160 or not re.search(r"[ ,;]…$", short)


def test_shortened_ends_with_a_sentence_or_a_word():
    assert shortened("Une phrase. Une autre, plus longue.", 20) == "Une phrase."
    assert shortened("Un mot, puis beaucoup d’autres", 12) == "Un mot…"
    assert shortened("abcdefghij", 5) == "abcd…"


def test_post_is_shown_by_its_picture_in_jpeg(client, db, settings):
    content = io.BytesIO()
    Image.new("RGBA", (800, 400), "#1f5c3f80").save(content, "PNG")
    with atomic_with_files():
        image = reencode(SimpleUploadedFile("verger.png", content.getvalue()))
        stored = store_picture(image, folder="pictures")
        picture = Picture.objects.create(
            description="Un verger", width_px=image.width_px, height_px=image.height_px, **stored
        )
    PostFactory(slug="t", lead_picture=picture)
    head = head_of(client, "/billets/t/")
    assert head["og:image"].endswith(".jpg")
    assert (head["og:image:width"], head["og:image:height"]) == ("800", "400")
    served = client.get(head["og:image"].removeprefix(BASE))
    assert served["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(served.content)).size == (800, 400)
    assert client.get("/media/../secret.jpg").status_code == 404
    assert client.get("/media/pictures/rien.jpg").status_code == 404


def hub_with(**fields):
    described = {"name": HUB.name, "short_name": "Pôle", "tagline": "Une région."}
    return Hub.objects.update_or_create(pk=1, defaults=described | fields)[0]


def shared_file(size, edge=0):
    image = Image.new("RGB", size, "green")
    if edge:
        image.paste("red", (0, 0, size[0], edge))
    content = io.BytesIO()
    image.save(content, "PNG")
    return SimpleUploadedFile("partage.png", content.getvalue())


@pytest.mark.parametrize("size", [(1200, 630), (2000, 1500), (1200, 4000), (2048, 640), (1201, 631)])
def test_hub_gives_its_picture_to_pages_that_have_none(client, pages, size):
    hub = hub_with()
    # What is cut away above and below is red.
    edge = (size[1] - round(size[0] * 630 / 1200)) // 2 - 4 if size[1] > size[0] else 0
    with atomic_with_files():
        hub.social_picture = SocialPictureField().clean(shared_file(size, edge))
        hub.save()
    for address in (*pages, "/en/"):
        head = head_of(client, address)
        assert head["og:image"] == f"{BASE}{hub.social_picture.url.removesuffix('.webp')}.jpg", address
        assert (head["og:image:width"], head["og:image:height"]) == ("1200", "630")
        assert head["og:image:alt"]
    served = client.get(head["og:image"].removeprefix(BASE))
    assert served["Content-Type"] == "image/jpeg"
    shown = Image.open(io.BytesIO(served.content))
    assert shown.size == (1200, 630)
    assert shown.getpixel((600, 40))[0] < 40


def test_post_without_a_picture_is_said_by_that_of_the_hub_to_search_engines_too(client, db):
    hub = hub_with(social_picture="hub/partage.webp")
    PostFactory(slug="t")
    assert (
        f'"url": "{BASE}{hub.social_picture.url.removesuffix(".webp")}.jpg"' in client.get("/billets/t/").text
    )


@pytest.mark.parametrize("size", [(1199, 630), (1200, 629), (100, 100), (630, 1200), (6000, 640)])
def test_picture_that_would_be_enlarged_is_refused(size):
    with pytest.raises(ValidationError) as refused:
        SocialPictureField().clean(shared_file(size))
    assert "1200 × 630" in refused.value.messages[0]


def test_icons_and_manifest_are_of_the_hub_in_both_languages(client, db):
    for prefix, language in (("", "fr-CA"), ("/en", "en-CA")):
        head = head_of(client, f"{prefix}/")
        manifest = client.get(head["manifest"])
        assert manifest["Content-Type"] == "application/manifest+json"
        assert "immutable" in manifest["Cache-Control"]
        said = manifest.json()
        assert (said["lang"], said["start_url"]) == (language, f"{prefix}/")
        for icon in said["icons"]:
            answer = client.get(icon["src"])
            assert answer["Content-Type"] == icon["type"]
            assert "immutable" in answer["Cache-Control"]
            if icon["type"] == "image/png":
                size = int(icon["sizes"].split("x")[0])
                assert Image.open(io.BytesIO(answer.content)).size == (size, size)
        touch = client.get(head["apple-touch-icon"])
        assert Image.open(io.BytesIO(touch.content)).size == (180, 180)
    assert Client().get("/icones/autre.png").status_code == 404
    assert Client().get("/icones/icone.png").status_code == 404
