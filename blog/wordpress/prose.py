"""The text of a WordPress post as the portal's prose: paragraphs, blocks, short codes; pictures and links as they are here.

What the files and addresses become is asked of a `Site`, so that nothing here reads or writes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import escape

from blog.wordpress import elements
from blog.wordpress.autop import paragraphs
from blog.wordpress.blocks import Renderer, has_blocks
from blog.wordpress.builders import picture_keys, what_was_seen
from blog.wordpress.old_site import Note, Site
from blog.wordpress.shortcodes import Shortcode, render_shortcodes

_PICTURE = re.compile(
    r"(?:<a\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>\s*)?<img\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>(?:\s*</a>)?",
    re.IGNORECASE,
)
# Where a list cuts a text, or a long one its pages; WordPress shows nothing there.
_CUTS = re.compile(r"<!--\s*(?:more.*?|nextpage|noteaser)\s*-->", re.DOTALL)
# An address alone on its line is embedded.
_OWN_LINE = re.compile(r"^[ \t]*(https?://[^\s<>\"]+)[ \t]*$", re.MULTILINE)
_CODE = re.compile(r"<(pre|code|script|style|textarea)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_MEDIA = ("src", "mp3", "m4a", "ogg", "wav", "wma", "flac", "mp4", "m4v", "webm", "ogv", "flv", "mov")
# Something between brackets that has the shape of a short code, of a plugin that is not known: it stays, and is said.
_LIKE_A_CODE = re.compile(r"\[([a-z][\w-]*)\s+[\w-]+=(?:\"[^\"]*\"|'[^']*'|&quot;|&#8221;)", re.IGNORECASE)


@dataclass(slots=True)
class Converted:
    markup: str
    notes: list[Note] = field(default_factory=list)


def convert(body: str, site: Site, *, key: str = "", footnotes: str = "") -> Converted:
    """Markup ready to be sanitised, of the text of this key. `footnotes` is what WordPress keeps of them, as JSON.

    Raises `ValidationError` as `richtext.ready_to_read` does.
    """
    text = _Text(site, key, footnotes)
    markup = text.render(body)
    written = elements.as_here(markup, site, text.note)
    for found in _LIKE_A_CODE.finditer(_CODE.sub("", written)):
        text.note("unknown_code", found[1])
    # Loose words of blocks become paragraphs.
    return Converted(f"<div>{written}</div>" if written.strip() else "", text.notes)


class _Text:
    def __init__(self, site: Site, key: str, footnotes: str) -> None:
        self.site, self.key, self.notes = site, key, list[Note]()
        self._footnotes = _read_footnotes(footnotes)

    def note(self, code: str, detail: str) -> None:
        if (found := Note(code, detail)) not in self.notes:
            self.notes.append(found)

    def render(self, body: str) -> str:
        if not has_blocks(body):
            return self._classic(body) + self._notes_of_foot()
        renderer = Renderer(
            self._classic,
            self.site.shared_text,
            self._gallery,
            self._notes_of_foot,
            lambda name: self.note("block", name),
        )
        markup = render_shortcodes(renderer.render(body), self._shortcode)
        # The block that shows them may have been taken out of the text.
        return markup + self._notes_of_foot()

    def _classic(self, text: str) -> str:
        text = _CUTS.sub("\n\n", text.replace("\r\n", "\n").replace("\r", "\n"))
        text = render_shortcodes(text, self._shortcode)
        return paragraphs(_outside_code(text))

    def _notes_of_foot(self) -> str:
        """Once, at the first place that asks."""
        found, self._footnotes = self._footnotes, []
        return "<ol>" + "".join(f"<li>{each}</li>" for each in found) + "</ol>" if found else ""

    # --- Short codes -----------------------------------------------------------------------------

    def _shortcode(self, code: Shortcode) -> str:
        known = {
            **dict.fromkeys(("caption", "wp_caption"), _caption),
            **dict.fromkeys(("audio", "video"), self._media),
            **dict.fromkeys(
                ("youtube", "vimeo", "dailymotion", "soundcloud", "ted", "bandcamp"), self._player
            ),
            "embed": lambda code: _address(code.content.strip() or code.attributes.get("src", "")),
            "gallery": self._gallery_of,
        }
        if code.name in known:
            return known[code.name](code)
        self.note("code", code.name)
        seen = what_was_seen(code)
        keys = picture_keys(code)
        return seen + self._gallery(keys) if keys else seen

    def _gallery_of(self, code: Shortcode) -> str:
        listed = code.attributes.get("ids") or code.attributes.get("include") or ""
        left_out = set(re.findall(r"\d+", code.attributes.get("exclude", "")))
        keys = re.findall(r"\d+", listed)
        if not keys:
            whose = code.attributes.get("id", "").strip() or self.key
            keys = [key for key in self.site.pictures_of(whose) if key not in left_out]
        return self._gallery(keys)

    def _gallery(self, keys: list[str]) -> str:
        keys = keys or self.site.pictures_of(self.key)
        figures = []
        for key in keys:
            if image := self.site.image_of(key):
                figures.append(f"<figure>{image}</figure>")
            else:
                self.note("gallery_picture", key)
        if not keys:
            self.note("gallery", "")
        return "\n\n" + "\n\n".join(figures) + "\n\n"

    def _media(self, code: Shortcode) -> str:
        given = [code.attributes[name] for name in _MEDIA if code.attributes.get(name)]
        given += [value for name, value in code.attributes.items() if name.isdigit() and "/" in value]
        if not given:
            self.note("code", code.name)
            return code.content
        return _address(given[0]) + code.content

    def _player(self, code: Shortcode) -> str:
        """`[youtube=https://…]`, `[youtube https://…]`, `[vimeo 12345]`, `[soundcloud url="…"]`."""
        values = [*code.attributes.values(), code.content.strip()]
        address = next((found for value in values if (found := value.strip("= ")).startswith("http")), "")
        number = next((value for value in values if re.fullmatch(r"[0-9]{5,12}", value)), "")
        if not address and number and code.name == "vimeo":
            address = f"https://vimeo.com/{number}"
        if not address:
            self.note("code", code.name)
        return _address(address)


def _read_footnotes(written: str) -> list[str]:
    try:
        rows = json.loads(written) if written else []
    except ValueError:
        return []
    rows = rows if isinstance(rows, list) else []
    return [str(row["content"]) for row in rows if isinstance(row, dict) and row.get("content")]


def _caption(code: Shortcode) -> str:
    picture = _PICTURE.search(code.content)
    words = code.attributes.get("caption", "")
    if picture is None:
        return f"{code.content} {words}".strip()
    around = (code.content[: picture.start()] + code.content[picture.end() :]).strip()
    words = around or words
    caption = f"<figcaption>{words}</figcaption>" if words else ""
    return f"\n\n<figure>{picture[0]}{caption}</figure>\n\n"


def _address(address: str) -> str:
    return f"\n\n<p>{escape(address)}</p>\n\n" if address else ""


def _outside_code(text: str) -> str:
    """`text` with each address that is alone on its line as a paragraph of its own."""
    parts, position = [], 0
    for code in _CODE.finditer(text):
        parts += [_OWN_LINE.sub(r"\n\n\1\n\n", text[position : code.start()]), code[0]]
        position = code.end()
    return "".join(parts) + _OWN_LINE.sub(r"\n\n\1\n\n", text[position:])
