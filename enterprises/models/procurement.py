"""What a municipality buys: plain categories, from data/procurement.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pole.text.bilingual import LocalizedField

SOURCE = Path(__file__).parents[1] / "data" / "procurement.toml"


@dataclass(frozen=True, slots=True)
class Category:
    code: str
    name: str
    name_en: str
    # UNSPSC, eight digits, where one fits.
    unspsc: str = ""

    shown_name = LocalizedField("name")


CATEGORIES: tuple[Category, ...] = tuple(
    Category(**row) for row in tomllib.loads(SOURCE.read_text(encoding="utf-8"))["category"]
)
BY_CODE = {category.code: category for category in CATEGORIES}
