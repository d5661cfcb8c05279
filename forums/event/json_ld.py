"""An activity as schema.org/Event in JSON-LD, for search engines and calendars. Pure.

What search engines ask of it: name, dates and a place, at least. The link to take part online is never there: the place of
what happens online is the page of the activity, where people register.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from forums.models import Forum, Kind, Mode, Session, SpokenLanguage
from pole.text.jsonld import script_json

SCHEMA = "https://schema.org"
# Others are events of no narrower type.
_TYPES = {
    Kind.TRAINING: "EducationEvent",
    Kind.WEBINAR: "EducationEvent",
    Kind.ASSEMBLY: "BusinessEvent",
    Kind.MEETING: "SocialEvent",
}
_MODES = {Mode.IN_PERSON: "Offline", Mode.ONLINE: "Online", Mode.BOTH: "Mixed"}
_LANGUAGES: dict[str, str | list[str]] = {
    SpokenLanguage.FRENCH: "fr-CA",
    SpokenLanguage.ENGLISH: "en-CA",
    SpokenLanguage.BOTH: ["fr-CA", "en-CA"],
}


@dataclass(frozen=True, slots=True)
class Organiser:
    """`url`: the whole address of its page."""

    name: str
    url: str


def event_json(
    forum: Forum,
    *,
    base_url: str,
    organiser: Organiser,
    region: Mapping[str, str],
    sessions: Iterable[Session] = (),
) -> SafeString:
    """What to put between `<script type="application/ld+json">` and its end. Moments in local time.

    `organiser`: whoever proposed it, else the hub. `region`: `Hub.schema_region`.
    """
    url = base_url + forum.get_absolute_url()
    event: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": _TYPES.get(Kind(forum.kind), "Event"),
        "name": str(forum.shown_title),
        "url": url,
        **_dates(forum),
        "eventStatus": f"{SCHEMA}/{_status(forum)}",
        "eventAttendanceMode": f"{SCHEMA}/{_MODES[Mode(forum.mode)]}EventAttendanceMode",
        "inLanguage": _LANGUAGES[forum.spoken_language],
        "organizer": {"@type": "Organization", "name": organiser.name, "url": organiser.url},
        **_price(forum, url),
    }
    if forum.shown_summary:
        event["description"] = str(forum.shown_summary)
    if forum.postponed_from:
        event["previousStartDate"] = _iso_local(forum.postponed_from, forum.has_hours)
    if forum.capacity:
        event["maximumAttendeeCapacity"] = forum.capacity
    if forum.trainer:
        event["performer"] = _person(forum.trainer)
    if location := _location(forum, url, forum.venue, region):
        event["location"] = location
    if held := [_session(forum, session, url, region) for session in sessions]:
        event["subEvent"] = held
    return script_json(event)


def _status(forum: Forum) -> str:
    if forum.cancelled_at:
        return "EventCancelled"
    return "EventRescheduled" if forum.postponed_from else "EventScheduled"


def _dates(held: Forum | Session) -> dict[str, str]:
    return {
        "startDate": _iso_local(held.starts_at, held.has_hours),
        "endDate": _iso_local(held.ends_at, held.has_hours),
    }


def _price(forum: Forum, url: str) -> dict[str, Any]:
    """Nothing, of what says no price; a forum always is free."""
    if forum.price is None and not forum.is_forum:
        return {}
    facts: dict[str, Any] = {"isAccessibleForFree": not forum.price}
    if forum.price is None:
        return facts
    offer = {
        "@type": "Offer",
        "price": f"{forum.price:.2f}",
        "priceCurrency": "CAD",
        "url": forum.registration_link or url,
        "availability": f"{SCHEMA}/{'SoldOut' if forum.is_full else 'InStock'}",
    }
    opens = forum.registration_opens_at or forum.announced_at
    if opens:
        offer["validFrom"] = _iso_local(opens, has_hours=True)
    return {**facts, "offers": offer}


def _person(name: str) -> dict[str, str]:
    return {"@type": "Person", "name": name}


def _location(forum: Forum, url: str, venue: str, region: Mapping[str, str]) -> Any:
    """The place, or the page where one takes part, or both; of a place that nobody knows yet, the region."""
    online = {"@type": "VirtualLocation", "url": url}
    if forum.mode == Mode.ONLINE:
        return online
    address = {"@type": "PostalAddress", **region}
    # The street is that of the venue of the activity alone.
    if forum.venue_address and venue == forum.venue:
        address["streetAddress"] = forum.venue_address
    if forum.municipality:
        address["addressLocality"] = forum.municipality.name
    place: dict[str, Any] = {"@type": "Place", "address": address}
    if name := venue or (str(forum.municipality) if forum.municipality else ""):
        place["name"] = name
    elif not region:
        place = {}
    if forum.mode == Mode.BOTH:
        return [place, online] if place else online
    return place


def _session(forum: Forum, session: Session, url: str, region: Mapping[str, str]) -> dict[str, Any]:
    is_off = session.cancelled_at or forum.cancelled_at
    held: dict[str, Any] = {
        "@type": _TYPES.get(Kind(forum.kind), "Event"),
        "name": str(session.shown_title) or str(forum.shown_title),
        "url": url,
        **_dates(session),
        "eventStatus": f"{SCHEMA}/{'EventCancelled' if is_off else 'EventScheduled'}",
        "eventAttendanceMode": f"{SCHEMA}/{_MODES[Mode(forum.mode)]}EventAttendanceMode",
    }
    if location := _location(forum, url, session.venue or forum.venue, region):
        held["location"] = location
    if trainer := session.trainer or forum.trainer:
        held["performer"] = _person(trainer)
    return held


def _iso_local(moment: datetime, has_hours: bool) -> str:
    local = timezone.localtime(moment)
    return local.isoformat(timespec="minutes") if has_hours else local.date().isoformat()
