"""The server of map tiles that staff name: a host alone, whatever is typed, in the form, the policy and the database."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse

from pole.hub.tiles import clean_tile_host, let_tiles_in
from pole.models import Hub

HOSTS = {
    "tile.openstreetmap.org": "tile.openstreetmap.org",
    " https://Tile.OpenStreetMap.org/ ": "tile.openstreetmap.org",
    "https://cartes.québec": "cartes.xn--qubec-csa",
    "tuiles.pôle.example": "tuiles.xn--ple-kna.example",
    "": "",
    "   ": "",
}
REFUSED = [
    "http://tile.example.org", "//tile.example.org", "ftp://tile.example.org", "javascript:alert(1)", "data:image/png,x",
    "*.example.org", "https://*.example.org", "https:", "https://", "*", "'self'", "'unsafe-inline'", "tile.example.org; script-src *",
    "tile.example.org 'unsafe-inline'", "tile.example.org https://other.example", "tile.example.org,other.example", 'a".example.org',
    "https://tile.example.org/{z}/{x}/{y}.png", "https://tile.example.org?key=1", "https://tile.example.org/?", "https://tile.example.org#a",
    "https://user:password@tile.example.org", "https://tile.example.org:8443", "localhost", "10.0.0.1", "https://127.0.0.1/", "[::1]",
    "https://[::1]/", "-tile.example.org", "tile-.example.org", "tile..example.org", ".example.org", "tile.example.org.", "a" * 64 + ".example.org",
    "a." * 130 + "org", "tile.example.org\nscript-src *", "tile.example.org\\x", "tile.example.0rg", "https://tile.example.org%00", "tile_1.example.org",
]  # fmt: skip


@pytest.mark.parametrize(("typed", "host"), HOSTS.items())
def test_a_host_is_read_out_of_what_people_type(typed, host):
    assert clean_tile_host(typed) == host


@pytest.mark.parametrize("typed", REFUSED)
def test_anything_more_is_refused(typed):
    with pytest.raises(ValidationError):
        clean_tile_host(typed)


@pytest.mark.parametrize("host", [each for each in REFUSED if "://" not in each])
def test_policy_looks_again(host):
    """Whatever a row may hold."""
    response = HttpResponse()
    with pytest.raises(ValidationError):
        let_tiles_in(response, host)
    assert "Content-Security-Policy" not in response.headers


@pytest.mark.django_db
@pytest.mark.parametrize("host", [each for each in REFUSED if "://" not in each and len(each) < 200])
def test_database_holds_no_other(host):
    with pytest.raises(IntegrityError), transaction.atomic():
        Hub.objects.update_or_create(pk=1, defaults={"tile_host": host, "tile_credit": "© Cartes"})


@pytest.mark.django_db
def test_a_server_has_its_credit():
    with pytest.raises(IntegrityError), transaction.atomic():
        Hub.objects.update_or_create(pk=1, defaults={"tile_host": "tile.example.org", "tile_credit": ""})
