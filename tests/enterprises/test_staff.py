from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from enterprises.hooks.staff_home import card
from enterprises.models import Listing, ListingRole
from tests.factories import ListingFactory, SectorFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST, NEW = "/gestion/repertoire/", "/gestion/repertoire/nouvelle/"


def typed(**changes) -> dict:
    data = {
        "name": "La Marelle", "other_names": "CPE La Marelle\nMarelle", "legal_form": "npo", "neq": "1190000001",
        "mission": "Garder des enfants.", "municipality": "67050",
    }  # fmt: skip
    return data | changes


def test_new_listing_is_hidden_until_it_is_published(staff_client, client):
    sector = SectorFactory()
    assert "La Marelle" not in staff_client.get(NEW).content.decode()
    response = staff_client.post(NEW, typed(sectors=[sector.pk]))
    listing = Listing.objects.get()
    assert response["Location"] == f"/gestion/repertoire/{listing.pk}/"
    assert (listing.slug, listing.state, listing.other_names) == (
        "la-marelle",
        "draft",
        ["CPE La Marelle", "Marelle"],
    )
    assert listing.sector_ids == [sector.pk]
    assert client.get("/repertoire/la-marelle/").status_code == 404
    staff_client.post(f"/gestion/repertoire/{listing.pk}/etat/", {"state": "published"})
    assert client.get("/repertoire/la-marelle/").status_code == 200
    staff_client.post(f"/gestion/repertoire/{listing.pk}/etat/", {"state": "archived"})
    assert client.get("/repertoire/la-marelle/").status_code == 404


def test_addresses_are_free_and_never_those_of_the_directory(staff_client):
    sector = SectorFactory()
    for name in ("Carte", "La Marelle", "La Marelle", "???"):
        assert staff_client.post(NEW, typed(name=name, neq="", sectors=[sector.pk])).status_code == 302
    assert sorted(Listing.objects.values_list("slug", flat=True)) == [
        "carte-2",
        "fiche",
        "la-marelle",
        "la-marelle-2",
    ]


@pytest.mark.parametrize("missing", ["name", "legal_form", "mission", "municipality", "sectors"])
def test_new_listing_needs_its_identity(staff_client, missing):
    data = typed(sectors=[SectorFactory().pk])
    del data[missing]
    response = staff_client.post(NEW, data)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == [missing]
    assert not Listing.objects.exists()


def test_staff_edit_everything(staff_client, listing):
    sector = SectorFactory()
    url = f"/gestion/repertoire/{listing.pk}/"
    assert "Le Rayon libre" in staff_client.get(url).content.decode()
    assert staff_client.post(url, typed(version=1, name="Nouveau", sectors=[sector.pk]))["Location"] == url
    listing.refresh_from_db()
    assert (listing.name, listing.slug, listing.version) == ("Nouveau", "le-rayon-libre", 2)
    conflict = staff_client.post(url, typed(version=1, name="Trop tard", sectors=[sector.pk]))
    assert conflict.status_code == 200
    assert "Nouveau" in conflict.content.decode()
    assert "Trop tard" in conflict.content.decode()


def test_preview_of_a_new_listing_saves_nothing(staff_client):
    sector = SectorFactory(name="Enfance")
    page = staff_client.post("/gestion/repertoire/0/apercu/", typed(sectors=[sector.pk])).content.decode()
    assert "Ceci est un aperçu" in page
    assert "Enfance" in page
    assert not Listing.objects.exists()


def test_preview_with_an_error_keeps_the_version_that_was_loaded(staff_client, listing):
    """The next save must still see that someone else saved meanwhile."""
    url = f"/gestion/repertoire/{listing.pk}/"
    page = staff_client.post(f"{url}apercu/", typed(version=1, mission="")).content.decode()
    kept = re.search(r'name="version" value="(\d*)"', page)[1]
    Listing.objects.filter(pk=listing.pk).update(version=2)
    staff_client.post(url, typed(version=kept, sectors=[SectorFactory().pk]))
    listing.refresh_from_db()
    assert (listing.name, listing.version) == ("Le Rayon libre", 2)


