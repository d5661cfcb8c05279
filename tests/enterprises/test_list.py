from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enterprises.models import Listing
from enterprises.search.result_rows import load_entries
from enterprises.search.snapshot import snapshot_at
from pole.caching.in_process import clear_caches
from pole.caching.public_pages import read_public_state
from pole.models import Municipality
from tests.factories import ListingFactory, SectorFactory
from tests.sitemaps import whole_sitemap

pytestmark = pytest.mark.django_db
URL = "/repertoire/"


def names(response) -> list[str]:
    return re.findall(r'entry__title"><a href="[^"]+">([^<]+)<', response.content.decode())


def test_list_shows_what_a_listing_is(client):
    sector = SectorFactory(slug="velo", name="Vélo")
    ListingFactory(
        slug="rayon",
        name="Le Rayon",
        mission="Réparer & rouler.",
        legal_form="coop_workers",
        sectors=[sector],
    )
    page = client.get(URL).content.decode()
    for text in (
        '<a href="/repertoire/rayon/">Le Rayon</a>', "Coopérative de travail", "Châteauguay", "Réparer &amp; rouler.",
        '<a href="?secteur=velo">Vélo</a>', "1 entreprise",
    ):  # fmt: skip
        assert text in page


def test_state_of_the_list_is_in_its_address(client):
    velo, radio = SectorFactory(slug="velo", name="Vélo"), SectorFactory(slug="radio", name="Radio")
    ListingFactory(name="Atelier A", sectors=[velo], legal_form="npo")
    ListingFactory(name="Atelier B", sectors=[velo], legal_form="mutual")
    ListingFactory(name="Atelier C", sectors=[radio], municipality=Municipality.objects.get(code="58227"))
    assert names(client.get(URL, {"q": "atelier"})) == ["Atelier A", "Atelier B", "Atelier C"]
    assert names(client.get(URL, {"secteur": "velo"})) == ["Atelier A", "Atelier B"]
    assert names(client.get(URL, {"secteur": ["velo", "radio"], "mrc": "58"})) == ["Atelier C"]
    assert names(client.get(URL, {"secteur": "velo", "forme": "mutual"})) == ["Atelier B"]
    assert names(client.get(URL, {"municipalite": "67050", "forme": "npo"})) == ["Atelier A"]


def test_form_and_chips_repeat_the_address(client):
    SectorFactory(slug="velo", name="Vélo")
    ListingFactory(name="Atelier")
    page = client.get(
        URL, {"q": "atelier", "secteur": "velo", "mrc": "67", "page": "1", "tri": "nom"}
    ).content.decode()
    assert 'name="q" type="search" value="atelier"' in page
    assert re.search(r'id="secteur-velo"[^>]* checked', page)
    assert re.search(r'id="mrc-67"[^>]* checked', page)
    chips = dict(re.findall(r'chip" href="([^"]+)"[^>]*>([^<]+)<', page))
    assert chips == {
        "?secteur=velo&amp;mrc=67&amp;tri=nom": "«\xa0atelier\xa0»",
        "?q=atelier&amp;mrc=67&amp;tri=nom": "Vélo",
        "?q=atelier&amp;secteur=velo&amp;tri=nom": "Roussillon",
    }
    assert '<input type="hidden" name="tri" value="nom">' in page


def test_order_by_name_or_relevance(client):
    ListingFactory(name="Zèbre théâtre")
    ListingFactory(name="Abeille", description="<p>théâtre</p>")
    assert names(client.get(URL, {"q": "theatre"})) == ["Zèbre théâtre", "Abeille"]
    assert names(client.get(URL, {"q": "theatre", "tri": "nom"})) == ["Abeille", "Zèbre théâtre"]


@pytest.mark.parametrize(
    "asked",
    [
        {"secteur": "inconnu"}, {"mrc": "'"}, {"forme": ["npo", "nope"]}, {"tri": "zzz"}, {"page": "abc"}, {"page": "0"},
        {"page": "-1"}, {"page": "99999999999999999999"}, {"page": "²"}, {"municipalite": "00000"}, {"q": ["a", "b"]},
    ],
)  # fmt: skip
def test_unknown_values_are_dropped(client, asked):
    ListingFactory(name="Atelier")
    response = client.get(URL, asked)
    assert response.status_code == 200
    if "q" not in asked:
        assert names(response) == ["Atelier"]


def test_pages_of_twenty_four(client):
    for number in range(25):
        ListingFactory(name=f"Fiche {number:02}")
    assert names(client.get(URL)) == [f"Fiche {number:02}" for number in range(24)]
    assert names(client.get(URL, {"page": "2"})) == ["Fiche 24"]
    assert client.get(URL, {"page": "7"}).status_code == 404


