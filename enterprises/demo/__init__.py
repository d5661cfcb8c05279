"""The demonstration directory: written listings, and as many made-up ones as a bench asks for."""

from __future__ import annotations

import math
import random
import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import connection
from django.db.models import Max
from psycopg import sql

from accounts.models import User
from enterprises.demo import pending
from enterprises.demo.generating import fake_neq, plausible_rows, supplies_of
from enterprises.listing.attachments import add_photo
from enterprises.models import Listing, ListingRole, Sector
from pole import identifiers
from pole.demo.pictures import read_picture
from pole.files.stored import atomic_with_files
from pole.models import Municipality
from pole.text import richtext
from pole.text.bilingual import ENGLISH, FRENCH
from pole.text.slugs import unused_slug

HERE = Path(__file__).parent
WRITTEN = HERE / "listings.toml"
OWNER_EMAIL = "entreprise@pole.example"
# What the file says as the listing stores it.
AS_WRITTEN = {
    "name", "other_names", "legal_form", "founded", "mission", "mission_en", "products", "products_en", "street",
    "postal_code", "email", "website", "opening_hours", "workforce", "languages", "licences", "social_links",
    "quote_contact",
}  # fmt: skip
# From this many rows on, rebuilding the indexes is faster than updating them.
BULK_THRESHOLD = 5_000


def seed(*, scale: int, rng: random.Random) -> None:
    """The written listings; with a larger `scale`, plausible ones beside them until there are so many.

    Run again, it adds what is missing and changes nothing else.
    """
    with WRITTEN.open("rb") as file:
        written: list[dict[str, Any]] = tomllib.load(file)["listing"]
    with atomic_with_files():
        sectors = {sector.slug: sector.pk for sector in Sector.objects.all()}
        for position, row in enumerate(written):
            _add_written(row, position, sectors)
        _add_owner_of_first(written[0]["name"])
        pending.seed(managed=written[0]["name"], claimed=written[3]["name"], wrong=written[6]["name"])
        missing = scale - Listing.objects.count()
        if missing > 0:
            _add_plausible(written, missing, sectors, rng)


def _add_written(row: dict[str, Any], position: int, sectors: dict[str, int]) -> None:
    if Listing.objects.filter(name=row["name"]).exists():
        return
    number, extension = identifiers.parse_phone(row["phone"])
    latitude, longitude = _position(row, position)
    listing = Listing.objects.create(
        latitude=latitude,
        longitude=longitude,
        slug=unused_slug(row["name"], Listing.objects.all(), fallback="fiche"),
        neq=fake_neq(position),
        description=richtext.clean_html(row["description"], language=FRENCH),
        description_en=richtext.clean_html(row.get("description_en", ""), language=ENGLISH),
        municipality_id=row["municipality"],
        phone=number,
        phone_extension=extension or row.get("phone_extension", ""),
        supplies=row.get("supplies", supplies_of(row["sectors"])),
        verified_on=_not_in_future(row.get("verified_on")),
        logo=read_picture(HERE / "logos", row["logo"]).as_file() if "logo" in row else "",
        **{name: value for name, value in row.items() if name in AS_WRITTEN},
    )
    listing.sectors.set([sectors[slug] for slug in row["sectors"]])
    listing.territory.set(row["territory_served"])
    if "photo" in row:
        photo = read_picture(HERE / "photos", row["photo"])
        add_photo(listing_id=listing.pk, photo=photo, description=row["photo_description"])


def _position(row: dict[str, Any], position: int) -> tuple[Decimal | None, Decimal | None]:
    """Of three out of four addresses: somewhere in the town, as invented as the street, each elsewhere than its neighbours."""
    town = Municipality.objects.get(code=row["municipality"])
    if not row.get("street") or position % 4 == 3 or town.latitude is None or town.longitude is None:
        return None, None
    # Turned by the golden angle, no two directions come near each other.
    turned, km = math.radians(137.5 * position), 0.4 + 0.25 * (position % 5)
    north, east = km * math.cos(turned) / 111.2, km * math.sin(turned) / 78.4
    return town.latitude + round(Decimal(north), 5), town.longitude + round(Decimal(east), 5)


def _not_in_future(day: date | None) -> date | None:
    return min(day, date.today()) if day else None  # noqa: DTZ011 - a day, wherever it is


def _add_owner_of_first(name: str) -> None:
    owner = User.objects.filter(email=OWNER_EMAIL).first()
    if owner:
        ListingRole.objects.get_or_create(listing=Listing.objects.get(name=name), user=owner)


def _add_plausible(
    written: list[dict[str, Any]], count: int, sectors: dict[str, int], rng: random.Random
) -> None:
    """Bulk: rows are copied with their sectors, so that each document is made once, then indexed."""
    used_slugs = set(Listing.objects.values_list("slug", flat=True))
    # Numbers after those of the written listings, and of a former, smaller run.
    first = len(written) + len(used_slugs)
    rows = plausible_rows(written, count, sectors, rng, first=first, used_slugs=used_slugs)
    indexes = [index for index in Listing._meta.indexes if isinstance(index, GinIndex)]
    last_key = Listing.objects.aggregate(key=Max("pk", default=0))["key"]
    with connection.schema_editor() as editor, connection.cursor() as cursor:
        if count > BULK_THRESHOLD:
            for index in indexes:
                editor.remove_index(Listing, index)
        _copy(cursor, rows)
        cursor.execute(
            "INSERT INTO enterprises_listing_sectors (listing_id, sector_id)"
            " SELECT id, unnest(sector_ids) FROM enterprises_listing WHERE id > %s",
            [last_key],
        )
        cursor.execute(
            "INSERT INTO enterprises_listing_territory (listing_id, mrc_id)"
            " SELECT id, unnest(served) FROM enterprises_listing WHERE id > %s",
            [last_key],
        )
        # An index can't be made while checks are pending.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        if count > BULK_THRESHOLD:
            for index in indexes:
                editor.add_index(Listing, index)
        # The planner chooses by what it knows of the words, and visitors come at once.
        cursor.execute("ANALYZE enterprises_listing")


def _copy(cursor: Any, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    columns = sql.SQL(", ").join(map(sql.Identifier, first))
    with cursor.copy(sql.SQL("COPY enterprises_listing ({}) FROM STDIN").format(columns)) as copy:
        copy.write_row(tuple(first.values()))
        for row in rows:
            copy.write_row(tuple(row.values()))
