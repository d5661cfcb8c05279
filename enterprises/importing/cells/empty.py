"""Cells that say in words or signs that there is nothing."""

from __future__ import annotations

import re

from pole.search import unaccented

# Without accents, capitals nor punctuation: "N/A", "n.a." and "NA" are "n a" or "na".
_NOTHING = frozenset(
    [
        "na",
        "n a",
        "nd",
        "n d",
        "ns p",
        "nsp",
        "so",
        "s o",
        "sans objet",
        "sans",
        "aucun",
        "aucune",
        "aucuns",
        "aucunes",
        "aucun site",
        "aucun courriel",
        "neant",
        "nil",
        "none",
        "null",
        "nan",
        "non",
        "no",
        "vide",
        "inconnu",
        "inconnue",
        "unknown",
        "undefined",
        "indefini",
        "non disponible",
        "non applicable",
        "non communique",
        "non connu",
        "non precise",
        "non specifie",
        "ne s applique pas",
        "n a pas",
        "pas de site",
        "pas de site web",
        "pas de courriel",
        "pas de telephone",
        "not available",
        "not applicable",
        "a venir",
        "a completer",
        "a determiner",
        "a confirmer",
        "tbd",
        "xx",
        "xxx",
        "xxxx",
    ]
)
# Words that may be a name, or a note, are kept there: « Aucun » could be an enterprise.
_NO_NAME = frozenset({"null", "nan"})
_NO_NAME_WITH_MARKS = frozenset({"n a", "n d", "s o"})
_FAULT_OF_A_FORMULA = re.compile(
    r"#+\s*(?:n/?a|n/d|ref!|reference!|value!|valeur!|name\?|nom\s*\?|div/0\s*!|null!|nul!|num!|nombre!|spill!|####*)?#*",
    re.IGNORECASE,
)
# Where a zero is a number, and not the absence of one.
_COUNTED = frozenset({"workforce", "name", "staff_note", "description"})


def is_empty(cell: str, field: str) -> bool:
    """Whether a cell of this field says nothing."""
    text = unaccented(cell).strip()
    if _FAULT_OF_A_FORMULA.fullmatch(text):
        return True
    if not any(character.isalnum() for character in text):
        return not _has_symbols(cell) or field != "name"
    words = " ".join(re.findall(r"[^\W_]+", text))
    if field == "name":
        return words in _NO_NAME or (words in _NO_NAME_WITH_MARKS and not text.isalpha())
    if re.fullmatch(r"[0\s.,-]+", text):
        return field not in _COUNTED
    return words in _NOTHING


def _has_symbols(cell: str) -> bool:
    """Beside punctuation, something that a name could be made of: « ★ »."""
    return bool(re.search(r"[^\W_]|[^\x00-\x7f«»“”‘’–—…·•°\s]", cell))
