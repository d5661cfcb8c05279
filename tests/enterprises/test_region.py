"""Distance, map, portrait, public buyers, files and the API."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.test import Client
from openpyxl import load_workbook

from enterprises.models import Listing
from enterprises.search import region_map
from enterprises.search.geocoding import locate
from enterprises.views import explore
from pole.models import Municipality
from tests import pdf_tags
from tests.enterprises.maps import counts_of_discs
from tests.factories import ListingFactory, SectorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def region(db):
    """Four listings in three municipalities of two MRCs."""
    sector = SectorFactory(slug="velo", name="Vélo")
    rows = [
        ("À Mercier", "67045", "J6R 2K1"), ("Bé Mercier", "67045", "J6R 2K2"), ("Cé Châteauguay", "67050", "J6J 1A1"),
        ("Dé Huntingdon", "69055", "J0S 1H0"),
    ]  # fmt: skip
    listings = []
    for at, (name, code, postal_code) in enumerate(rows):
        listing = ListingFactory(
            name=name, slug=name.split()[0].lower().replace("à", "a").replace("é", "e"), postal_code=postal_code,
            municipality=Municipality.objects.get(code=code), sectors=[sector], neq=f"119000000{at}", founded=2001 + at * 10,
            supplies=["denrees"] if at else ["impression", "denrees"], languages=["fr"], workforce="5-9",
        )  # fmt: skip
        listing.territory.set(["67", "69"] if at == 3 else ["67"])
        listings.append(listing)
    return listings


def names(page: str) -> list[str]:
    return re.findall(r'entry__title"><a href="[^"]+">([^<]+)<', page)


# --- Distance ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [("J6R 2K1", "J6R 2K1 (Mercier)"), ("j6r2k1", "J6R 2K1 (Mercier)"), ("J6R", "J6R (Mercier)"), ("J6J 9Z9", "J6J 9Z9 (Châteauguay)"),
     ("huntingdon", "Huntingdon"), ("St-Remi", "Saint-Rémi"), ("Chateaugay", "Châteauguay")],
)  # fmt: skip
def test_places_are_known_by_code_and_by_name(region, now_known, typed, name):
    assert locate(typed, now_known()).name == name


@pytest.mark.parametrize(
    "typed", ["", "J4W 1A1", "G8Y 5G1", "Nulle part", "'; DROP TABLE", "J6R 2K1 J6R 2K1"]
)
def test_unknown_places_are_nowhere(region, now_known, typed):
    assert locate(typed, now_known()) is None


def test_nearest_come_first_and_say_how_far(client, region):
    page = client.get("/repertoire/?pres=J0S+1H0").content.decode()
    assert names(page) == ["Dé Huntingdon", "À Mercier", "Bé Mercier", "Cé Châteauguay"]
    assert "Huntingdon, 0\xa0km" in page
    assert names(client.get("/repertoire/?pres=Mercier&rayon=10").content.decode()) == [
        "À Mercier",
        "Bé Mercier",
        "Cé Châteauguay",
    ]
    assert names(client.get("/repertoire/?pres=Mercier&tri=nom").content.decode())[0] == "À Mercier"


def test_a_place_that_nobody_knows_is_said(client, region):
    page = client.get("/repertoire/?pres=Nulle+part&rayon=5").content.decode()
    assert len(names(page)) == 4
    assert "« Nulle part »" in page.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("query", "found"),
    [("achat=impression", ["À Mercier"]), ("dessert=69", ["Dé Huntingdon"]), ("langue=fr&dessert=69", ["Dé Huntingdon"]),
     ("langue=en", []), ("achat=impression&achat=denrees&mrc=69", ["Dé Huntingdon"])],
)  # fmt: skip
def test_new_facets_filter(client, region, query, found):
    assert names(client.get(f"/repertoire/?{query}").content.decode()) == found


# --- Map ------------------------------------------------------------------------------------------------


def test_map_has_clusters_that_are_links_and_a_text_twin(client, region):
    page = client.get("/repertoire/carte/").content.decode()
    assert "Mercier" in page
    assert 'href="../?municipalite=67045"' in page
    assert page.count("<h1") == 1
    assert "style=" not in page
    for scale in ("narrow", "wide"):
        assert sum(counts_of_discs(page, scale)) == 4
    clusters = re.findall(r'class="region__cluster[^"]*" href="([^"]+)"', page)
    assert clusters
    for address in clusters:
        assert (
            client.get(
                f"/repertoire/carte/{address}".replace("carte/../", "").replace("&amp;", "&")
            ).status_code
            == 200
        )


def test_map_follows_the_filters_and_the_zone(client, region):
    page = client.get("/repertoire/carte/?achat=impression&zone=67").content.decode()
    assert "1 entreprise" in page
    assert client.get("/repertoire/carte/?zone=zz&municipalite=&pres=%00").status_code == 200


def test_clusters_hold_everyone_once(region, now_known):
    snapshot = now_known()
    counts = snapshot.counts.municipalities
    frame = region_map.frame_of(list(snapshot.municipalities.values()))
    for drawing in region_map.draw_in(frame, counts, snapshot).drawings:
        assert sum(cluster.count for cluster in drawing.clusters) == 4
        codes = [code for cluster in drawing.clusters for code in cluster.codes]
        assert sorted(codes) == ["67045", "67050", "69055"]


# --- Portrait ----------------------------------------------------------------------------------------------


def test_portrait_counts_as_the_listings_say(client, region):
    page = client.get("/repertoire/portrait/").content.decode()
    rows = dict(re.findall(r'<th scope="row">(?:<a [^>]+>)?([^<]+)(?:</a>)?</th><td>(\d+)</td>', page))
    assert rows["Roussillon"] == "3"
    assert rows["Le Haut-Saint-Laurent"] == "1"
    assert rows["2000–2009"] == "1"
    assert rows["5 à 9 personnes"] == "4"
    assert rows["Vélo"] == "4"
    drawn = page.split('<svg class="chart"')[1]
    assert "Par MRC – le tableau qui suit dit la même chose</title>" in drawn
    assert re.findall(r'chart__label" [^>]+>([^<]+)<', drawn) == ["Roussillon", "Le Haut-Saint-Laurent"]
    assert re.findall(r'width="([\d.]+%)" height="0', drawn) == ["62%", "20.67%"]
    assert re.findall(r'chart__value" [^>]+>(\d+)<', drawn) == ["3", "1"]


# --- Public buyers -------------------------------------------------------------------------------------------


def test_shortlist_is_in_the_address(client, region):
    first, second = region[0].pk, region[3].pk
    page = client.get(
        f"/repertoire/acheter/?achat=denrees&s={first}-{second}-{first}-999999-x"
    ).content.decode()
    assert "(2)" in page
    assert f's={first}-{second}"' in page
    assert not client.get("/repertoire/acheter/").cookies


def test_shortlist_is_compared_and_its_link_is_copied(client, region):
    first, second = region[0], region[3]
    Listing.objects.filter(pk=first.pk).update(
        quote_contact="Anne, poste 2 <b>", licences=["RBQ 1234"], verified_on="2026-07-10"
    )
    page = client.get(f"/repertoire/acheter/?q=mercier&s={first.pk}-{second.pk}").content.decode()
    compared = page[page.index('id="comparer"') :]
    for said in (
        "Anne, poste 2 &lt;b&gt;",
        "RBQ 1234",
        "10 juillet 2026",
        second.name,
        "Contact",
        "Licences",
        "Vérifi",
    ):
        assert said in compared, said
    assert f'data-share="{settings.BASE_URL}/repertoire/acheter/?s={first.pk}-{second.pk}"' in page
    assert "Copier le lien" in page
    assert 'id="comparer"' not in client.get("/repertoire/acheter/").content.decode()


def test_buyers_sort_by_relevance_distance_and_name(client, region):
    def orders(query):
        return [
            value for value, _label, _chosen in client.get(f"/repertoire/acheter/?{query}").context["orders"]
        ]

    assert orders("q=mercier&pres=mercier")[:3] == ["pertinence", "distance", "nom"]
    assert orders("q=mercier")[:2] == ["pertinence", "nom"]
    assert orders("achat=denrees")[0] == "nom"


@pytest.mark.parametrize("kind", ["xlsx", "pdf"])
def test_shortlist_has_what_a_buyer_asks(client, region, kind):
    Listing.objects.filter(pk=region[0].pk).update(
        quote_contact="Anne Roy", licences=["RBQ 1234"], verified_on="2026-07-10"
    )
    content = client.get(f"/repertoire/acheter/selection.{kind}?s={region[0].pk}").content
    if kind == "pdf":
        from pypdf import PdfReader

        text = PdfReader(io.BytesIO(content)).pages[0].extract_text()
    else:
        text = " ".join(
            str(cell.value) for row in load_workbook(io.BytesIO(content)).active.rows for cell in row
        )
    for said in ("Anne Roy", "RBQ 1234", "10 juillet 2026"):
        assert said in text.replace("\u00a0", " ")


@pytest.mark.parametrize("kind", ["xlsx", "pdf"])
def test_shortlist_is_exported(client, region, kind):
    Listing.objects.filter(pk=region[0].pk).update(
        name='=cmd|"/c calc"!A1 #panic("x") $x$ @cle <b>', quote_contact="+1 Anne", licences=["RBQ 1234"]
    )
    response = client.get(f"/repertoire/acheter/selection.{kind}?s={region[0].pk}")
    assert response.status_code == 200
    if kind == "pdf":
        from pypdf import PdfReader

        document = PdfReader(io.BytesIO(response.content))
        text = document.pages[0].extract_text()
        assert "1190000000" in text
        assert '#panic("x")' in text.replace("“", '"').replace("”", '"')
        assert pdf_tags.faults_of(response.content) == []
    else:
        sheet = load_workbook(io.BytesIO(response.content)).active
        assert sheet["A2"].data_type == "s"
        assert sheet["A2"].value.startswith("=cmd")


def test_shortlist_is_exported_with_a_sign_that_no_font_has(client, region):
    Listing.objects.filter(pk=region[0].pk).update(mission="Des légumes \N{SEEDLING} toute l’année")
    response = client.get(f"/repertoire/acheter/selection.pdf?s={region[0].pk}")
    assert response.status_code == 200
    assert response.content.startswith(b"%PDF")


def test_hidden_listings_are_in_no_shortlist(client, region):
    Listing.objects.filter(pk=region[0].pk).update(state="draft")
    assert "(0)" in client.get(f"/repertoire/acheter/?s={region[0].pk}").content.decode()


# --- Files ---------------------------------------------------------------------------------------------------


def exported(client, kind, query=""):
    response = client.get(f"/repertoire/export/repertoire.{kind}{query}")
    assert response.status_code == 200
    return response.getvalue()


@pytest.mark.parametrize("kind", ["csv", "jsonld"])
def test_files_are_in_the_language_of_the_page(client, region, kind):
    Listing.objects.filter(pk=region[0].pk).update(mission="Du bon pain", mission_en="Good bread")
    english = client.get(f"/en/repertoire/export/repertoire.{kind}").getvalue().decode()
    french = exported(client, kind).decode()
    assert ("Good bread" in english, "Du bon pain" in english) == (True, False)
    assert ("Good bread" in french, "Du bon pain" in french) == (False, True)
    assert f"/en{region[0].get_absolute_url()}" in english


def test_list_too_long_for_a_sheet_comes_whole(client, region, monkeypatch):
    monkeypatch.setattr(explore, "MAX_SHEET_ROWS", 1)
    content = exported(client, "xlsx")
    assert content == exported(client, "csv")


def test_csv_is_safe_and_opens_with_its_accents(client, region):
    Listing.objects.filter(pk=region[0].pk).update(name="=HYPERLINK(1)", street="+1\t", mission="@SUM")
    content = exported(client, "csv", "?mrc=67")
    assert content.startswith("\ufeff".encode())
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len(rows) == 4
    assert rows[0][0] == "Nom"
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)", "Bé Mercier", "Cé Châteauguay"]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_other_files_hold_the_same_listings(client, region):
    sheet = load_workbook(io.BytesIO(exported(client, "xlsx"))).active
    assert sheet.max_row == 5
    points = json.loads(exported(client, "geojson"))
    assert len(points["features"]) == 4
    assert points["features"][0]["geometry"]["coordinates"] == [-73.74, 45.31]
    graph = json.loads(exported(client, "jsonld"))
    assert {each["@type"] for each in graph["@graph"]} == {"NGO"}
    assert client.get("/repertoire/export/repertoire.exe").status_code == 404


def test_page_holds_structured_data_that_nothing_escapes(client, listing):
    Listing.objects.update(name="</script><script>alert(1)</script>", legal_form="coop_workers")
    page = client.get("/repertoire/le-rayon-libre/").content.decode()
    block, _trail = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    facts = json.loads(block)
    assert facts["@type"] == "Cooperative"
    assert facts["name"] == "</script><script>alert(1)</script>"
    assert "<script>alert" not in page


# --- API -----------------------------------------------------------------------------------------------------


def test_api_pages_through_everything_once(client, region):
    address, slugs = "/api/v1/fiches/?par_page=3", []
    while address:
        response = client.get(address)
        assert response["Access-Control-Allow-Origin"] == "*"
        slugs += [each["slug"] for each in response.json()["results"]]
        following = response.json()["next"]
        address = following and "/" + following.split("/", 3)[3]
    assert len(slugs) == len(set(slugs)) == 4


def test_api_takes_the_directorys_filters(client, region):
    assert client.get("/api/v1/fiches/?dessert=69").json()["total"] == 1
    assert (
        client.get("/api/v1/fiches/?secteur=&mrc=&page=&utm_source=lettre&secteur=velo").json()["total"] == 4
    )


API = f"{settings.BASE_URL}/api/v1/"
VALUES_AT = {
    "secteur": f"{API}secteurs/", "achat": f"{API}approvisionnement/",
    **dict.fromkeys(["municipalite", "mrc", "dessert", "pres"], f"{API}municipalites/"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("query", "parameter", "value"),
    [
        ("secteur=nexistepas", "secteur", "nexistepas"),
        ("secteur=velo&secteur=vélo", "secteur", "vélo"),
        ("mrc=9", "mrc", "9"),
        ("municipalite=67045&municipalite=Mercier", "municipalite", "Mercier"),
        ("forme=%00", "forme", "\0"),
        ("achat=x", "achat", "x"),
        ("langue=klingon", "langue", "klingon"),
        ("dessert=<b>", "dessert", "<b>"),
        ("pres=Atlantide", "pres", "Atlantide"),
        ("rayon=7", "rayon", "7"),
        ("tri=x", "tri", "x"),
        ("page=zzz", "page", "zzz"),
        ("page=0", "page", "0"),
        ("page=٣", "page", "٣"),
        ("par_page=-3", "par_page", "-3"),
        ("par_page=99999999", "par_page", "99999999"),
        ("mrc=%ff", "mrc", "\ufffd"),
        ("secteur=%ed%a0%80", "secteur", "\ufffd" * 3),
        ("page=²", "page", "²"),
    ],
)
def test_api_refuses_a_value_that_it_does_not_know(client, region, query, parameter, value):
    """A program that misspells a filter must not take every listing for its answer."""
    refused = client.get(f"/api/v1/fiches/?{query}")
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/json")
    assert refused.json() == {
        "status": 400,
        "title": "Bad Request",
        "detail": f"« {value} » n’est pas une valeur de « {parameter} ».",
        "errors": [
            {
                "parameter": parameter,
                "value": value,
                "values_at": VALUES_AT.get(parameter, f"{API}openapi.json"),
            }
        ],
    }
    assert refused["Access-Control-Allow-Origin"] == "*"
    assert "ETag" not in refused


@pytest.mark.parametrize("path", ["", "fiches/", "fiches/a/", "secteurs/", "openapi.json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_api_says_in_json_that_it_is_only_read(region, path, method):
    refused = Client(enforce_csrf_checks=True).generic(method, f"/api/v1/{path}", "{}", "application/json")
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert refused.json()["status"] == 405


@pytest.mark.parametrize("path", ["", "fiches/", "fiches/a/", "secteurs/", "openapi.json"])
def test_api_answers_head_and_options(client, region, path):
    assert (head := client.head(f"/api/v1/{path}")).status_code == 200
    assert head.content == b""
    assert head["Content-Type"] == "application/json"
    asked = client.options(
        f"/api/v1/{path}",
        headers={"Origin": "https://ailleurs.example", "Access-Control-Request-Method": "GET"},
    )
    assert (asked.status_code, asked.content) == (204, b"")
    assert (asked["Allow"], asked["Access-Control-Allow-Origin"]) == ("GET, HEAD, OPTIONS", "*")


def test_api_ignores_parameters_that_it_does_not_know(client, region):
    everything = client.get("/api/v1/fiches/").json()
    assert client.get("/api/v1/fiches/?utm_source=a&inconnu=%00&_=%ff").json() == everything


@pytest.mark.parametrize(
    "path", ["fiches/nulle-part/", "rien/", "fiches/a/b/", "../v2/", "../", "%00/", "%ff/", "rien", "é/"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
def test_api_says_in_json_that_nothing_is_there(region, path, method):
    # Under an address of the API, what may be done comes before whether it is there.
    method = "GET" if path == "fiches/nulle-part/" else method
    refused = Client(enforce_csrf_checks=True).generic(method, f"/api/v1/{path}")
    assert (refused.status_code, refused["Content-Type"]) == (404, "application/json")
    assert method == "HEAD" or refused.json()["status"] == 404


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError("secret"), 500), (OperationalError("secret"), 503), (BadRequest("secret"), 400)],
)
def test_api_says_in_json_that_something_failed(client, region, monkeypatch, error, status):
    def fail(*_arguments, **_more):
        raise error

    monkeypatch.setattr("enterprises.views.api.find", fail)
    client.raise_request_exception = False
    failed = client.get("/api/v1/fiches/")
    assert (failed.status_code, failed["Content-Type"]) == (status, "application/json")
    assert failed.json()["status"] == status
    assert "secret" not in failed.content.decode()
    assert "public" not in failed.get("Cache-Control", "")


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_api_hides_what_visitors_do_not_read(client, region, state):
    Listing.objects.filter(pk=region[0].pk).update(state=state)
    assert client.get("/api/v1/fiches/a/").status_code == 404
    assert client.get("/api/v1/fiches/").json()["total"] == 3


def test_openapi_says_what_the_api_gives(client, region):
    described = client.get("/api/v1/openapi.json").json()
    given = client.get("/api/v1/fiches/a/").json()
    assert set(described["components"]["schemas"]["Fiche"]["properties"]) == set(given)
    assert "/fiches/{slug}/" in described["paths"]
    for path in described["paths"]:
        assert client.get(f"/api/v1{path}".replace("{slug}", "a")).status_code == 200
    assert client.post("/api/v1/fiches/").status_code == 405


@pytest.mark.parametrize(
    ("path", "count"),
    [("/repertoire/carte/", 1), ("/repertoire/acheter/", 2), ("/api/v1/fiches/", 2), ("/repertoire/portrait/", 1),
     ("/repertoire/export/repertoire.csv", 3)],
)  # fmt: skip
def test_queries_are_as_many_for_one_listing_as_for_four(
    client, region, path, count, django_assert_num_queries
):
    client.get(path).getvalue()
    with django_assert_num_queries(count):
        client.get(path).getvalue()
    Listing.objects.exclude(pk=region[0].pk).delete()
    client.get(path).getvalue()
    with django_assert_num_queries(count):
        client.get(path).getvalue()
