"""What a restoration gives back to a listing, and what it leaves."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from enterprises.listing import history
from enterprises.models import Listing, ListingVersion
from tests.factories import ListingFactory

pytestmark = pytest.mark.django_db


def changed(listing, **fields):
    """The version kept before these changes, which are an edit of their own."""
    with history.attributed_edit(by=None):
        Listing.objects.filter(pk=listing.pk).update(**fields)
    return ListingVersion.objects.filter(listing=listing).latest("id")


def test_restoration_leaves_address_state_and_what_others_say(listing, staff):
    other = ListingFactory(mission="Pas touchée.")
    version = changed(listing, mission="Vide.", slug="autre-adresse", state="draft", verified_on="2026-01-01")
    history.restore(listing_id=listing.pk, version_id=version.pk, by=staff)
    listing.refresh_from_db(), other.refresh_from_db()
    assert (listing.mission, listing.verified_on) == ("Réparer des vélos.", None)
    assert (listing.slug, listing.state, listing.version) == ("autre-adresse", "draft", 2)
    assert other.mission == "Pas touchée."


def test_version_kept_before_a_column_went_is_restored_without_it(listing, staff):
    version = changed(listing, mission="Vide.")
    version.before["fax"] = "450 555-0100"
    version.save()
    history.restore(listing_id=listing.pk, version_id=version.pk, by=staff)
    listing.refresh_from_db()
    assert listing.mission == "Réparer des vélos."


def test_version_of_another_listing_is_not_restored(listing, staff):
    version = changed(ListingFactory(), mission="Vide.")
    with pytest.raises(ListingVersion.DoesNotExist):
        history.restore(listing_id=listing.pk, version_id=version.pk, by=staff)


def test_own_number_is_restored_and_a_town_that_is_gone_is_not(listing, staff):
    Listing.objects.filter(pk=listing.pk).update(neq="1190000001")
    ListingFactory(neq="1190000002")
    version = changed(listing, mission="Vide.")
    history.restore(listing_id=listing.pk, version_id=version.pk, by=staff)
    listing.refresh_from_db()
    assert (listing.neq, listing.mission) == ("1190000001", "Réparer des vélos.")
    ListingVersion.objects.filter(pk=version.pk).update(before=version.before | {"municipality_id": "00000"})
    with pytest.raises(ValidationError, match="municipalité"):
        history.restore(listing_id=listing.pk, version_id=version.pk, by=staff)


@pytest.mark.parametrize("is_there", [True, False])
def test_logo_is_restored_while_its_file_is_there(listing, staff, is_there):
    if is_there:
        default_storage.save("logos/ancien.webp", ContentFile(b"RIFF"))
    Listing.objects.filter(pk=listing.pk).update(logo="logos/ancien.webp")
    version = changed(listing, logo="logos/nouveau.webp")
    history.restore(listing_id=listing.pk, version_id=version.pk, by=staff)
    listing.refresh_from_db()
    assert listing.logo.name == ("logos/ancien.webp" if is_there else "logos/nouveau.webp")


def test_territory_is_restored(listing, staff):
    listing.territory.set(["58", "67"])
    with history.attributed_edit(by=staff):
        listing.territory.set(["71"])
    history.restore(listing_id=listing.pk, version_id=ListingVersion.objects.latest("id").pk, by=staff)
    listing.refresh_from_db()
    assert listing.served == ["58", "67"]
