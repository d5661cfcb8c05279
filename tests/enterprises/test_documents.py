"""What the database keeps for search, whoever writes."""

from __future__ import annotations

import pytest
from django.db import connection

from enterprises.models import Listing, Sector
from pole.models import Mrc, Municipality
from tests.factories import ListingFactory, SectorFactory

pytestmark = pytest.mark.django_db


def lexemes(listing: Listing) -> dict[str, str]:
    """Each lexeme of the document with the best of its weights."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lexeme, weights[1] FROM enterprises_listing, unnest(document) WHERE id = %s", [listing.pk]
        )
        return dict(cursor.fetchall())


def test_document_holds_each_part_with_its_weight():
    sector = SectorFactory(name="Théâtre", name_en="Stage", synonyms=["spectacle"])
    listing = ListingFactory(
        name="Érables",
        other_names=["Rucher"],
        mission="Cultiver.",
        mission_en="Growing",
        products=["miel/sirop"],
        products_en=["honeys"],
        description="<p>Voisinage</p>",
        description_en="<p>Neighbours</p>",
        sectors=[sector],
    )
    found = lexemes(listing)
    expected = {
        "erabl": "A", "ruch": "A", "cultiv": "B", "grow": "B", "miel": "B", "sirop": "B", "honey": "B", "theatr": "B",
        "stage": "B", "voisinag": "C", "neighbour": "C", "chateauguay": "C", "roussillon": "C", "spectacl": "D",
    }  # fmt: skip
    assert {word: found.get(word) for word in expected} == expected
    assert "p" not in found


def test_sectors_are_kept_when_they_are_added_and_removed():
    first, second = SectorFactory(name="Pommes"), SectorFactory(name="Poires")
    listing = ListingFactory(sectors=[first])
    listing.sectors.add(second)
    listing.refresh_from_db()
    assert listing.sector_ids == sorted([first.pk, second.pk])
    assert {"pomm", "poir"} <= set(lexemes(listing))
    listing.sectors.remove(first)
    listing.refresh_from_db()
    assert listing.sector_ids == [second.pk]
    assert "pomm" not in lexemes(listing)
    listing.sectors.clear()
    listing.refresh_from_db()
    assert listing.sector_ids == []


def test_stale_row_written_back_changes_no_sector():
    sector = SectorFactory(name="Pommes")
    listing = ListingFactory()
    stale = Listing.objects.get(pk=listing.pk)
    listing.sectors.add(sector)
    stale.mission = "Autre chose"
    stale.save()
    stale.refresh_from_db()
    assert stale.sector_ids == [sector.pk]
    assert {"pomm", "autr"} <= set(lexemes(stale))


def test_document_follows_renamed_sector_municipality_and_mrc():
    sector = SectorFactory(name="Pommes")
    listing = ListingFactory(sectors=[sector])
    Sector.objects.filter(pk=sector.pk).update(name="Poires")
    Municipality.objects.filter(code="67050").update(name="Villeneuve")
    Mrc.objects.filter(code="67").update(name="Lointaine")
    found = set(lexemes(listing))
    assert {"poir", "villeneuv", "lointain"} <= found
    assert not {"pomm", "chateauguay", "roussillon"} & found


def test_bulk_update_keeps_documents():
    listing = ListingFactory(name="Avant")
    Listing.objects.filter(pk=listing.pk).update(name="Après")
    assert "apre" in lexemes(listing)
    assert "avant" not in lexemes(listing)


def test_longest_name_with_characters_that_unaccent_lengthens_is_stored():
    listing = ListingFactory(name="½" * 140)
    listing.refresh_from_db()
    assert len(listing.name_key) > 160


def test_content_version_rises_with_each_kind_of_change():
    from pole.caching.content_versions import read_versions

    def version():
        return dict(read_versions()).get("enterprises", 0)

    listing = ListingFactory()
    sector = SectorFactory()
    seen = [version()]
    for change in (
        lambda: listing.sectors.add(sector),
        lambda: listing.territory.add("67"),
        lambda: Listing.objects.filter(pk=listing.pk).update(mission="Autre"),
        lambda: Sector.objects.filter(pk=sector.pk).update(name="Autre"),
        listing.delete,
    ):
        change()
        seen.append(version())
    assert seen == sorted(set(seen))
