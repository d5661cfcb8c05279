"""What people write for a municipality, taken apart: abbreviations, designations, province, postal code, what is in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from pole.search import unaccented
from pole.text.plaintext import clean_line

_ABBREVIATIONS = {
    "st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "n": "notre", "nd": "notre dame",
}  # fmt: skip
# What people write before the name of a town, in both languages.
_PREFIX = re.compile(
    r"^(?:ville|cite|municipalite|village|paroisse|canton|cantons unis|mun|v|m|city|town|township|parish|municipality)"
    r" (?:(?:de|du|of|des) (?:la |le |the )?(?=(?:village|paroisse|canton|cantons unis|town|parish) )|de |d |du |des |of )"
)
_PROVINCE = re.compile(r"\b(?:quebec|qc|que|pq|p q|canada)$")
_PROVINCES = frozenset({"quebec", "qc", "que", "pq", "p q", "canada"})
# By the word that is written, the designation of the official list.
_DESIGNATIONS = {
    **{word: word for word in ("ville", "village", "paroisse", "canton", "cantons unis", "municipalite")},
    "v": "ville", "vl": "village", "p": "paroisse", "ct": "canton", "m": "municipalite", "mun": "municipalite",
    "city": "ville", "town": "ville", "parish": "paroisse", "township": "canton", "municipality": "municipalite",
}  # fmt: skip
# A part of a town: it says nothing of where the town is.
_PART = re.compile(
    r"^(?:secteur|quartier|arrondissement|arr|hameau|district|borough|lieu dit|centre ville)\b"
)
# « J6N 1L7 », « jos 1yo »: with a digit at least, or « Tom Ola » would be one.
_POSTAL_CODE = re.compile(
    r"\b(?=[a-z]?[a-z\d][a-z\d]*[ -]?[a-z\d]*\d)[a-z][\do][a-z][ -]?[\do][a-z][\do]\b", re.IGNORECASE
)
# « 63000 Clermont-Ferrand Cedex 1 », « 67050 Châteauguay ».
_CODE_BESIDE = re.compile(
    r"^(?:[a-z]{1,2}-)?\d{4,5}\s+(?=\D)|(?<=\D)\s+\d{4,5}$|\bcedex(?:\s+\d+)?$", re.IGNORECASE
)
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]?")
_SEPARATORS = re.compile(r"[,;/|()\[\]\n]| [-–—] ")
_MRC_PREFIX = re.compile(
    r"(?:m\.?r\.?c\b\.?|municipalité régionale de comté\b)[ :–-]*(du |des |de (?=l[ae’' ])|de |d[’'])?",
    re.IGNORECASE,
)
_MRC_BESIDE = re.compile(r"[\s,]*\((?:m\.?r\.?c\.?|t\.?é\.?|te)\)|,\s*m\.?r\.?c\.?$", re.IGNORECASE)
_ARTICLE_AFTER = re.compile(r"(.+?),? ?\((l[ae]s?|l[’'])\)", re.IGNORECASE)
_SMALL_WORDS = frozenset(
    ["a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "sur", "s"]
)
MAX_PARTS = 12


@lru_cache(maxsize=20_000)
def municipality_name_key(name: str) -> str:
    """A name normalised for comparison: no accents, capitals, hyphens nor abbreviations of Saint, no province nor postal code."""
    text = unaccented(_BRACKETS.sub(" ", without_postal_code(clean_line(name)))).lower()
    # Kahnawà:ke: the colon is a length.
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])[:\ua789](?=[a-z])", "", text))
    text = " ".join(_ABBREVIATIONS.get(word, word) for word in words)
    text = re.sub(r"\bnotre d\b", "notre dame", text)
    for pattern in (_PROVINCE, _PREFIX):
        while (shorter := pattern.sub("", text).strip()) != text and shorter:
            text = shorter
    return text


def mrc_name(name: str) -> str:
    """The name of an MRC without what says that it is one: « MRC du Haut-Saint-Laurent (690) » is « Le Haut-Saint-Laurent »."""
    text = _MRC_BESIDE.sub("", clean_line(name)).strip(" ,-–")
    if inverted := _ARTICLE_AFTER.fullmatch(text):
        text = f"{inverted[2]}{'' if inverted[2].endswith(('’', "'")) else ' '}{inverted[1]}"
    if not (prefix := _MRC_PREFIX.match(text)):
        return text
    article = {"du": "Le ", "des": "Les "}.get((prefix[1] or "").strip().lower(), "")
    rest = text[prefix.end() :]
    return f"{article}{rest[:1].upper()}{rest[1:]}" if rest else text


@lru_cache(maxsize=5_000)
def mrc_name_key(name: str) -> str:
    """As `municipality_name_key`, of an MRC: without its article either, which few write."""
    key = municipality_name_key(mrc_name(name))
    return re.sub(r"^(?:la|le|les|l) (?=.)", "", key)


def without_postal_code(name: str) -> str:
    """The name without the codes beside it; a code alone stays as it is."""
    text = _CODE_BESIDE.sub("", _POSTAL_CODE.sub(" ", name).strip(" ,;-")).strip(" ,;-")
    return text if any(character.isalpha() for character in text) else name


def loose_keys(key: str) -> Iterator[str]:
    """What a key is but for its spaces, and but for its articles: « laprairie », « coteaux » of « les coteaux »."""
    words = key.split()
    yield "".join(words)
    if kept := [word for word in words if word not in _SMALL_WORDS]:
        yield " ".join(kept)


def inner_texts(name: str) -> list[str]:
    """What is beside the name, in brackets or after a comma, unless it is the province."""
    text = without_postal_code(clean_line(name))
    beside = [*_BRACKETS.findall(text), *_BRACKETS.sub(" ", text).split(",")[1:]]
    return [inner.strip() for inner in beside if _bare(inner) and _bare(inner) not in _PROVINCES]


def is_part_of_town(text: str) -> bool:
    return bool(_PART.match(_bare(text)))


def written_parts(name: str) -> Iterator[str]:
    """The parts of a text that may be the name of a town, each without its designation: « Hemmingford, village »."""
    text = without_postal_code(clean_line(name))
    for part in _SEPARATORS.split(text)[:MAX_PARTS]:
        words = _bare(part).split()
        if words and not is_part_of_town(part):
            yield part
            if len(words) > 1 and words[0] in _DESIGNATIONS:
                yield " ".join(words[1:])
            if len(words) > 1 and words[-1] in _DESIGNATIONS:
                yield " ".join(words[:-1])


def designation_in(name: str) -> str:
    """The designation beside a name or before it: "village" for "Hemmingford (village)"; "" without one."""
    text = without_postal_code(clean_line(name))
    for part in (*_BRACKETS.findall(text), *_SEPARATORS.split(text)):
        if designation := _DESIGNATIONS.get(_bare(part)):
            return designation
    words = _bare(_BRACKETS.sub(" ", text)).split()
    for word in (words[:1], words[-1:]):
        if len(words) > 1 and len(word[0]) > 2 and word[0] in _DESIGNATIONS:
            return _DESIGNATIONS[word[0]]
    return ""


def _bare(text: str) -> str:
    """The words alone, without accents nor capitals."""
    return " ".join(re.findall(r"[a-z0-9]+", unaccented(text).lower()))
