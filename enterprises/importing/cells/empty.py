"""Cells that say in words or signs that there is nothing."""

from __future__ import annotations

import re

from pole.search import unaccented

# Without accents, capitals nor punctuation: "N/A", "n.a." and "NA" are "n a" or "na"; « aucun(e) » is "aucun e".
_NOTHING = re.compile(
    r"""
      n\ ?[acd] | ns\ ?p | s\ ?o | nil | none | null | nan | no | non | vide | neant | rien | x{1,9} | tbd | blank | empty
    | (?:inconnue?|indefinie?|indetermine|indisponible|manquante?)(?:\ ?e)?(?:\ ?s)? | unknown | undefined | missing
    | (?:non|not|pas(?:\ encore)?|jamais)\ (?:en(?:core)?\ )?
      (?:disponible|applicable|communique|connue?|precise|specifie|fourni|renseigne|indique|defini|determine|identifie|repondu
        |attribue|inscrit|declare|divulgue|trouve|available|applicable|known|provided|specified)(?:\ ?e)?(?:\ ?s)?
    | ne\ (?:s\ applique|sais|sait)\ pas | n\ a\ pas | pas\ encore | sans\ (?:objet|reponse)
    | (?:aucune?s?(?:\ ?e)?(?:\ ?s)?|sans|pas\ (?:de|d)|n\ a\ pas\ (?:de|d)|no)
      (?:\ (?:site|site\ (?:web|internet)|page|page\ (?:web|facebook)|facebook|courriel|email|e\ mail|adresse
        |adresse\ (?:courriel|web|electronique)|telephone|numero|numero\ de\ telephone|tel|neq|info|infos|information|informations
        |donnee|donnees|reponse|mention|code\ postal|poste|website|phone|data|answer))?
    | a\ (?:venir|completer|determiner|confirmer|valider|verifier|preciser|remplir|definir|suivre|obtenir|trouver) | en\ attente
    """,
    re.VERBOSE,
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
    # « @x » is an account.
    return "@" not in text and bool(_NOTHING.fullmatch(words))


def _has_symbols(cell: str) -> bool:
    """Beside punctuation, something that a name could be made of: « ★ »."""
    return bool(re.search(r"[^\W_]|[^\x00-\x7f«»“”‘’–—…·•°\s]", cell))
