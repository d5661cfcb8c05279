"""What stands beside a listing in a list: its logo, else its first photo, else the drawing of a sector."""

from __future__ import annotations

import re

import pytest

from enterprises.models import Listing, ListingPhoto, Sector
from tests.calls import statements_to_make
from tests.conftest import signed_in
from tests.factories import ListingFactory, UserFactory

pytestmark = pytest.mark.django_db


def pictures(page: str) -> list[str]:
    return re.findall(r'entry--pictured[^"]*"[^>]*>(<img [^>]+>)', page)


def add_photos(listing, *names):
    for at, name in enumerate(reversed(names)):
        ListingPhoto.objects.create(
            listing=listing, position=len(names) - at, file=f"photos/{name}.webp", width_px=1600, height_px=900,
            renditions=[400, 800], description=f"Photo {name}",
        )  # fmt: skip


@pytest.fixture
def listings(db):
    """By name: one with a logo and photos, one with photos, one with two sectors, one with nothing."""
    wood, bikes = (Sector.objects.get(slug=slug) for slug in ("culture-patrimoine", "transport-mobilite"))
    logo, photo, drawn, bare = (ListingFactory(name=f"{letter} maison") for letter in "abcd")
    Listing.objects.filter(pk=logo.pk).update(logo="logos/l'été.webp")
    for listing in (logo, photo):
        add_photos(listing, "un", "deux")
    photo.sectors.set([wood])
    drawn.sectors.set([bikes, wood])
    return logo, photo, drawn, bare


@pytest.mark.parametrize("address", ["/repertoire/", "/repertoire/?q=maison&tri=nom", "/repertoire/acheter/"])
def test_rows_show_the_picture_that_there_is(client, listings, address):
    logo, photo, drawn, bare = pictures(client.get(address).content.decode())
    assert 'class="thumb thumb--logo" src="/media/logos/l&#x27;%C3%A9t%C3%A9.webp"' in logo
    assert 'src="/media/photos/un-400.webp"' in photo
    # The narrowest file is wide enough for a small square on a dense screen.
    assert "srcset" not in photo
    first = listings[2].sectors.get(pk=Listing.objects.get(pk=listings[2].pk).sector_ids[0])
    assert f"/secteur-{first.slug}." in drawn
    assert "/collectif." in bare
    for picture in (logo, photo, drawn, bare):
        assert re.search(r'width="\d+" height="\d+" alt="" loading="lazy">$', picture), picture


def test_a_photo_that_is_replaced_or_removed_shows_at_once(client, listings):
    client.get("/repertoire/")
    ListingPhoto.objects.filter(listing=listings[1], position=1).update(file="photos/neuf.webp")
    assert 'src="/media/photos/neuf-400.webp"' in pictures(client.get("/repertoire/").content.decode())[1]
    listings[1].photos.all().delete()
    assert "/secteur-culture-patrimoine." in pictures(client.get("/repertoire/").content.decode())[1]


def test_pictures_of_rows_are_no_statement_more(listings):
    asked = len(statements_to_make("/repertoire/"))
    for number in range(3):
        add_photos(ListingFactory(name=f"e{number}"), "x", "y")
    assert len(statements_to_make("/repertoire/")) == asked == 2


def test_page_of_a_listing_shows_what_its_row_shows(client, listings):
    logo, photo, drawn, bare = (client.get(each.get_absolute_url()).content.decode() for each in listings)
    assert 'alt="Logo\xa0: a maison"' in logo
    for page in (logo, photo):
        head, gallery = page.split('<div class="listing-body">')
        assert 'alt="Photo un"' in head
        assert "loading" not in re.search(r"<img[^>]*Photo un[^>]*>", head)[0]
        assert 'alt="Photo deux"' in gallery
        assert 'alt="Photo un"' not in gallery
        assert 'href="/media/photos/deux.webp"' in gallery
    first = Listing.objects.get(pk=listings[2].pk).sector_ids[0]
    assert f"/secteur-{listings[2].sectors.get(pk=first).slug}." in drawn
    assert "/collectif." in bare


def test_a_single_photo_makes_no_gallery(client):
    listing = ListingFactory()
    add_photos(listing, "seule")
    page = client.get(listing.get_absolute_url()).content.decode()
    assert page.count("Photo seule") == 1
    assert 'id="photos"' not in page


def test_page_of_a_listing_shows_where_its_town_is(client):
    page = client.get(ListingFactory().get_absolute_url()).content.decode()
    assert 'aria-label="Carte\xa0: où se trouve Châteauguay"' in page
    assert page.split('class="region__discs"')[1].split("</g>")[0].count("<circle ") == 1


def test_owner_edits_from_the_page_and_never_claims(listings):
    owner = UserFactory()
    listings[3].roles.create(user=owner)
    page = signed_in(owner).get(listings[3].get_absolute_url()).content.decode()
    assert "Modifier ma fiche" in page
    assert "C’est mon entreprise" not in page
