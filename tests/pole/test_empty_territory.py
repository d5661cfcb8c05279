"""An installation begins without a territory: every page works, and forms say what is missing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from pole.models import FormerMunicipality, Mrc, Municipality
from tests.factories import ForumFactory

pytestmark = pytest.mark.django_db

PUBLIC = (
    "/", "/repertoire/", "/repertoire/?pres=J0S+1H0&rayon=10", "/repertoire/?municipalite=67050&mrc=67", "/repertoire/carte/",
    "/repertoire/carte/?zone=67", "/repertoire/portrait/", "/repertoire/acheter/", "/repertoire/export/repertoire.csv", "/forums/", "/recherche/?q=a",
    "/api/v1/municipalites/", "/priorites/", "/billets/", "/sitemap.xml",
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_territory(db):
    FormerMunicipality.objects.all().delete()
    Municipality.objects.all().delete()
    Mrc.objects.all().delete()


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_work(client, path, prefix):
    if prefix and ("api/" in path or "sitemap" in path):
        return
    assert client.get(f"{prefix}{path}").status_code == 200


def test_near_is_not_offered_where_no_distance_is_known(client):
    page = client.get("/repertoire/").content.decode()
    assert 'name="pres"' not in page
    assert "distances" in client.get("/repertoire/?pres=J0S").content.decode().lower()


@pytest.mark.parametrize("path", ["/repertoire/", "/repertoire/carte/"])
def test_directory_without_listings_blames_no_filter(client, path):
    page = client.get(path).content.decode()
    assert "Les premières fiches paraîtront ici bientôt." in page
    assert "à ces critères" not in page
    page = client.get(f"{path}?q=fromage").content.decode()
    assert "à ces critères" in page


@pytest.mark.parametrize("name", ["hub", "listing_new", "forum_new", "territory"])
def test_forms_tell_staff_what_is_missing(staff_client, name):
    query = "?genre=formations" if name == "forum_new" else ""
    page = staff_client.get(reverse(f"staff:{name}") + query).content.decode()
    assert "municipalités" in page
    if name != "territory":
        assert reverse("staff:territory") in page


def test_a_forum_goes_without_a_municipality(client):
    forum = ForumFactory()
    assert client.get(forum.get_absolute_url()).status_code == 200
