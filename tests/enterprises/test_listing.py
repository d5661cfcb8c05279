from __future__ import annotations

import re
from datetime import date

import pytest

from enterprises.models import Listing, ListingRole
from tests.conftest import signed_in
from tests.factories import ListingFactory, SectorFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/repertoire/le-rayon-libre/"


@pytest.fixture
def whole(db):
    listing = ListingFactory(
        slug="le-rayon-libre", name="Le Rayon <libre>", other_names=["Vélo-coop"], legal_form="coop_workers",
        neq="1190000001", founded=2009, mission="Réparer des vélos.", mission_en="Fix bikes.",
        description="<p>Tous les <strong>soirs</strong>.</p>", description_en="<p>Every <em>evening</em>.</p>",
        products=["réparation"], street="418, rue du Ponceau", postal_code="J4H 5Y0", phone="+14505550129",
        phone_extension="25", email="velo@exemple.example", website="https://www.velo.example/",
        opening_hours="Mardi", opening_hours_en="Tuesday", workforce="5-9", languages=["fr", "en"],
        verified_on=date(2026, 5, 3), sectors=[SectorFactory(slug="velo", name="Vélo")],
    )  # fmt: skip
    listing.territory.set(["67", "58"])
    return listing


def test_page_shows_everything_that_is_filled(client, whole):
    page = client.get(URL).content.decode()
    for text in (
        "<h1>Le Rayon &lt;libre&gt;</h1>", "Vélo-coop", "Coopérative de travail", "1190000001", "2009", "Réparer des vélos.",
        "<p>Tous les <strong>soirs</strong>.</p>", "réparation", "418, rue du Ponceau", "J4H 5Y0",
        'href="tel:+14505550129;ext=25"', "450\xa0555-0129, poste\xa025", 'href="mailto:velo@exemple.example"',
        'href="https://www.velo.example/"', ">velo.example<", "Mardi", "5 à 9 personnes", "français, anglais",
        "Vérifiée le 3 mai 2026", "Agglomération de Longueuil, Roussillon", 'href="/repertoire/?secteur=velo"',
    ):  # fmt: skip
        assert text in page, text
    assert "Modifier cette fiche" not in page


def test_page_leaves_out_what_is_empty(client):
    ListingFactory(slug="le-rayon-libre")
    page = client.get(URL).content.decode()
    for text in (
        "tel:",
        "NEQ",
        "Vérifiée",
        "Site Web",
        "Heures",
        "Effectif",
        "Territoire",
        "Secteurs",
    ):
        assert text not in page.split("<main")[1].split("</main>")[0], text
    # That of « Envoyer par courriel » has no address.
    assert re.findall(r"mailto:(.)", page) == ["?"]


def test_english_page_marks_what_is_in_french(client, whole):
    Listing.objects.update(mission_en="")
    page = client.get(f"/en{URL}").content.decode()
    assert '<p class="lead" lang="fr">Réparer des vélos.</p>' in page
    assert "<p>Every <em>evening</em>.</p>" in page
    assert "Tuesday" in page
    assert "450-555-0129, ext.\xa025" in page


def test_page_is_a_reading_page_without_inline_script(client, whole):
    response = client.get(URL)
    page = response.content.decode()
    assert not response.cookies
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "nonce" not in page
    assert set(re.findall(r"<script(?![^>]* src=)[^>]*>", page)) == {'<script type="application/ld+json">'}
    assert client.get(URL, headers={"If-None-Match": response["ETag"]}).status_code == 304


@pytest.mark.parametrize("rows", [1, 3])
def test_page_asks_as_many_queries_whatever_it_shows(client, rows, django_assert_num_queries):
    listing = ListingFactory(slug="le-rayon-libre", sectors=[SectorFactory() for _ in range(rows)])
    listing.territory.set(["58", "67", "68"][:rows])
    client.get(URL)
    # The content versions, the listing, its sectors, territory, photos, documents, attestation, activities and branches.
    with django_assert_num_queries(9):
        client.get(URL)


def test_managers_and_staff_see_the_way_to_edit(
    client, listing, owner_client, citizen_client, staff_client, staff
):
    invitation = "/repertoire/le-rayon-libre/modifier/"
    assert invitation in owner_client.get(URL).content.decode()
    assert invitation in staff_client.get(URL).content.decode()
    for other in (client, citizen_client, signed_in(staff)):
        assert invitation not in other.get(URL).content.decode()


def test_managers_are_not_asked_whether_it_is_theirs(
    client, listing, owner_client, citizen_client, staff_client
):
    claim = f"{URL}c-est-mon-entreprise/"
    mine = owner_client.get(URL).content.decode()
    assert ("Modifier ma fiche" in mine, claim in mine) == (True, False)
    for other in (client, citizen_client, staff_client):
        page = other.get(URL).content.decode()
        assert ("Modifier ma fiche" in page, claim in page) == (False, True)


def test_my_listings_shows_those_that_i_keep(rf, listing, owner):
    from django.template import Context, Template

    ListingRole.objects.create(listing=ListingFactory(name="Cachée", state="draft"), user=owner)
    ListingRole.objects.create(listing=ListingFactory(name="Au grenier", state="archived"), user=owner)
    ListingRole.objects.create(listing=ListingFactory(name="À une autre"), user=UserFactory())
    shown = Template("{% load enterprises %}{% my_listings user %}").render(Context({"user": owner}))
    assert [name in shown for name in ("Le Rayon libre", "Cachée", "Au grenier", "À une autre")] == [
        True,
        True,
        False,
        False,
    ]
    assert "/repertoire/le-rayon-libre/modifier/" in shown
    nobody = Template("{% load enterprises %}{% my_listings user %}").render(Context({"user": UserFactory()}))
    assert re.findall(r'href="([^"]*)"', nobody) == ["/repertoire/", "/repertoire/mentionner/"]
    assert "vide-repertoire.svg" in nobody


@pytest.mark.parametrize("rows", [1, 3])
def test_my_listings_asks_one_query(listing, owner, rows, django_assert_num_queries):
    from django.template import Context, Template

    for _number in range(rows - 1):
        ListingRole.objects.create(listing=ListingFactory(), user=owner)
    with django_assert_num_queries(1):
        Template("{% load enterprises %}{% my_listings user %}").render(Context({"user": owner}))
