"""In which of the portal’s languages someone wrote, by the small words that one of them alone has."""

from __future__ import annotations

import re
from collections import Counter

from pole.text.bilingual import ENGLISH, FRENCH

_FRENCH = """
le la les des du un une et est sont dans pour par sur avec que qui nous vous je ce cette ne pas mais au aux il elle
ils mon ma notre votre leur leurs très être chez ces ses où à l qu même après
"""
_ENGLISH = """
the and of to is are was it this that with for from you your my our we they have has not only who what when how there
their be will would can should he she his her him at by all which about into its were been
"""
_SMALL_WORDS = {FRENCH: frozenset(_FRENCH.split()), ENGLISH: frozenset(_ENGLISH.split())}


def written_language(text: str, otherwise: str) -> str:
    """`fr` or `en`, whichever has more of its small words in `text`; `otherwise` where neither has."""
    words = Counter(re.findall(r"[^\W\d_]+", text.casefold()))
    french, english = (sum(words[word] for word in _SMALL_WORDS[each]) for each in (FRENCH, ENGLISH))
    if french == english:
        return otherwise
    return FRENCH if french > english else ENGLISH
