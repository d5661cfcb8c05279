"""What visitors see of a hub that has just been installed: nothing of it leads nowhere."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from pole.models import Hub
from tests.factories import ForumFactory, ListingFactory, PostFactory

WELCOME = {"/": "Le portail ouvre bientôt", "/en/": "The portal opens soon"}
PUBLIC = (
    "/",
    "/billets/",
    "/repertoire/",
    "/forums/",
    "/priorites/",
    "/recherche/",
    "/compte/connexion/",
    "/nulle-part/",
)


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("described", [False, True])
def test_no_link_of_an_empty_portal_is_dead(client, db, prefix, described):
    if described:
        Hub.objects.create(
            name="Pôle des Essais", short_name="Pôle", tagline="Une phrase.", phone="+14505550100"
        )
    links = set()
    for address in PUBLIC:
        html = client.get(prefix + address).content.decode()
        links |= set(re.findall(r'href="(/[^"#?]*)', html))
    links = {link for link in links if not link.startswith(("/static/", "/media/"))}
    assert len(links) > 8
    dead = {link for link in links if client.get(link).status_code == 404}
    # An address that doesn't exist has a link to itself in the other language.
    assert dead <= {"/nulle-part/", "/en/nulle-part/"}


@pytest.mark.parametrize("address", WELCOME)
def test_home_welcomes_until_something_is_published(client, db, address):
    html = client.get(address).content.decode()
    assert (WELCOME[address] in html, html.count("<h1"), "trouver-q" in html) == (True, 1, False)
    assert "None" not in html


@pytest.mark.parametrize("make", [PostFactory, ListingFactory, ForumFactory])
def test_home_opens_with_the_first_of_anything(client, db, make):
    make()
    assert WELCOME["/"] not in client.get("/").content.decode()


def test_contact_for_security_is_an_address_that_answers(client, db):
    text = client.get("/.well-known/security.txt").content.decode()
    contact = re.search(r"Contact: https?://[^/]+(/\S*)", text)[1]
    assert client.get(contact).status_code == 200


def test_date_until_which_contact_for_security_stands_changes_with_the_day_of_the_portal(client, db):
    """Not at seven in the evening, midnight in Greenwich: its ETag and what is kept of it stand until midnight here."""
    texts = []
    for hour in (18, 20):
        with time_machine.travel(
            datetime(2026, 11, 28, hour, tzinfo=ZoneInfo("America/Montreal")), tick=False
        ):
            texts.append(client.get("/.well-known/security.txt").content.decode())
    assert "Expires: 2027-11-28T00:00:00Z" in texts[0]
    assert texts[1] == texts[0]
