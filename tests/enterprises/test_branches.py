"""A branch names its enterprise, has no NEQ of its own, and follows it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from enterprises.duplicates import merging
from enterprises.listing import history
from enterprises.models import Listing
from tests.factories import ListingFactory, SectorFactory
from tests.refusals import assert_statement_refused
from tests.seen import seen_pair
from tests.sent import form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def caisse():
    return ListingFactory(name="Caisse du Canal", slug="caisse-du-canal", neq="1190000017")


@pytest.fixture
def branch(caisse):
    return ListingFactory(name="Caisse du Canal, centre de Léry", slug="lery", parent=caisse)


def save(client, listing, **changes):
    listing.sectors.add(SectorFactory())
    url = reverse("staff:listing_edit", args=[listing.pk])
    response = client.post(url, form_of(client.get(url).text, action=url) | changes)
    listing.refresh_from_db()
    return response


@pytest.mark.parametrize(
    "written", ["1190000017", "1190 000 017", "caisse du canal", "CAISSE DU CANAL", "/repertoire/caisse-du-canal/",
                "https://pole.example/repertoire/caisse-du-canal"],
)  # fmt: skip
def test_the_team_names_the_enterprise_of_a_branch(staff_client, caisse, written):
    listing = ListingFactory()
    assert save(staff_client, listing, parent=written).status_code == 302
    assert listing.parent == caisse
    assert save(staff_client, listing, parent="").status_code == 302
    assert listing.parent is None


@pytest.mark.parametrize(
    "written", ["Inconnue", "1190000025", "Caisse du Canal, centre de Léry", "/repertoire/lery/"]
)
def test_what_is_no_enterprise_is_refused(staff_client, branch, written):
    listing = ListingFactory()
    response = save(staff_client, listing, parent=written)
    assert "parent" in response.context["form"].errors
    assert listing.parent is None


def test_two_of_one_name_are_told_apart(staff_client, caisse):
    ListingFactory(name="Caisse du canal")
    listing = ListingFactory()
    assert "NEQ" in save(staff_client, listing, parent="Caisse du Canal").context["form"].errors["parent"][0]


def test_a_branch_has_no_neq(staff_client, caisse, branch):
    response = save(staff_client, branch, neq="1190000025")
    assert "neq" in response.context["form"].errors
    with pytest.raises(IntegrityError), transaction.atomic():
        Listing.objects.filter(pk=branch.pk).update(neq="1190000025")


def test_an_enterprise_with_branches_is_no_branch(staff_client, caisse, branch):
    other = ListingFactory(name="Mère")
    Listing.objects.filter(pk=caisse.pk).update(neq="")
    caisse.refresh_from_db()
    assert "parent" in save(staff_client, caisse, parent="Mère").context["form"].errors
    assert "parent" in save(staff_client, caisse, parent="Caisse du Canal").context["form"].errors
    set_parent = "UPDATE enterprises_listing SET parent_id = %s WHERE id = %s"
    one_level = "listing_branch_of_one_level"
    assert_statement_refused(one_level, set_parent, branch.pk, other.pk)
    assert_statement_refused(one_level, set_parent, other.pk, caisse.pk)
    assert_statement_refused("listing_branch_without_neq", set_parent, caisse.pk, caisse.pk)


def test_pages_lead_to_each_other(client, caisse, branch):
    page = client.get("/repertoire/lery/").text
    assert "Succursale de" in page
    assert 'href="/repertoire/caisse-du-canal/"' in page
    assert "parentOrganization" in page
    assert 'href="/repertoire/lery/"' in client.get("/repertoire/caisse-du-canal/").text
    Listing.objects.filter(pk=caisse.pk).update(state="draft")
    assert "Succursale de" not in client.get("/repertoire/lery/").text
    Listing.objects.filter(pk=caisse.pk).update(state="published")
    Listing.objects.filter(pk=branch.pk).update(state="draft")
    assert "lery" not in client.get("/repertoire/caisse-du-canal/").text


def merge(target, source, staff, fields=()):
    merging.merge(
        target=target.pk,
        source=source.pk,
        seen=seen_pair(target.pk, source.pk),
        fields_from_source=fields,
        by=staff,
    )
    for row in (target, source):
        row.refresh_from_db()


def test_branches_follow_a_merge(caisse, branch, staff):
    other = ListingFactory(name="La Caisse")
    merge(other, caisse, staff)
    branch.refresh_from_db()
    assert (branch.parent, other.neq) == (other, "1190000017")


def test_an_enterprise_is_merged_into_its_branch(caisse, branch, staff):
    second = ListingFactory(name="Centre de Mercier", parent=caisse)
    merge(branch, caisse, staff)
    second.refresh_from_db()
    assert (branch.parent, branch.neq, second.parent) == (None, "1190000017", branch)


def test_an_enterprise_merged_into_a_branch_of_another_gives_it_its_branches(caisse, branch, staff):
    mother = ListingFactory(name="Mère")
    child = ListingFactory(name="Fille", parent=mother)
    merge(branch, mother, staff)
    child.refresh_from_db()
    assert (branch.parent, child.parent) == (caisse, caisse)


def test_notes_of_both_are_kept(staff):
    one, other = ListingFactory(staff_note="un"), ListingFactory(staff_note="deux")
    merge(one, other, staff)
    assert one.staff_note == "un\ndeux"


def test_a_version_is_restored_without_an_enterprise_that_is_gone(caisse, branch, staff):
    with history.attributed_edit(by=staff):
        Listing.objects.filter(pk=branch.pk).update(parent=None)
    version = branch.versions.get()
    caisse.delete()
    restored = history.restore(listing_id=branch.pk, version_id=version.pk, by=staff)
    assert restored.parent_id is None


def test_history_names_the_enterprise(caisse, branch, staff):
    with history.attributed_edit(by=staff):
        Listing.objects.filter(pk=branch.pk).update(parent=None)
    [edit] = history.edits_of(Listing.objects.get(pk=branch.pk))
    assert [(str(each.label), each.before, each.after) for each in edit.changes] == [
        ("succursale de", "Caisse du Canal", "")
    ]


def test_the_note_of_the_team_is_read_by_the_team_alone(staff_client, owner_client, client, listing):
    Listing.objects.filter(pk=listing.pk).update(staff_note="Mot de l’équipe")
    assert "Mot de l’équipe" in staff_client.get(reverse("staff:listing_edit", args=[listing.pk])).text
    for who in (client, owner_client):
        for address in (
            listing.get_absolute_url(), reverse("enterprises:edit", args=[listing.slug]), f"/api/v1/fiches/{listing.slug}/",
            "/repertoire/?q=mot", "/api/v1/fiches/",
        ):  # fmt: skip
            assert "Mot de l’équipe" not in who.get(address).text, address
