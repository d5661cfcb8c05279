"""What PostgreSQL refuses, as a page: by its own codes, raised by PostgreSQL itself."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from tests.factories import PageFactory

AGAIN = "Le site revient dans un instant"
BUSY = "Quelqu’un d’autre modifie cela en ce moment"
NO_WRITING = "Rien ne peut être enregistré en ce moment"
PAGES = {
    "55P03": (409, BUSY),  # lock_timeout
    "40P01": (409, BUSY),  # deadlock
    "40001": (409, BUSY),  # could not serialise
    "57014": (503, AGAIN),  # statement_timeout
    "57P01": (503, AGAIN),  # the server is shutting down
    "53300": (503, AGAIN),  # too many connections
    "53200": (503, AGAIN),  # out of memory
    "25P03": (503, AGAIN),  # idle too long in a transaction
    "53100": (503, NO_WRITING),  # disk full
    "25006": (503, NO_WRITING),  # a standby server
    "XX000": (500, ""),  # anything else is a fault of ours
}


@pytest.fixture(autouse=True)
def _pages(db):
    for slug in ("a-propos", "contact", "confidentialite", "accessibilite"):
        PageFactory(slug=slug)


@pytest.mark.parametrize("code", PAGES)
def test_page_of_what_the_database_refuses(monkeypatch, code):
    def refused(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute(f"DO $$BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END$$")

    monkeypatch.setattr("pole.caching.public_pages.read_versions", refused)
    response = Client(raise_request_exception=False).get("/")
    status, title = PAGES[code]
    assert response.status_code == status
    assert title in response.content.decode()
    assert ("Retry-After" in response.headers) == bool(title)
