"""The map accounts for every result: drawn, outside its view, or without position; what no MRC holds has its own facet."""

from __future__ import annotations

import itertools
import json
import random
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enterprises.models import Listing
from enterprises.search import in_database
from pole.geo import territory_upload
from pole.geo.levels import NO_MRC
from pole.models import Municipality, MunicipalityBoundary
from tests.conftest import signed_in
from tests.enterprises.maps import counts_of_discs
from tests.factories import ListingFactory, SectorFactory, UserFactory

pytestmark = pytest.mark.django_db

TOWNS = ("67045", "67050", "69055", "70022", "67802")


def accounted(page: str) -> tuple[int, int, int, int]:
    """(results, drawn, without position, outside the map), as the page says them."""
    total = int(re.findall(r'id="nombre">(\d+) entreprise', page)[0])
    drawn = sum(counts_of_discs(page, "wide"))
    assert sum(counts_of_discs(page, "narrow")) == drawn
    without = re.findall(r'id="sans-position">(\d+) d’entre elles', page)
    outside = re.findall(r">(\d+) d’entre elles (?:est|sont) hors de cette carte", page)
    return total, drawn, int((without or [0])[0]), int((outside or [0])[0])


@pytest.fixture
def directory(db):
    """Sixty listings, in towns with and without position; a third with a position of their own; some elsewhere."""
    rng = random.Random(7)
    Municipality.objects.filter(code__in=["69055", "70022"]).update(latitude=None, longitude=None)
    Municipality.objects.create(
        code="10043", name="Rimouski", designation="Ville", latitude="48.450", longitude="-68.530", is_in_territory=False
    )  # fmt: skip
    Municipality.objects.create(
        code="10010", name="Saint-Fabien", designation="Paroisse", is_in_territory=False
    )
    sectors = [SectorFactory(slug="velo"), SectorFactory(slug="pain")]
    towns = [*TOWNS, "10043", "10010"]
    for at in range(60):
        code = rng.choice(towns)
        town = Municipality.objects.get(code=code)
        own = {"latitude": "45.2000", "longitude": "-73.8000"} if at % 3 == 0 else {}
        ListingFactory(name=f"Fiche {at}", municipality=town, sectors=[rng.choice(sectors)],
                       legal_form=rng.choice(["npo", "coop_workers"]), **own)  # fmt: skip
    return sectors


FILTERS = [
    "&".join(parts)
    for parts in itertools.product(
        ("", "secteur=velo"), ("", "forme=npo"), ("", "mrc=67", f"mrc=69&mrc={NO_MRC}"),
        ("", "municipalite=70022&municipalite=67045"), ("", "zone=67", "zone=70", f"zone={NO_MRC}"),
    )
]  # fmt: skip


def test_every_result_is_drawn_or_said_in_every_combination_of_filters(client, directory):
    for query in FILTERS:
        page = client.get(f"/repertoire/carte/?{query}").content.decode()
        if "d’entre elles" not in page and 'id="nombre">0' in page:
            continue
        total, drawn, without, outside = accounted(page)
        assert drawn + without + outside == total, query
        shown = client.get(f"/repertoire/?{query}").content.decode()
        assert int(re.findall(r'id="nombre">(\d+) entreprise', shown)[0]) == total, query


def test_without_position_are_those_that_have_none_of_their_own_in_a_town_that_has_none(client, directory):
    nowhere = Listing.objects.filter(latitude=None, municipality__latitude=None).count()
    assert 0 < nowhere < 60
    total, _drawn, without, _outside = accounted(client.get("/repertoire/carte/").content.decode())
    assert (total, without) == (60, nowhere)


def test_search_index_and_database_count_alike(directory, now_known):
    total, counted = in_database.count_all()
    snapshot = now_known()
    assert total == snapshot.total
    assert type(snapshot.counts).of(counted) == snapshot.counts
    assert sum(snapshot.counts.mrcs.values()) == 60
    assert sum(snapshot.counts.unplaced.values()) == 40


