from __future__ import annotations

import random

import pytest
from django.urls import reverse

from accounts.models import User
from enterprises import demo
from enterprises.demo.generating import fake_neq
from enterprises.models import Listing, ListingRole, Sector
from pole.identifiers import parse_neq

pytestmark = pytest.mark.django_db


def test_every_installation_has_the_sectors():
    assert Sector.objects.count() == 20
    assert set(Sector.objects.values_list("name_en", flat=True)) & {""} == set()


@pytest.mark.parametrize("number", [0, 1, 9, 10, 141, 100_141])
def test_numbers_are_well_formed(number):
    parsed = parse_neq(fake_neq(number))
    assert parsed.has_usual_prefix
    assert parsed.passes_luhn


def test_seed_twice_is_seed_once(client):
    owner = User.objects.create_user("entreprise@pole.example", name="Samuel")
    for _twice in range(2):
        demo.seed(scale=0, rng=random.Random(1))
    assert Listing.objects.count() == 142
    assert len(set(Listing.objects.values_list("municipality_id", flat=True))) >= 40
    mrcs = set(Listing.objects.values_list("municipality__mrc_id", flat=True))
    assert mrcs == {"58", "67", "68", "69", "70", "71"}
    assert ListingRole.objects.get().user == owner
    assert not Listing.objects.filter(sector_ids=[]).exists()
    for listing in Listing.objects.all()[:10]:
        assert client.get(listing.get_absolute_url()).status_code == 200


@pytest.mark.any_hour("hundreds of listings, for their number")
def test_scale_adds_plausible_listings_until_there_are_so_many(client):
    demo.seed(scale=400, rng=random.Random(1))
    demo.seed(scale=400, rng=random.Random(2))
    assert Listing.objects.count() == 400
    made = Listing.objects.filter(email__endswith="@fiches.example")
    assert made.count() == 400 - 142
    assert not made.filter(document=None).exists()
    for listing in made.prefetch_related("sectors")[:50]:
        listing.full_clean(exclude=["slug"])
        assert sorted(sector.pk for sector in listing.sectors.all()) == listing.sector_ids
    assert client.get(reverse("enterprises:list"), {"q": "coop"}).status_code == 200
    demo.seed(scale=500, rng=random.Random(3))
    assert Listing.objects.count() == 500
