"""The picture of a page that has none, where people share it: its title, drawn in the hub's colours.

An address holds what is drawn, signed: nobody else makes the hub say anything, and the address of a picture never
changes, while that of a page whose title changed does.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass
from pathlib import Path

import typst
from django.core import signing

from pole.caching.in_process import BoundedCache, process_cache
from pole.hub.marks import mark_svg
from pole.models import Hub
from pole.server.routes import Route
from pole.text.bilingual import FRENCH
from pole.text.fonts import fonts, run
from pole.text.plaintext import shortened

WIDTH_PX, HEIGHT_PX = 1200, 630
MAX_TITLE, MAX_KICKER, MAX_NAME = 160, 60, 120
# A word that is longer would leave the card: it may be cut there.
MAX_WORD = 18
_TEMPLATE = Path(__file__).with_name("card.typ")
# Bump with the template: addresses change, and caches forget.
_EDITION = 2
# Pictures of text that no font of ours draws.
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u231a\u231b\u23e9-\u23fa\u2b1b\u2b1c\u2b50\u2b55"
    # Joiners, the box around a digit, the letters of flags.
    "\ufe0f\u200d\u20e3\U000e0020-\U000e007f]+"
)
_CARD = Route("card")
_signer = signing.Signer(salt="pole.hub.cards")
# One at a time in a process: a drawing takes a core for some thirty milliseconds.
_lock = threading.Lock()
# PNG by what they are made of: some 40 KB each.
_drawn: BoundedCache[str, bytes] = process_cache(limit=40)
# By what is drawn: signing costs more than the rest of a page's head, and a page says its card twice.
_addresses: BoundedCache[tuple[object, ...], str] = process_cache(limit=1000)


@dataclass(frozen=True, slots=True)
class Card:
    title: str
    kicker: str
    language: str
    # `edition_of` the hub when its address was made.
    edition: str


def edition_of(hub: Hub) -> str:
    """It differs where a card of this hub would look different."""
    return hashlib.sha256(repr(_made_of(hub)).encode()).hexdigest()[:8]


def _made_of(hub: Hub) -> tuple[object, ...]:
    return (_EDITION, hub.colours, hub.name, hub.name_en)


def card_address(hub: Hub, *, title: str, kicker: str, language: str) -> str:
    """The path of the picture of a page."""
    key = (*_made_of(hub), title, kicker, language)
    return _addresses.get_or_make(key, lambda: _address(hub, title, kicker, language))


def _address(hub: Hub, title: str, kicker: str, language: str) -> str:
    drawn = [_drawable(title, MAX_TITLE), _drawable(kicker, MAX_KICKER), language, edition_of(hub)]
    text = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))
    signature = _signer.signature(text)
    return _CARD(FRENCH, f"{signing.b64_encode(text.encode()).decode()}.{signature}")


def read_card(signed: str) -> Card | None:
    """What an address of `card_address` asks for; None for any other."""
    encoded, _dot, signature = signed.partition(".")
    try:
        text = signing.b64_decode(encoded.encode()).decode()
        _signer.unsign(f"{text}{_signer.sep}{signature}")
        return Card(*json.loads(text))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def card_png(card: Card, hub: Hub) -> bytes:
    """Text and colours as they are: never markup, whatever was typed."""
    name = (card.language == "en" and hub.name_en) or hub.name
    drawn_name = _breakable(_drawable(name, MAX_NAME))
    data = {
        # A title of emojis leaves nothing to draw.
        "title": _breakable(card.title) or drawn_name,
        "kicker": _breakable(card.kicker),
        "language": card.language,
        "hub": drawn_name,
        "colour": hub.primary_colour,
        "accent": hub.accent_colour,
        "mark": mark_svg(hub.primary_colour),
    }
    text = json.dumps(data, ensure_ascii=False)
    return _drawn.get_or_make(text, lambda: draw(_TEMPLATE, text))


def draw(template: Path, data: str) -> bytes:
    """The PNG that a template makes of JSON, at 144 points an inch. Raises `typst.TypstError`."""
    with _lock:
        png: bytes = run(
            typst.compile,
            input=template,
            font_paths=fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": data},
            format="png",
            ppi=144.0,
        )
    return png


def _drawable(text: str, most: int) -> str:
    return shortened(_EMOJI.sub(" ", text), most)


def _breakable(text: str) -> str:
    """With a place to be cut in each word that no line could hold."""
    return re.sub(rf"\S{{{MAX_WORD}}}(?=\S)", lambda found: found[0] + "\u200b", text)