def test_territory_without_any_position_says_so_to_visitors_and_leads_staff_to_what_gives_them(
    client, staff_client
):
    Municipality.objects.update(latitude=None, longitude=None)
    for at in range(5):
        own = {"latitude": "45.3000", "longitude": "-73.8000"} if at < 2 else {}
        ListingFactory(municipality=Municipality.objects.get(code="67050"), **own)
    for visitor in (client, staff_client):
        page = visitor.get("/repertoire/carte/").content.decode()
        assert accounted(page) == (5, 2, 3, 0)
        assert "n’ont pas de position" in page
    assert f'href="{reverse("staff:territory")}#positions"' in page
    assert 'id="positions"' in staff_client.get(reverse("staff:territory")).content.decode()
    assert reverse("staff:territory") not in client.get("/repertoire/carte/").content.decode()
    others = signed_in(UserFactory(is_staff=True, roles=["directory"]), second_factor=True)
    page = others.get("/repertoire/carte/").content.decode()
    assert "par qui a la direction" in page
    assert f'href="{reverse("staff:territory")}' not in page


def test_nothing_at_all_has_a_position(client):
    Municipality.objects.update(latitude=None, longitude=None)
    ListingFactory()
    page = client.get("/repertoire/carte/").content.decode()
    assert "1 d’entre elles n’a pas de position" in page
    assert '<svg class="region"' not in page


def test_what_no_mrc_holds_has_its_facet(client):
    inside = ListingFactory(name="Dedans", municipality=Municipality.objects.get(code="67050"))
    outside = ListingFactory(name="Kahnawà:ke Arts", municipality=Municipality.objects.get(code="67802"))
    page = client.get("/repertoire/").content.decode()
    assert f'value="{NO_MRC}"' in page
    assert "Hors MRC" in page
    page = client.get(f"/repertoire/?mrc={NO_MRC}").content.decode()
    assert outside.name in page
    assert inside.name not in page
    page = client.get(f"/repertoire/?mrc={NO_MRC}&mrc=67").content.decode()
    assert outside.name in page
    assert inside.name in page
    assert "Hors MRC" in client.get("/repertoire/portrait/").content.decode()
    assert "Outside any MRC" in client.get("/en/repertoire/").content.decode()
    assert f"zone={NO_MRC}" in client.get("/repertoire/carte/").content.decode()
    # Served territories are MRCs alone.
    assert f'name="dessert" value="{NO_MRC}"' not in client.get("/repertoire/").content.decode()
    found = client.get(f"/api/v1/fiches/?mrc={NO_MRC}").json()
    assert found["total" if "total" in found else "count"] == 1


def test_facet_is_hidden_where_every_town_has_its_mrc(client):
    Municipality.objects.filter(mrc=None).delete()
    ListingFactory(municipality=Municipality.objects.get(code="67050"))
    assert "Hors MRC" not in client.get("/repertoire/").content.decode()


def square(west, south, size=0.1):
    return [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]


def test_boundaries_that_were_sent_are_drawn(client, staff_client):
    town = Municipality.objects.get(code="67050")
    ListingFactory(municipality=town)
    before = client.get("/repertoire/carte/").content.decode()
    assert "approximatives" in before or "approximatif" in before
    features = [
        {"type": "Feature", "properties": {"MUS_CO_GEO": row.code, "MUS_NM_MUN": row.name},
         "geometry": {"type": "Polygon", "coordinates": [square(float(row.longitude), float(row.latitude))]}}
        for row in Municipality.objects.all()
    ]  # fmt: skip
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    page = staff_client.post(
        reverse("staff:territory"), {"file": SimpleUploadedFile("munic_s.geojson", content)}, follow=True
    ).content.decode()
    assert "son contour" in page
    staff_client.post(
        reverse("staff:territory_preview"), {"token": territory_upload.waiting().token, "action": "apply"}
    )
    assert MunicipalityBoundary.objects.count() == 72
    after = client.get("/repertoire/carte/").content.decode()
    assert "Les limites des municipalités sont simplifiées." in after
    assert re.search(r'<path class="region__cell[^"]*" d="M\d+,\d+l[\d, -]+Z"/>', after)
    assert accounted(after) == (1, 1, 0, 0)
