"""The fictional hub of the demonstration."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

from pole import identifiers
from pole.models import Hub


def seed(*, scale: int, rng: random.Random) -> None:
    """Writes the hub of hub.toml, unless there is a hub already."""
    if Hub.objects.exists():
        return
    data = tomllib.loads((Path(__file__).parent / "hub.toml").read_text(encoding="utf-8"))["hub"]
    officer = data["privacy_officer"]
    phone, extension = identifiers.parse_phone(data["phone"])
    hub = Hub.objects.create(
        **{
            field: data[field]
            for field in (
                "name", "name_en", "short_name", "tagline", "tagline_en", "team", "team_en", "primary_colour",
                "accent_colour", "postal_code", "email", "opening_hours", "opening_hours_en",
            )
        },
        street=", ".join(data["address_lines"]),
        municipality_id=data["municipality"],
        phone=phone,
        phone_extension=extension,
        privacy_officer=f"{officer['title']}, {officer['name']}",
        privacy_officer_en=f"{officer['title_en']}, {officer['name']}",
        privacy_email=officer["email"],
    )  # fmt: skip
    hub.territory.set(data["territory"])
