"""What an activity says of itself to search engines, by kind."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest
from django.utils import timezone

from forums.models import ActivityProposal, Forum, Kind, Mode, Session
from tests.factories import ForumFactory, ListingFactory
from tests.forums.events_data import faults

SECRET = "https://reunion.example/salle-9"


def activity(**changes):
    kind = changes.setdefault("kind", "training")
    return ForumFactory(**{"has_participation": kind == "forum"} | changes)


def described(client, forum, prefix=""):
    text = client.get(prefix + forum.get_absolute_url()).content.decode()
    assert "reunion.example" not in text
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)[1])


def kind_of(kind):
    return {"training": "EducationEvent", "webinar": "EducationEvent", "assembly": "BusinessEvent",
            "meeting": "SocialEvent"}.get(kind, "Event")  # fmt: skip


@pytest.mark.parametrize(("kind", "mode"), list(product(Kind.values, Mode.values)))
def test_every_kind_and_mode_is_one_that_search_engines_take(client, db, kind, mode):
    is_placed = (
        {"venue": "La grange", "venue_address": "1, rue du Rang"} if mode != "online" else {"venue": ""}
    )
    forum = activity(kind=kind, mode=mode, online_link=SECRET, municipality_id="67050", **is_placed)
    found = described(client, forum)
    assert faults(found) == []
    assert found["@type"] == kind_of(kind)
    places = found["location"] if isinstance(found["location"], list) else [found["location"]]
    virtual = [place["url"] for place in places if place["@type"] == "VirtualLocation"]
    assert virtual == ([found["url"]] if mode != "in_person" else [])


@pytest.mark.parametrize(
    ("price", "is_free", "offer"),
    [(None, None, None), (Decimal(0), True, "0.00"), (Decimal(45), False, "45.00"), (Decimal("12.5"), False, "12.50")],
)  # fmt: skip
def test_price_is_said_in_dollars_or_not_at_all(client, db, price, is_free, offer):
    found = described(client, activity(price=price))
    assert faults(found) == []
    assert found.get("isAccessibleForFree") is is_free
    assert (found.get("offers") or {}).get("price") == offer


def test_a_forum_is_free_without_saying_a_price(client, db):
    assert described(client, activity(kind="forum"))["isAccessibleForFree"] is True


def test_what_is_full_is_sold_out_and_is_had_where_one_registers(client, db):
    forum = activity(price=20, is_full=True, registration_link="https://partenaire.example/inscription")
    offer = described(client, forum)["offers"]
    assert offer["availability"].endswith("SoldOut")
    assert offer["url"] == "https://partenaire.example/inscription"
    Forum.objects.update(is_full=False, registration_link="")
    offer = described(client, forum)["offers"]
    assert offer["availability"].endswith("InStock")
    assert offer["url"].endswith(forum.get_absolute_url())


@pytest.mark.parametrize(("spoken", "said"), [("fr", "fr-CA"), ("en", "en-CA"), ("both", ["fr-CA", "en-CA"])])
def test_language_and_trainer_are_said(client, db, spoken, said):
    found = described(client, activity(spoken_language=spoken, trainer="Rosalie Chartrand"))
    assert found["inLanguage"] == said
    assert found["performer"] == {"@type": "Person", "name": "Rosalie Chartrand"}


def test_a_series_says_each_of_its_sessions(client, db):
    forum = activity(
        mode="both", venue="La grange", venue_address="1, rue du Rang", trainer="Rosalie Chartrand"
    )
    start = forum.starts_at
    rows = [
        {"title": "Un", "title_en": "One", "trainer": "Ali Benali", "online_link": SECRET},
        {"cancelled_at": timezone.now(), "venue": "La gare"},
        {},
    ]
    for n, row in enumerate(rows):
        begins = start + timedelta(weeks=n)
        Session.objects.create(
            forum=forum, position=n + 1, starts_at=begins, ends_at=begins + timedelta(hours=2), **row
        )
    found = described(client, forum)
    assert faults(found) == []
    one, two, three = found["subEvent"]
    assert [part["name"] for part in (one, two, three)] == ["Un", forum.title, forum.title]
    assert one["performer"]["name"] == "Ali Benali"
    assert three["performer"]["name"] == "Rosalie Chartrand"
    assert [part["eventStatus"].endswith("Cancelled") for part in (one, two, three)] == [False, True, False]
    assert two["location"][0]["name"] == "La gare"
    # The street of another venue is not its own.
    assert "streetAddress" not in two["location"][0]["address"]
    assert one["location"][0]["address"]["streetAddress"] == "1, rue du Rang"
    assert described(client, forum, "/en")["subEvent"][0]["name"] == "One"
    Forum.objects.update(cancelled_at=timezone.now())
    assert all(part["eventStatus"].endswith("Cancelled") for part in described(client, forum)["subEvent"])


@pytest.mark.parametrize(
    ("state", "listing_state", "is_organiser"),
    [("accepted", "published", True), ("accepted", "archived", False), ("withdrawn", "published", False)],
)
def test_whoever_proposed_it_is_its_organiser(client, db, state, listing_state, is_organiser):
    listing = ListingFactory(name="La Ruche", state=listing_state)
    forum = activity(kind="open_day", hosts="Des voisins")
    ActivityProposal.objects.create(
        forum=forum, listing=listing, key=uuid.uuid4(), state=state, answered_at=timezone.now()
    )
    found = described(client, forum)
    assert faults(found) == []
    assert found["organizer"]["name"] == ("La Ruche" if is_organiser else "Des voisins")
    assert found["organizer"]["url"].endswith(listing.get_absolute_url()) is is_organiser


def test_a_place_that_nobody_knows_yet_is_in_the_region(client, db):
    found = described(client, activity(venue="", municipality=None))
    assert faults(found) == []
    assert found["location"]["address"]["addressRegion"] == "QC"


def test_moved_and_cancelled_are_said(client, db):
    forum = activity(kind="visit", postponed_from=timezone.now() - timedelta(days=3))
    assert faults(described(client, forum)) == []
    assert described(client, forum)["eventStatus"].endswith("EventRescheduled")
    Forum.objects.update(cancelled_at=timezone.now())
    found = described(client, forum)
    assert faults(found) == []
    assert found["eventStatus"].endswith("EventCancelled")


@pytest.mark.any_hour("pure")
@pytest.mark.parametrize(
    "change",
    [
        {"name": ""}, {"startDate": "demain"}, {"location": {"@type": "Place", "name": "X"}}, {"location": []},
        {"eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode"},
        {"eventStatus": "https://schema.org/EventRescheduled"}, {"offers": {"price": "gratuit"}},
        {"performer": {"@type": "Person", "name": ""}}, {"description": None}, {"organizer": None},
        {"subEvent": [{"name": "X"}]},
    ],
)  # fmt: skip
def test_the_validator_sees_what_is_wrong(change):
    right = {
        "@context": "https://schema.org", "@type": "Event", "name": "X", "url": "https://pole.example/x/",
        "startDate": "2026-11-07T09:00-05:00", "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {"@type": "Place", "name": "X", "address": {"@type": "PostalAddress"}},
        "organizer": {"name": "Pôle"},
    }  # fmt: skip
    assert faults(right) == []
    assert faults(right | change) != []
