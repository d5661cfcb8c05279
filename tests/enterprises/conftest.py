from __future__ import annotations

import pytest

from enterprises.models import ListingRole
from enterprises.search.snapshot import snapshot_at
from pole.caching.public_pages import read_public_state
from tests.conftest import signed_in
from tests.factories import ListingFactory, UserFactory


@pytest.fixture
def now_known(db):
    """The directory as a request that begins now knows it."""
    from django.utils import timezone

    return lambda: snapshot_at(read_public_state(timezone.now()))


@pytest.fixture
def listing(db):
    return ListingFactory(
        slug="le-rayon-libre",
        name="Le Rayon libre",
        mission="Réparer des vélos.",
        email="velo@exemple.example",
    )


@pytest.fixture
def owner(listing):
    owner = UserFactory(name="Samuel Roy")
    ListingRole.objects.create(listing=listing, user=owner)
    return owner


@pytest.fixture
def owner_client(owner):
    return signed_in(owner)
