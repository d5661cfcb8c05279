"""Listings that lack a sector, a legal form or a mission, as an import leaves them: nothing blank is shown."""

from __future__ import annotations

import re

import pytest

from tests.factories import ListingFactory, SectorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare(db):
    return ListingFactory(name="Nue", legal_form="", mission="", sectors=[])


def blanks(page):
    """Elements of text that hold nothing."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.findall(r"<(?:p|li|ul|dd|dt|h[1-6]|summary|option)\b(?![^>]*role=)[^>]*>\s*</", main)


def test_listing_says_that_its_form_is_not_stated(client, bare):
    page = client.get(bare.get_absolute_url()).content.decode()
    assert "Forme juridique non précisée" in page
    assert blanks(page) == []
    assert "Secteurs" not in page[page.index("<main") : page.index("</main>")]


@pytest.mark.parametrize(
    "address", ["/repertoire/", "/repertoire/acheter/", "/repertoire/carte/", "/repertoire/portrait/"]
)
def test_pages_of_the_directory_have_nothing_blank(client, bare, address):
    assert blanks(client.get(address).content.decode()) == []
    ListingFactory(sectors=[SectorFactory()])
    assert blanks(client.get(address).content.decode()) == []


def test_facets_without_options_are_not_shown(client, bare):
    page = client.get("/repertoire/").content.decode()
    assert 'id="facette-mrc"' in page
    for name in ("secteur", "forme", "achat", "langue", "dessert"):
        assert f'id="facette-{name}"' not in page
