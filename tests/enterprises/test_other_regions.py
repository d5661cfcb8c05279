"""A hub of another region of Québec, and one of France: from their own list to a search near a postal code."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from enterprises.importing.cleaning import Cleaner
from enterprises.models import Listing
from pole.geo.gazetteer import load_gazetteer
from pole.models import FormerMunicipality, Hub, Mrc, Municipality
from tests.factories import ListingFactory, SectorFactory
from tests.pole.territories import french_file, positions_file, quebec_file
from tests.pole.test_territory_pages import apply, choose, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_territory(db):
    FormerMunicipality.objects.all().delete()
    Municipality.objects.all().delete()
    Mrc.objects.all().delete()


def options_of(page: str, name: str) -> set[str]:
    select = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
    return set(re.findall(r'value="([^"]+)"', select[0])) if select else set()


def create_listing(client, **changes) -> Listing:
    data = {
        "name": "La Criée", "legal_form": "npo", "mission": "Vendre le poisson d’ici.", "sectors": [SectorFactory().pk],
        "version": "1",
    } | changes  # fmt: skip
    answer = client.post(reverse("staff:listing_new"), data)
    assert answer.status_code == 302, answer.context["form"].errors
    listing = Listing.objects.get(name=data["name"])
    Listing.objects.filter(pk=listing.pk).update(state="published")
    return listing


def test_a_hub_of_the_lower_saint_lawrence(staff_client, client):
    Hub.objects.create(name="Pôle du Fleuve", short_name="Pôle du Fleuve", tagline=".", country="CA")
    send(staff_client, quebec_file())
    apply(staff_client)
    choose(staff_client, mrc=["10", "12"])
    send(staff_client, positions_file())
    apply(staff_client)
    form = staff_client.get(reverse("staff:listing_new")).content.decode()
    assert options_of(form, "municipality") == {"10043", "10070", "10060", "12072", "12057", "12015"}
    refused = staff_client.post(
        reverse("staff:listing_new"), {"name": "Ailleurs", "municipality": "14018", "version": "1"}
    )
    assert refused.status_code == 200
    create_listing(staff_client, municipality="10043", postal_code="g5l 1a1", phone="418 555-0123", territory=["12"])  # fmt: skip
    page = client.get("/repertoire/?pres=G5L&rayon=10").content.decode()
    assert "La Criée" in page
    assert "G5L (Rimouski)" in page
    for path in ("/repertoire/carte/", "/repertoire/carte/?zone=10", "/repertoire/portrait/"):
        page = client.get(path)
        assert page.status_code == 200
        assert "Rimouski" in page.content.decode()
    assert '<svg class="region"' in client.get("/repertoire/carte/").content.decode()
    # What is known but not chosen is nowhere.
    known = client.get("/api/v1/municipalites/").json()["results"]
    assert {each["code"] for each in known} == {"10043", "10070", "10060", "12072", "12057", "12015"}
    assert "n’est pas un lieu" in client.get("/repertoire/?pres=Kamouraska").content.decode()
    assert "Rimouski" in client.get("/repertoire/?pres=rimouski").content.decode()


def test_a_hub_of_france(staff_client, client):
    Hub.objects.create(
        name="Pôle des Monts", short_name="Pôle", tagline=".", country="FR", province="", town_level="commune",
        middle_level="communauté de communes", middle_levels="communautés de communes", middle_level_en="district",
    )  # fmt: skip
    send(staff_client, french_file(), name="communes.csv")
    page = apply(staff_client).content.decode()
    assert "Communautés de communes" in page
    assert Municipality.objects.get(code="2A904").mrc_id == "200999002"
    assert Municipality.objects.get(code="63901").designation == "Commune"
    choose(staff_client, mrc=["200999001", "200999002"])
    form = staff_client.get(reverse("staff:listing_new")).content.decode()
    assert options_of(form, "municipality") == {"63901", "63902", "2A904"}
    assert "Commune" in form
    for address in (reverse("staff:hub"), f"{reverse('staff:forum_new')}?genre=forums"):
        labels = re.findall(r'for="id_municipality">\s*(\w+)', staff_client.get(address).content.decode())
        assert labels == ["Commune"]
    listing = create_listing(
        staff_client, municipality="63901", postal_code="63 900", phone="01 44 55 66 77", territory=["200999002"]
    )  # fmt: skip
    listing.refresh_from_db()
    assert (listing.postal_code, listing.phone, listing.served) == ("63900", "+33144556677", ["200999002"])
    ListingFactory(name="La Plage", municipality=Municipality.objects.get(code="2A904"), postal_code="20990")
    page = client.get("/repertoire/?pres=63900&rayon=25").content.decode()
    assert "La Criée" in page
    assert "La Plage" not in page
    assert "63900 (Valnoire)" in page
    assert "Communauté de communes" in page
    assert "MRC" not in re.sub(r"<[^>]+>", " ", page)
    assert "District" in client.get("/en/repertoire/").content.decode()
    assert "63900 Valnoire" in client.get(f"/repertoire/{listing.slug}/").content.decode()
    assert "Québec" not in client.get(f"/repertoire/{listing.slug}/").content.decode()
    assert "Commune;Code postal;Communauté de communes" in client.get(
        "/repertoire/export/repertoire.csv"
    ).getvalue().decode().replace('"', "")
    for path in ("/repertoire/carte/", "/repertoire/carte/?zone=200999001", "/repertoire/portrait/"):
        assert client.get(path).status_code == 200


def test_a_listing_elsewhere_may_be_imported(staff_client):
    send(staff_client, quebec_file())
    apply(staff_client)
    choose(staff_client, mrc=["10"])
    cleaner = Cleaner(["name", "municipality", "postal_code"], load_gazetteer(), {})
    row = cleaner.clean(["La Marée", "La Pocatière", "G0R 1Z0"])
    assert row.values["municipality_id"] == "14085"
    assert any("territoire" in note for note in row.notes)
    assert cleaner.clean(["La Criée", "Rimouski", ""]).notes == []


def test_a_name_means_the_town_of_the_territory_first(staff_client):
    for code, is_in_territory in (("10999", True), ("88999", False)):
        Municipality.objects.create(
            code=code,
            name="Saint-Édouard",
            designation="Paroisse",
            is_in_territory=is_in_territory,
            is_homonym=True,
        )
    assert load_gazetteer().find("St-Edouard").municipality.code == "10999"


def test_towns_without_position_stand_amid_their_listings(staff_client, client):
    send(staff_client, quebec_file())
    apply(staff_client)
    choose(staff_client, mrc=["10"])
    ListingFactory(
        name="La Criée",
        municipality=Municipality.objects.get(code="10043"),
        postal_code="G5L 1A1",
        latitude="48.45",
        longitude="-68.53",
    )
    page = client.get("/repertoire/?pres=G5L+1A1&rayon=5").content.decode()
    assert "La Criée" in page
    assert "G5L 1A1 (Rimouski)" in page
    assert '<svg class="region"' in client.get("/repertoire/carte/").content.decode()


def test_the_hub_s_own_address_places_its_postal_code(staff_client, client):
    send(staff_client, quebec_file())
    apply(staff_client)
    choose(staff_client, mrc=["10"])
    send(staff_client, positions_file())
    apply(staff_client)
    Hub.objects.create(
        name="Pôle", short_name="Pôle", tagline=".", municipality_id="10043", postal_code="G5L 3B4"
    )
    assert "G5L (Rimouski)" in client.get("/repertoire/?pres=G5L").content.decode()


def test_a_listing_elsewhere_does_not_stretch_the_map(staff_client, client):
    send(staff_client, quebec_file())
    apply(staff_client)
    send(staff_client, positions_file())
    apply(staff_client)
    choose(staff_client, mrc=["10"])
    ListingFactory(municipality=Municipality.objects.get(code="10043"))

    def drawn() -> tuple[str, int]:
        page = client.get("/repertoire/carte/").content.decode()
        return re.findall(r'<svg class="region" viewBox="([^"]+)"', page)[0], page.count("region__cell ")

    before = drawn()
    ListingFactory(municipality=Municipality.objects.get(code="14018"))
    assert drawn() == before
    page = client.get("/repertoire/carte/").content.decode()
    assert "Kamouraska" in page
    assert client.get("/repertoire/carte/?zone=14").status_code == 200
