"""The fictional hub of the demonstration."""

from __future__ import annotations

import csv
import random
import tomllib
from pathlib import Path

from django.core.files import File
from django.core.files.images import get_image_dimensions
from django.utils import timezone

from pole import identifiers
from pole.files import images
from pole.geo import territory
from pole.hub.mail_test import relay_in_use
from pole.models import FormerMunicipality, Hub, Municipality, Partner, Setup, TeamMember

# Facts of the Répertoire des municipalités. `key` is pole.geo.gazetteer.municipality_name_key of the name.
_HERE = Path(__file__).parent
_DATA = Path(__file__).parents[1] / "data"


def load_territory() -> None:
    """The towns of the demonstration and their former names, unless there are towns already."""
    if Municipality.objects.exists():
        return
    file = territory.read_file((_DATA / "territory.csv").read_bytes())
    territory.apply_changes(territory.find_changes(file), is_in_territory=True)
    with (_DATA / "former_towns.csv").open(encoding="utf-8", newline="") as towns:
        former = {row["key"]: row for row in csv.DictReader(towns) if row["code"] in file.rows}
    FormerMunicipality.objects.bulk_create(
        FormerMunicipality(key=key, name=row["name"], municipality_id=row["code"])
        for key, row in former.items()
    )


def seed(*, scale: int, rng: random.Random) -> None:
    """Writes the territory of the demonstration and the hub of hub.toml, unless there is a hub already.

    Its first steps are done.
    """
    if Hub.objects.exists():
        return
    load_territory()
    _mail_has_arrived()
    whole = tomllib.loads((_HERE / "hub.toml").read_text(encoding="utf-8"))
    data = whole["hub"]
    officer = data["privacy_officer"]
    phone, extension = identifiers.parse_phone(data["phone"])
    Hub.objects.create(
        **{
            field: data[field]
            for field in (
                "name", "name_en", "short_name", "tagline", "tagline_en", "headline", "headline_en", "team", "team_en", "primary_colour",
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
    for position, member in enumerate(data["members"]):
        phone, extension = identifiers.parse_phone(member["phone"])
        known = {**member, "phone": phone, "phone_extension": extension}
        TeamMember.objects.create(**known, position=position)
    _write_partners(whole["partners"])


def _write_partners(partners: list[dict[str, str]]) -> None:
    for position, partner in enumerate(partners, start=1):
        name = partner["logo"]
        with (_HERE / "partners" / f"{name}.webp").open("rb") as file:
            width, height = get_image_dimensions(file)
            Partner.objects.create(
                name=partner["name"],
                name_en=partner.get("name_en", ""),
                address=f"https://{name}.example/",
                logo=File(file, images.random_name(images.EXTENSION)),
                width_px=width or 1,
                height_px=height or 1,
                position=position,
            )


def _mail_has_arrived() -> None:
    """The console of a demonstration is its relay: whoever looks at it receives everything."""
    relay = relay_in_use()
    received = {"mail_received_at": timezone.now(), "mail_received_by_relay": relay}
    Setup.objects.update_or_create(id=1, defaults=received)