def test_unknown_state_changes_nothing(staff_client, listing):
    staff_client.post(f"/gestion/repertoire/{listing.pk}/etat/", {"state": "deleted"})
    listing.refresh_from_db()
    assert listing.state == "published"


def test_listing_is_given_to_a_person_and_taken_back(staff_client, listing):
    person = UserFactory(email="samuel@exemple.example")
    url = f"/gestion/repertoire/{listing.pk}/gestionnaires/"
    for _twice in range(2):
        assert staff_client.post(url, {"email": "Samuel@Exemple.example"}).status_code == 302
    role = ListingRole.objects.get()
    assert (role.user, role.listing, role.role) == (person, listing, "owner")
    other = ListingFactory()
    staff_client.post(f"/gestion/repertoire/{other.pk}/gestionnaires/retirer/", {"role": role.pk})
    assert ListingRole.objects.exists()
    staff_client.post(f"{url}retirer/", {"role": role.pk})
    assert not ListingRole.objects.exists()


@pytest.mark.parametrize("email", ["", "personne", "inconnue@exemple.example"])
def test_listing_is_given_to_accounts_only(staff_client, listing, email):
    response = staff_client.post(f"/gestion/repertoire/{listing.pk}/gestionnaires/", {"email": email})
    assert response.status_code == 200
    assert 'id="id_email_error"' in response.content.decode()
    assert not ListingRole.objects.exists()


def test_list_finds_by_part_of_a_name_by_neq_and_by_state(staff_client):
    ListingFactory(name="Les Érables", neq="1190000001")
    ListingFactory(name="La Marelle", state="draft")
    ListingFactory(name="Au grenier", state="archived", verified_on=timezone.localdate())

    def shown(**asked):
        page = staff_client.get(LIST, asked).content.decode()
        return {name for name in ("Les Érables", "La Marelle", "Au grenier") if name in page}

    assert shown() == {"Les Érables", "La Marelle", "Au grenier"}
    assert shown(q="erab") == shown(q="ÉRAB") == shown(q="1190 000 001") == {"Les Érables"}
    assert shown(etat="draft") == {"La Marelle"}
    assert shown(etat="archived") == {"Au grenier"}
    assert shown(a_verifier="oui") == {"Les Érables"}
    assert shown(q="%") == shown(q="zzz") == set()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_many_queries_whatever_it_shows(staff_client, rows, django_assert_num_queries):
    for _number in range(rows):
        ListingRole.objects.create(listing=ListingFactory(sectors=[SectorFactory()]), user=UserFactory())
    staff_client.get(LIST)
    # Session, person, content versions; count, page and managers; what is lacking; the last change of several; sectors and MRCs.
    with django_assert_num_queries(10):
        staff_client.get(LIST)


def test_what_is_lacking_is_counted_no_further_than_the_list(staff_client, monkeypatch):
    monkeypatch.setattr("pole.server.long_lists.MAX_COUNTED", 2)
    ListingFactory.create_batch(3, legal_form="")
    ListingFactory(legal_form="npo", state="archived", sectors=[])
    page = " ".join(staff_client.get(LIST).content.decode().split())
    assert re.search(r"Sans forme juridique \([^)]*plus de 2\)|Sans forme juridique \(plus de 2\)", page)


def test_card_counts_what_waits(django_assert_num_queries):
    today = timezone.localdate()
    ListingFactory(state="draft")
    ListingFactory(verified_on=today - timedelta(days=366))
    ListingFactory(verified_on=today - timedelta(days=365))
    ListingFactory(verified_on=None)
    ListingFactory(state="archived")
    with django_assert_num_queries(7):
        waiting = card()
    assert [line.count for line in waiting.lines] == [1, 2]
    Listing.objects.all().delete()
    assert card().lines == []
