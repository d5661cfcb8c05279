from __future__ import annotations

import re

import pytest

from pole.views import for_programs
from tests.factories import ListingFactory
from tests.kept_beside import kept

pytestmark = pytest.mark.django_db


def test_a_large_sitemap_is_cut_and_holds_everything_once(client, monkeypatch):
    for _ in range(7):
        ListingFactory()
    whole = re.findall("<url><loc>([^<]+)<", client.get("/sitemap.xml").content.decode())
    monkeypatch.setattr(for_programs, "MAX_SITEMAP_ENTRIES", 4)
    # As in a process that never knew another size.
    kept.start()
    index = client.get("/sitemap.xml").content.decode()
    parts = re.findall("<sitemap><loc>[^<]+(/sitemap.xml[^<]+)<", index)
    assert len(parts) == -(-len(whole) // 4)
    found = [
        address
        for part in parts
        for address in re.findall("<url><loc>([^<]+)<", client.get(part).content.decode())
    ]
    assert found == whole
    for wrong in ("0", "99", "x", "-1", "99999"):
        assert client.get(f"/sitemap.xml?partie={wrong}").status_code == 404


@pytest.mark.parametrize(("size", "is_index"), [(6, True), (7, False), (8, False)])
def test_it_is_cut_only_when_it_must_be(client, monkeypatch, size, is_index):
    addresses = len(re.findall("<url>", client.get("/sitemap.xml").content.decode()))
    for _ in range(7 - addresses):
        ListingFactory()
    if addresses <= 7:
        monkeypatch.setattr(for_programs, "MAX_SITEMAP_ENTRIES", size)
        # As in a process that never knew another size.
        kept.start()
        assert ("<sitemapindex" in client.get("/sitemap.xml").content.decode()) is is_index
