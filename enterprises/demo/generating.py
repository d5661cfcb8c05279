"""Plausible listings in any number, by combining the words of the written ones. For benches only."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from enterprises.models import Listing
from pole.models import Municipality
from pole.text.richtext import plain_text

WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
WORKFORCE = ("", "0", "1-4", "5-9", "10-24", "25-49", "50-99", "100+")


def fake_neq(number: int) -> str:
    """A NEQ that has the form of a legal person's and a right check digit; nobody's."""
    seven = f"{9_000_000 - number:07}"
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in seven[::-2])
    return f"11{seven}{-(doubled + sum(int(digit) for digit in seven[-2::-2])) % 10}"


def plausible_rows(
    written: list[dict[str, Any]],
    count: int,
    sectors: dict[str, int],
    rng: Random,
    *,
    first: int,
    used_slugs: set[str],
) -> Iterator[dict[str, Any]]:
    """`count` rows, by column, with their `sector_ids`. `used_slugs` gains their addresses."""
    material = _material(written)
    # COPY writes whole rows: what is not made up below is as Django would leave it.
    blank = {
        column.attname: column.get_default()
        for column in Listing._meta.concrete_fields
        if not column.generated and not column.primary_key
    }
    now = timezone.now()
    municipalities = list(Municipality.objects.exclude(mrc=None).order_by("code"))
    mrcs = sorted({str(municipality.mrc_id) for municipality in municipalities})
    # As many as the written ones have, so that facets are as uneven as in life.
    weighted_sectors = [slug for row in written for slug in row["sectors"]]
    for number in range(first, first + count):
        slugs = list(dict.fromkeys(rng.choice(weighted_sectors) for _ in range(rng.choice((1, 1, 2, 2, 3)))))
        municipality = rng.choice(municipalities)
        form = rng.choices(WORDS["form"], [form["share"] for form in WORDS["form"]])[0]
        name = _name(form["prefixes"], slugs[0], municipality, rng)
        missions, sentences, products = (
            material[slugs[0]][part] for part in ("mission", "sentence", "product")
        )
        mission = rng.choice(missions)
        yield blank | {
            "slug": _slug(name, number, used_slugs),
            "state": "published",
            "name": name,
            "legal_form": form["code"],
            "neq": fake_neq(number) if rng.random() < 0.8 else "",
            "founded": rng.randint(1930, 2025),
            "mission": mission[0],
            "mission_en": mission[1] if rng.random() < 0.3 else "",
            "description": "".join(
                f"<p>{' '.join(_sample(sentences, 3, rng))}</p>" for _ in range(rng.randint(1, 3))
            ),
            "products": _sample(products, rng.randint(2, 6), rng),
            "street": f"{rng.randint(1, 3999)}, {rng.choice(WORDS['streets'])}",
            "municipality_id": municipality.code,
            "postal_code": f"J{rng.randint(0, 9)}{rng.choice('ABCEGHJKLMNPRSTV')} {rng.randint(0, 9)}A{rng.randint(0, 9)}",
            "latitude": municipality.latitude,
            "longitude": municipality.longitude,
            "phone": f"+1450555{rng.randint(100, 199):04}",
            "email": f"info{number}@fiches.example",
            "website": f"https://fiche{number}.example" if rng.random() < 0.7 else "",
            "workforce": rng.choice(WORKFORCE),
            "languages": rng.choice((["fr"], ["fr"], ["fr", "en"], ["fr", "en", "es"])),
            "verified_on": date(2026, 1, 1) + timedelta(days=rng.randint(0, 300))
            if rng.random() < 0.8
            else None,
            "created_at": now,
            "updated_at": now,
            "sector_ids": sorted(sectors[slug] for slug in slugs),
            "supplies": supplies_of(slugs),
            "served": sorted({str(municipality.mrc_id), *rng.sample(mrcs, rng.choice((0, 0, 1, 2)))}),
        }


def supplies_of(slugs: list[str]) -> list[str]:
    """What enterprises of these sectors may supply to a municipality."""
    return sorted({code for slug in slugs for code in WORDS["supplies"].get(slug, ())})


def _material(written: list[dict[str, Any]]) -> dict[str, dict[str, list[Any]]]:
    """Missions, sentences and products of the written listings, by sector."""
    material: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in written:
        sentences = re.split(r"(?<=[.!?])\s+", plain_text(row["description"]))
        for slug in row["sectors"]:
            material[slug]["mission"].append((row["mission"], row["mission_en"]))
            material[slug]["sentence"].extend(sentences)
            material[slug]["product"].extend(row["products"])
    return material


def _sample(items: list[str], count: int, rng: Random) -> list[str]:
    return rng.sample(items, min(count, len(items)))


def _name(prefixes: list[str], sector: str, municipality: Municipality, rng: Random) -> str:
    gender = WORDS["masculine"] if rng.random() < 0.5 else WORDS["feminine"]
    noun = rng.choice(gender["nouns"])
    article = "L’" if noun[0] in "AEÉIOU" else f"{gender['article']} "
    own = f"{article}{noun} {rng.choice(gender['adjectives'])}"
    name = f"{rng.choice(prefixes)}{rng.choice(WORDS['kinds'][sector])} {own}"
    return f"{name} de {municipality.name}" if rng.random() < 0.25 else name


def _slug(name: str, number: int, used_slugs: set[str]) -> str:
    slug = slugify(name.replace("’", "-"))[:80].strip("-")
    if slug in used_slugs:
        slug = f"{slug}-{number}"
    used_slugs.add(slug)
    return slug
