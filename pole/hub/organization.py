"""The hub as schema.org’s Organization, on its home page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString

from pole.models import Hub
from pole.text.jsonld import script_json


def organization_id() -> str:
    """By which the pages of the portal name it to machines."""
    return f"{settings.BASE_URL}/#organization"


def organization_data(hub: Hub) -> SafeString:
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "@id": organization_id(),
        "name": hub.name,
        "alternateName": [name for name in (hub.short_name, hub.name_en) if name and name != hub.name],
        "description": hub.tagline,
        "url": f"{settings.BASE_URL}/",
        "logo": f"{settings.BASE_URL}{hub.logo.url}" if hub.logo else "",
        "email": hub.email,
        "telephone": hub.phone,
        "address": _address(hub),
    }
    return script_json({key: value for key, value in data.items() if value})


def _address(hub: Hub) -> dict[str, str]:
    if not hub.municipality_id:
        return {}
    parts: dict[str, str] = {
        "streetAddress": hub.street,
        "addressLocality": str(hub.municipality),
        "postalCode": hub.postal_code,
    }
    return (
        {"@type": "PostalAddress"}
        | hub.schema_region()
        | {key: value for key, value in parts.items() if value}
    )