def test_empty_answer_says_what_to_do(client):
    ListingFactory(name="Atelier")
    page = client.get(URL, {"q": "zzzz"}).content.decode()
    assert "Aucune entreprise ne correspond à ces critères." in page
    assert "Voir tout le répertoire" in page


def test_mistyped_word_is_told(client):
    ListingFactory(name="Les Érables")
    page = client.get(URL, {"q": "érabel"}).content.decode()
    assert (
        "Aucune fiche ne correspond exactement à «\xa0érabel\xa0»\xa0: voici des résultats proches." in page
    )
    assert "Les Érables" in page
    portal = client.get("/recherche/", {"q": "érabel"}).content.decode()
    assert "Rien ne correspond exactement à «\xa0érabel\xa0»" in portal


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_hidden_listings_are_absent_everywhere(client, state):
    ListingFactory(slug="cachee", name="Cachette secrète", state=state)
    for address in (URL, f"{URL}?q=cachette", "/recherche/?q=cachette", "/sitemap.xml", "/"):
        page = whole_sitemap(client) if address == "/sitemap.xml" else client.get(address).content.decode()
        assert "Cachette secrète" not in page
        assert "cachee" not in page
    assert client.get("/repertoire/cachee/").status_code == 404
    assert client.get("/en/repertoire/cachee/").status_code == 404


def test_published_listings_are_in_the_sitemap(client):
    ListingFactory(slug="visible")
    assert "/repertoire/visible/" in whole_sitemap(client)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("asked", "queries"), [({}, 2), ({"q": "atelier", "mrc": "67"}, 2)])
def test_list_asks_as_many_queries_whatever_it_shows(client, rows, asked, queries, django_assert_num_queries):
    for number in range(rows):
        ListingFactory(name=f"Atelier {number}", sectors=[SectorFactory(), SectorFactory()])
    client.get(URL, asked)
    # The content versions, the listings of the page.
    with django_assert_num_queries(queries):
        assert len(names(client.get(URL, asked))) == rows


@pytest.mark.parametrize("asked", [{}, {"q": "atelier vitre erabel"}])
def test_first_request_after_a_change_asks_as_many_queries_for_one_listing_as_for_three(client, asked):
    counts = []
    for number in range(3):
        ListingFactory(name=f"Atelier Érables {number}", sectors=[SectorFactory(), SectorFactory()])
        client.get(URL, asked)
        clear_caches()
        with CaptureQueriesContext(connection) as asked_now:
            client.get(URL, asked)
        counts.append(len(asked_now))
    assert len(set(counts)) == 1


def test_list_is_a_reading_page(client):
    ListingFactory()
    response = client.get(URL, {"q": "entreprise"})
    assert not response.cookies
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "csrf" not in response.content.decode()
    assert "nonce" not in response.content.decode()
    assert (
        client.get(URL, {"q": "entreprise"}, headers={"If-None-Match": response["ETag"]}).status_code == 304
    )
    ListingFactory()
    assert (
        client.get(URL, {"q": "entreprise"}, headers={"If-None-Match": response["ETag"]}).status_code == 200
    )


def test_english_list(client):
    SectorFactory(slug="radio", name="Radio et télé", name_en="Radio and TV")
    ListingFactory(name="Onde", mission="Émettre.", mission_en="On the air.")
    ListingFactory(name="Zone", mission="Seulement en français.")
    page = client.get("/en/repertoire/").content.decode()
    assert "On the air." in page
    assert '<p lang="fr">Seulement en français.</p>' in page
    assert "2 enterprises" in page
    assert 'href="/en/repertoire/' in page


def test_home_shows_sectors_and_figures(client):
    big, small = SectorFactory(slug="grand", name="Grand"), SectorFactory(slug="petit", name="Petit")
    ListingFactory(sectors=[big, small])
    ListingFactory(sectors=[big], municipality=Municipality.objects.get(code="58227"))
    page = client.get("/").content.decode()
    assert page.index("secteur=grand") < page.index("secteur=petit")
    figures = re.findall(r'figure__number">([^<]+)</span> ([^<]+)<', page)
    assert [(number, label.strip()) for number, label in figures] == [
        ("2", "entreprises collectives"), ("2", "municipalités où elles se trouvent"), ("2", "secteurs d’activité"),
    ]  # fmt: skip


def test_listing_that_moves_while_its_page_is_made_is_still_there(client):
    """To a municipality where no listing was, outside of the territory."""
    listing = ListingFactory(name="Le Rayon", legal_form="npo")
    snapshot = snapshot_at(read_public_state(timezone.now()))
    away = Municipality.objects.create(
        code="93035", name="Saint-Bruno", designation="Municipalité", is_in_territory=False
    )
    Listing.objects.filter(pk=listing.pk).update(municipality=away)
    (entry,) = load_entries([listing.pk], snapshot)
    assert (entry.name, entry.facts) == ("Le Rayon", Listing.LegalForm("npo").label)
