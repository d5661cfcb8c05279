"""/.well-known/security.txt, by RFC 9116: what a stranger who found a fault reads."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from pole.models import Hub

ADDRESS = "/.well-known/security.txt"


def fields(client):
    """Each line is a field, of one name and one value."""
    response = client.get(ADDRESS)
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = [
        re.fullmatch(r"([A-Z][A-Za-z-]+): (\S.*\S)", line) for line in response.content.decode().splitlines()
    ]
    assert all(lines), response.content
    return [(line[1], line[2]) for line in lines]


def hub_at(email):
    hub = Hub.objects.get_or_create()[0]
    hub.email = email
    hub.save()


def test_it_has_each_field_once(client, db):
    hub_at("info@exemple.example")
    found = fields(client)
    assert [name for name, _value in found] == ["Contact", "Expires", "Preferred-Languages", "Canonical"]
    values = dict(found)
    assert values["Contact"] == "mailto:info@exemple.example"
    assert values["Preferred-Languages"] == "fr, en"
    assert values["Canonical"] == settings.BASE_URL + ADDRESS


def test_it_is_good_for_less_than_a_year_from_any_day(client, db):
    expires = datetime.strptime(dict(fields(client))["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=300) < expires - timezone.now() < timedelta(days=366)


@pytest.mark.parametrize(
    ("email", "contact"),
    [
        ("o'brien+secur@exemple.example", "mailto:o'brien+secur@exemple.example"),
        ("a&b@exemple.example", "mailto:a%26b@exemple.example"),
        ("", f"{settings.BASE_URL}/"),
    ],
)
def test_contact_is_an_address_that_programs_read(client, db, email, contact):
    hub_at(email)
    assert dict(fields(client))["Contact"] == contact
