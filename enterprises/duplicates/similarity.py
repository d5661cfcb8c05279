"""Listings that may be one enterprise: same NEQ, same domain, or alike names near each other.

What tells branches and neighbours apart weighs as much as what brings two spellings together: a
place, a number or another rare word that only one of the names has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pole.search import unaccented

# Words that say what kind of body it is, not which one.
_LEGAL = frozenset(
    [
        "inc",
        "ltee",
        "ltd",
        "enr",
        "senc",
        "sencrl",
        "obnl",
        "osbl",
        "coop",
        "cooperative",
        "cooperatif",
        "co",
        "op",
        "cooperatives",
        "societe",
        "corporation",
        "corp",
        "organisme",
        "but",
        "non",
        "lucratif",
        "de",
        "d",
        "du",
        "des",
        "la",
        "le",
        "les",
        "l",
        "a",
        "au",
        "aux",
        "et",
        "en",
        "pour",
        "the",
        "of",
        "and",
        "for",
        "sur",
        "solidarite",
        "travail",
        "travailleurs",
        "travailleuses",
        "actionnaire",
        "consommateurs",
        "producteurs",
        "producteurs",
    ]
)
# Words in so many names that sharing them says little.
_COMMON = frozenset(
    [
        "association",
        "centre",
        "maison",
        "service",
        "services",
        "regroupement",
        "fondation",
        "comite",
        "groupe",
        "entraide",
        "club",
        "carrefour",
        "jeunesse",
        "emploi",
        "communautaire",
        "action",
        "benevole",
        "regional",
        "regionale",
        "regie",
        "atelier",
        "ateliers",
        "entreprise",
        "entreprises",
        "centres",
        "amis",
        "residence",
        "residences",
        "projet",
        "projets",
        "table",
        "reseau",
        "aide",
        "habitation",
        "habitations",
        "garderie",
        "cpe",
        "ecole",
        "marche",
        "cuisine",
        "cuisines",
        "collective",
        "collectives",
        "domicile",
        "menage",
        "menager",
        "entretien",
        "transport",
        "radio",
        "musee",
        "theatre",
        "bibliotheque",
        "soleil",
        "nouvel",
        "nouvelle",
        "nouveau",
        "grand",
        "grande",
        "petit",
        "petite",
        "femmes",
        "familles",
        "famille",
        "aines",
        "enfants",
        "alimentaire",
        "ressourcerie",
        "friperie",
        "ferme",
        "jardin",
        "jardins",
    ]
)
_ABBREVIATED = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "n": "no", "&": "et"}
_ORDINALS = frozenset(
    [
        "i",
        "ii",
        "iii",
        "iv",
        "v",
        "vi",
        "vii",
        "viii",
        "ix",
        "x",
        "premier",
        "premiere",
        "second",
        "seconde",
        "deuxieme",
        "troisieme",
    ]
)
ALIKE = 0.72
ALIKE_WITH_PROOF = 0.45
ALIKE_ANYWHERE = 0.93


@dataclass(frozen=True, slots=True)
class Card:
    """What is compared of an enterprise."""

    key: int
    name: str
    neq: str = ""
    # Its own domain, as `enterprises.ownership.email_domains.own_domain` says.
    domain: str = ""
    phone: str = ""
    municipality: str = ""
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    card: Card
    # 0 to 1; 1 is the same NEQ.
    likeness: float


@dataclass(slots=True)
class Territory:
    """What the comparison knows of places."""

    # Unaccented words of the names of municipalities and MRCs.
    words: frozenset[str] = frozenset()
    neighbours: dict[str, frozenset[str]] = field(default_factory=dict)

    def are_near(self, one: str, other: str) -> bool:
        return not one or not other or one == other or other in self.neighbours.get(one, ())


def words_of_name(name: str) -> list[str]:
    """The words of a name, unaccented, abbreviations written out, legal words left out."""
    text = re.sub(r"\b(?:l|d|j|qu|n|s|c|m|t)['’]", " ", unaccented(name))
    # A name in another writing is compared as it stands.
    found = re.findall(r"[a-z0-9&]+", text) or re.findall(r"\w+", text)
    words = [_ABBREVIATED.get(word, word) for word in found]
    kept = [word for word in words if word not in _LEGAL]
    return kept or words


def name_key(name: str) -> str:
    """Two names with the same key are the same, whatever their case, accents, marks, "inc." or order."""
    return " ".join(sorted(words_of_name(name)))


def likeness_of_names(one: str, other: str, territory: Territory) -> float:
    """0 to 1: how much of the words, weighed by how telling they are, both names have."""
    first, second = words_of_name(one), words_of_name(other)
    if sorted(first) == sorted(second):
        return 1.0
    if "".join(first) == "".join(second):
        return 0.97
    paired, alone = _paired(first, second)
    if any(_tells_apart(word, territory) for word in alone):
        return 0.0 if _both_sides(alone, first, second, territory) else 0.4
    held = sum(_weight(word) * alike for word, alike in paired)
    lacking = sum(_weight(word) for word in alone) / 2
    return (
        held / (held + lacking + sum(_weight(word) * (1 - alike) for word, alike in paired)) if held else 0.0
    )


def _paired(first: list[str], second: list[str]) -> tuple[list[tuple[str, float]], list[str]]:
    """Words of one name with their like in the other, and those that have none."""
    left, pairs, alone = list(second), [], []
    for word in first:
        best = max(left, key=lambda other: _spelled_alike(word, other), default=None)
        if best is not None and (alike := _spelled_alike(word, best)) >= 0.7:
            left.remove(best)
            pairs.append((word, alike))
        else:
            alone.append(word)
    return pairs, alone + left


def _spelled_alike(one: str, other: str) -> float:
    """1 for the same word, less for a plural or a mistake, 0 for another word."""
    if one == other:
        return 1.0
    if one.isdecimal() or other.isdecimal() or min(len(one), len(other)) < 4:
        return 0.0
    if one.rstrip("sxe") == other.rstrip("sxe"):
        return 0.95
    distance = _edits(one, other)
    longest = max(len(one), len(other))
    return 1 - distance / longest if distance <= 1 + longest // 7 else 0.0


def _edits(one: str, other: str) -> int:
    """Letters added, removed, replaced, or swapped with the next one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        older, before, row = before, row, [i]
        for j, against in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _weight(word: str) -> float:
    return 0.35 if word in _COMMON else min(1.6, 0.5 + len(word) / 8)


