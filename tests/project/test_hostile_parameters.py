"""Whatever an address asks for: an answer that the portal means to give, never an unforeseen error."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from enterprises.models import Listing
from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.project.test_access_matrix import (  # noqa: F401 - fixtures
    address_of,
    arguments,
    every_name,
)

# As they are written in the address.
HOSTILE = (
    "%00", "a", "%ff", "%ed%a0%80", "-1", "%C2%B2", "9" * 30, "1e999", "%27%22%3C%25_%5C", "x" * 3000, "2026-13-45", "1,2;3",
    "%0D%0AX-A:%20b", "",
)  # fmt: skip
# What the portal means by: found, led elsewhere, not read, not there, not sent so, gone.
MEANT = {200, 302, 301, 304, 400, 401, 403, 404, 405, 409, 410, 422, 429}


class Recorded:
    """The names that views ask of the query, whether it has them or not."""

    def __init__(self, monkeypatch):
        self.names: set[str] = set()
        for method in ("__getitem__", "getlist", "__contains__", "get"):
            monkeypatch.setattr(QueryDict, method, self._noting(getattr(QueryDict, method)))

    def _noting(self, ask):
        def noting(query, name, *default, **more):
            if isinstance(name, str) and len(name) <= 30:
                self.names.add(name)
            return ask(query, name, *default, **more)

        return noting


def answer(client, address):
    """Undone: an address changes nothing of what another is asked."""
    with transaction.atomic():
        response = client.get(address)
        status = response.status_code
        b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize("role", ["visitor", "superuser"])
def test_no_value_of_any_parameter_is_an_unforeseen_error(arguments, monkeypatch, role):  # noqa: F811 - a fixture
    recorded, wrong, asked = Recorded(monkeypatch), [], 0
    person = UserFactory(is_staff=True, is_superuser=True) if role == "superuser" else None
    cookies = signed_in(person, second_factor=True).cookies.output(header="", sep=";") if person else ""
    for name, takes in every_name():
        address = address_of(name, takes, arguments)
        recorded.names.clear()
        known: set[str] = set()
        client = Client(raise_request_exception=False)
        client.cookies = SimpleCookie(cookies)
        answer(client, address)
        # What one parameter makes a view read is tried too.
        while new := recorded.names - known - {"inconnu"} or (set() if known else {"inconnu"}):
            known |= new
            for parameter in sorted(new):
                for value in HOSTILE if parameter != "inconnu" else HOSTILE[:3]:
                    asked += 1
                    status = answer(client, f"{address}?{parameter}={value}")
                    if status not in MEANT:
                        wrong.append(f"{name} ?{parameter}={value[:20]}: {status}")
    assert wrong == [], "\n".join(wrong)
    assert asked > 2000


@pytest.mark.parametrize("role", ["visitor", "superuser"])
def test_no_part_of_a_path_is_an_unforeseen_error(arguments, role):  # noqa: F811 - a fixture
    wrong, asked = [], 0
    client = Client(raise_request_exception=False)
    if role == "superuser":
        client = signed_in(UserFactory(is_staff=True, is_superuser=True), second_factor=True)
        client.raise_request_exception = False
    for name, takes in every_name():
        address = address_of(name, takes, arguments)
        for value in map(str, arguments[name].values()) if takes else ():
            for hostile in filter(None, HOSTILE):
                # A path ends where a query begins: nothing here does.
                tried = address.replace(f"/{value}", f"/{hostile}", 1)
                asked += 1
                status = answer(client, tried)
                if status not in MEANT:
                    wrong.append(f"{tried[-80:]}: {status}")
    assert wrong == [], "\n".join(wrong)
    assert asked > 500


def test_what_no_text_holds_is_the_fault_of_who_sends_it(db, monkeypatch):
    """Past every form, at the depth where it would fail."""
    monkeypatch.setattr(
        "enterprises.views.mentions._render", lambda *_given, **_more: Listing.objects.get(slug="\x00")
    )
    assert Client(raise_request_exception=False).get("/repertoire/mentionner/").status_code == 400
