"""Numbers and addresses that people search by: NEQ, telephone, postal code, site, e-mail."""

from __future__ import annotations

import re

from pole.search.words import query_words, unaccented

SHORTEST, SHORTEST_NUMBER, SHORTEST_LONG_NUMBER = 3, 4, 7
_ADDRESS = re.compile(r"(?:[a-z]+://)?(?:www\.)?(?P<rest>[^\s]*[@.][^\s]*)")
# Before the ten digits of a telephone: "+1 450…", "1-450…", "001450…".
_COUNTRY = re.compile(r"^(?:00|011)?1(?=\d{10}$)")
# What may be said before a number, and after that of a telephone.
_LABEL = re.compile(r"^(?:neq|tel|telephone|mailto)\b[ .:#]*(?=\S)")
_EXTENSION = re.compile(r"(?<=\d{4}),? *(?:poste|ext|p|x|#)[ .]*\d{1,6}$")
# Those that texts and telephones put in a number, beside the hyphen: "450‑555–1143".
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212_"), "-")
_NUMBER = re.compile(r"[a-z0-9 ().+/-]*\d[a-z0-9 ().+/-]*")


def read(text: str) -> str:
    """The form in which an identifier, or the beginning of one, is compared; "" for what can't be one."""
    typed = unaccented(text).strip()
    typed = _LABEL.sub("", typed)
    number = _EXTENSION.sub("", typed.translate(_DASHES))
    if _NUMBER.fullmatch(number) and not re.search(r"[a-z]{2}", number):
        compact = re.sub("[^a-z0-9]", "", number)
        if compact.isdecimal():
            compact = _COUNTRY.sub("", compact)
            return compact if len(compact) >= SHORTEST_NUMBER else ""
        return compact if len(compact) >= SHORTEST else ""
    found = _ADDRESS.fullmatch(typed)
    address = found["rest"].rstrip("/") if found else ""
    return address if len(address) >= SHORTEST else ""


def is_long_number(text: str) -> bool:
    """Whether it is a telephone, a NEQ or the like, whose groups of digits tell nothing by themselves."""
    read_as = read(text)
    return read_as.isdecimal() and len(read_as) >= SHORTEST_LONG_NUMBER


def whole_name(text: str) -> str:
    """How a whole name is compared: no identifier begins so."""
    words = query_words(text)
    return f"= {' '.join(words)}" if words else ""
