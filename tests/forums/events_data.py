"""What search engines ask of an event in JSON-LD, and whether it has it: developers.google.com/search, “Event structured data”."""

from __future__ import annotations

import re
from typing import Any

SCHEMA = "https://schema.org/"
TYPES = {"Event", "EducationEvent", "BusinessEvent", "SocialEvent"}
STATUSES = {f"{SCHEMA}Event{word}" for word in ("Scheduled", "Cancelled", "Rescheduled")}
MODES = {f"{SCHEMA}{word}EventAttendanceMode" for word in ("Offline", "Online", "Mixed")}
# The moment of an hour has its offset; a day alone has none.
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?[+-]\d{2}:\d{2})?")
ADDRESS = re.compile(r"https?://[^\s/]+/\S*|https?://[^\s/]+")


def faults(event: dict[str, Any], *, is_part: bool = False) -> list[str]:
    """In words; none of one that may be shown as an event."""
    found = [] if is_part or event.get("@context") == "https://schema.org" else ["no context"]
    found += [f"unknown type {event.get('@type')}"] * (event.get("@type") not in TYPES)
    found += ["no name"] * (not event.get("name"))
    found += [f"{name} is no address" for name in ("url",) if not ADDRESS.fullmatch(event.get(name, ""))]
    found += _faults_of_dates(event)
    found += ["unknown status"] * (event.get("eventStatus") not in STATUSES)
    found += _faults_of_places(event)
    found += _faults_of_offer(event)
    if "performer" in event and not (event["performer"].get("@type") and event["performer"].get("name")):
        found.append("a performer is a person with a name")
    if not is_part and not (event.get("organizer") or {}).get("name"):
        found.append("no organiser")
    found += [f"{path} is empty" for path in _empty(event)]
    for part in event.get("subEvent", ()):
        found += [f"part: {each}" for each in faults(part, is_part=True)]
    return found


def _faults_of_dates(event: dict[str, Any]) -> list[str]:
    names = [
        name for name in ("startDate", "endDate", "previousStartDate") if name in event or name == "startDate"
    ]
    found = [f"{name} is no moment" for name in names if not MOMENT.fullmatch(event.get(name, ""))]
    is_moved = event.get("eventStatus") == f"{SCHEMA}EventRescheduled"
    return found + ["moved, and from when?"] * (is_moved and "previousStartDate" not in event)


def _faults_of_places(event: dict[str, Any]) -> list[str]:
    places = event.get("location", [])
    places = places if isinstance(places, list) else [places]
    kinds = sorted(place.get("@type", "") for place in places)
    expected = {
        f"{SCHEMA}OfflineEventAttendanceMode": ["Place"],
        f"{SCHEMA}OnlineEventAttendanceMode": ["VirtualLocation"],
        f"{SCHEMA}MixedEventAttendanceMode": ["Place", "VirtualLocation"],
    }
    found = ["unknown mode"] * (event.get("eventAttendanceMode") not in MODES)
    found += [f"places {kinds}"] * (kinds != expected.get(event.get("eventAttendanceMode", "")))
    found += ["a place has no address"] * any(
        p["@type"] == "Place" and not (p.get("address") or {}).get("@type") for p in places
    )
    return found + ["nowhere online"] * any(
        p["@type"] == "VirtualLocation" and not ADDRESS.fullmatch(p.get("url", "")) for p in places
    )


def _faults_of_offer(event: dict[str, Any]) -> list[str]:
    offer = event.get("offers")
    if offer is None:
        return []
    found = ["a price in figures"] * (not re.fullmatch(r"\d+(\.\d{2})?", offer.get("price", "")))
    found += ["no currency"] * (offer.get("priceCurrency") != "CAD")
    found += ["nowhere to take it"] * (not ADDRESS.fullmatch(offer.get("url", "")))
    found += ["unknown availability"] * (
        offer.get("availability") not in {f"{SCHEMA}InStock", f"{SCHEMA}SoldOut"}
    )
    is_zero = not offer.get("price", "").strip("0.")
    return found + ["free, and at a price"] * (event.get("isAccessibleForFree") is not is_zero)


def _empty(value: Any, path: str = "") -> list[str]:
    if isinstance(value, dict):
        return [each for name, inner in value.items() for each in _empty(inner, f"{path}.{name}")]
    if isinstance(value, list):
        return [each for inner in value for each in _empty(inner, path)] or ([path] if not value else [])
    return [path] if value in ("", None) else []
