"""The themes under which hubs file priorities, so that a provincial body can add up those of all of them.

The list is data (`themes.csv`), not messages: it is the same in every hub. A code is never reused;
whoever adds or renames one raises VERSION.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pole.text.bilingual import ENGLISH, FRENCH, LocalizedText, current_language

VERSION = "pole-themes/1"
MAX_THEMES = 2
FILE = Path(__file__).resolve().parent / "themes.csv"


@dataclass(frozen=True, slots=True)
class Theme:
    code: str
    fr: str
    en: str

    @property
    def shown(self) -> LocalizedText:
        return (
            LocalizedText(self.en, ENGLISH)
            if current_language() == ENGLISH
            else LocalizedText(self.fr, FRENCH)
        )


@functools.cache
def all_themes() -> dict[str, Theme]:
    """By code, in the order of the list."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: Theme(**row) for row in csv.DictReader(file)}


def themes_of(codes: Iterable[str]) -> list[Theme]:
    """Those of the list, in the order of `codes`, each once and MAX_THEMES at most."""
    known = all_themes()
    return [known[code] for code in dict.fromkeys(codes) if code in known][:MAX_THEMES]
