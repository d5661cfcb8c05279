"""A forum as schema.org/Event in JSON-LD, for search engines and calendars. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString

from forums.models import Forum
from pole.text.jsonld import script_json


def event_json(forum: Forum, *, base_url: str, organiser: str, region: Mapping[str, str]) -> SafeString:
    """What to put between `<script type="application/ld+json">` and its end. Moments in local time.

    `region`: `Hub.schema_region`.
    """
    status = "EventScheduled"
    if forum.cancelled_at:
        status = "EventCancelled"
    elif forum.postponed_from:
        status = "EventRescheduled"
    event: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": str(forum.shown_title),
        "url": base_url + forum.get_absolute_url(),
        "startDate": _iso_local(forum.starts_at, forum.has_hours),
        "endDate": _iso_local(forum.ends_at, forum.has_hours),
        "eventStatus": f"https://schema.org/{status}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "isAccessibleForFree": True,
        "organizer": {"@type": "Organization", "name": str(forum.shown_hosts) or organiser, "url": base_url},
    }
    if forum.shown_summary:
        event["description"] = str(forum.shown_summary)
    if forum.postponed_from:
        event["previousStartDate"] = _iso_local(forum.postponed_from, forum.has_hours)
    if forum.capacity:
        event["maximumAttendeeCapacity"] = forum.capacity
    if forum.venue or forum.municipality:
        address = {"@type": "PostalAddress", **region}
        if forum.venue_address:
            address["streetAddress"] = forum.venue_address
        if forum.municipality:
            address["addressLocality"] = forum.municipality.name
        place = forum.venue or str(forum.municipality)
        event["location"] = {"@type": "Place", "name": place, "address": address}
    return script_json(event)


def _iso_local(moment: datetime, has_hours: bool) -> str:
    local = timezone.localtime(moment)
    return local.isoformat(timespec="minutes") if has_hours else local.date().isoformat()