def _tells_apart(word: str, territory: Territory) -> bool:
    return word.isdecimal() or word in _ORDINALS or word in territory.words


def _both_sides(alone: list[str], first: list[str], second: list[str], territory: Territory) -> bool:
    telling = [word for word in alone if _tells_apart(word, territory)]
    return any(word in first for word in telling) and any(word in second for word in telling)


def likeness(one: Card, other: Card, territory: Territory) -> float:
    """0 when they are two enterprises, else how alike they are; 1 for the same NEQ."""
    if one.neq and other.neq:
        return 1.0 if one.neq == other.neq else 0.0
    names = max(
        likeness_of_names(mine, theirs, territory)
        for mine in (one.name, *one.other_names)
        for theirs in (other.name, *other.other_names)
    )
    is_near = territory.are_near(one.municipality, other.municipality)
    has_proof = bool((one.domain and one.domain == other.domain) or (one.phone and one.phone == other.phone))
    least = ALIKE_WITH_PROOF if has_proof else ALIKE if is_near else 2.0
    if not is_near and not has_proof and one.domain == other.domain == "" and names >= ALIKE_ANYWHERE:
        # One name far apart: two bodies of a network more often than one that moved.
        return 0.0
    return min(0.99, names) if names >= least else 0.0


class Index:
    """Cards, found by what they share: comparing each with each would take hours."""

    def __init__(self, cards: Iterable[Card], territory: Territory) -> None:
        self.territory = territory
        self._cards: dict[int, Card] = {}
        self._holding: dict[tuple[str, str], set[int]] = defaultdict(set)
        for card in cards:
            self.add(card)

    def add(self, card: Card) -> None:
        self._cards[card.key] = card
        for trait in _traits(card):
            self._holding[trait].add(card.key)

    def matches(self, card: Card, *, limit: int = 3) -> list[Match]:
        """The cards that may be the same enterprise, likeliest first; never `card` itself."""
        near: set[int] = set()
        for trait in _traits(card):
            holding = self._holding.get(trait, set())
            # A word in so many names finds too many; a rarer one of the same name finds the right ones.
            if len(holding) <= 400:
                near |= holding
        near.discard(card.key)
        found = [
            Match(self._cards[key], value)
            for key in near
            if (value := likeness(card, self._cards[key], self.territory)) > 0
        ]
        return sorted(found, key=lambda match: (-match.likeness, match.card.key))[:limit]


def _traits(card: Card) -> set[tuple[str, str]]:
    traits = {("neq", card.neq), ("domain", card.domain), ("phone", card.phone)}
    for name in (card.name, *card.other_names):
        words = words_of_name(name)
        traits.add(("key", "".join(sorted(words))))
        for word in words:
            traits.add(("word", word))
            # A mistake leaves the beginning or the end.
            if len(word) >= 5:
                traits |= {("head", word[:4]), ("tail", word[-4:])}
    return {trait for trait in traits if trait[1]}
