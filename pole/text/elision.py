"""« de » before a name, as French writes it: « d’Amqui », « de Ham-Nord », « des Cèdres »."""

from __future__ import annotations

import re
import unicodedata

# Names of places and of people whose h is aspirated, by how they begin; any other h is mute: « d’Hérouxville ».
_ASPIRATED = (
    *("halte", "ham", "harri", "hatley", "haut", "havre", "hinch", "hollande", "hongrie", "hope", "howick"),
    *("hudson", "huit", "hull", "hunt"),
)
_VOWEL = re.compile(r"[aeiou]|y[^aeiou\W]|œ|æ")
_NOT_ELIDED = re.compile(r"(?:onz|oui\b|yacht|yogourt|ouist)")
_ARTICLES = (("les ", "des "), ("le ", "du "))


def of(name: str) -> str:
    """« d’Amqui », « de Brossard », « du Bic » or « des Cèdres », the name as it is written."""
    read = "".join(
        each for each in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(each)
    )
    for article, contracted in _ARTICLES:
        if read.startswith(article):
            return contracted + name[len(article) :]
    is_mute = read.startswith("h") and not read.startswith(_ASPIRATED)
    starts_with_vowel = bool(_VOWEL.match(read)) and not _NOT_ELIDED.match(read)
    return f"d’{name}" if is_mute or starts_with_vowel else f"de {name}"
