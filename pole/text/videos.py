"""A video's address alone in its paragraph, as a card: a link with a title. Nothing of the site that shows it is loaded.

The same addresses as static/js/prose/videos.js, which makes the card in the editor.
"""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

from pole.text.bilingual import ENGLISH
from pole.text.plaintext import safe_url

_SITES = [
    r"(?:www\.|m\.|music\.)?youtube(?:-nocookie)?\.com/(?:watch\?(?:.*&)?v=|shorts/|live/|embed/|v/|playlist\?(?:.*&)?list=)[\w-]",
    r"youtu\.be/[\w-]",
    r"(?:www\.)?vimeo\.com/(?:\d|event/\d|channels/[\w-]+/\d|showcase/\d|groups/[\w-]+/videos/\d)",
    r"player\.vimeo\.com/video/\d",
    r"(?:www\.)?dailymotion\.com/(?:embed/)?video/\w",
    r"dai\.ly/\w",
    r"(?:www\.|m\.)?facebook\.com/(?:[\w.-]+/videos/|watch/?\?(?:.*&)?v=|reel/)\d?",
    r"fb\.watch/\w",
    r"(?:www\.)?(?:onf|nfb)\.ca/film/\w",
    r"(?:www\.)?ted\.com/talks/\w",
    r"(?:www\.)?tiktok\.com/@[\w.-]+/video/\d",
    r"(?:www\.)?twitch\.tv/videos/\d",
    r"(?:www\.)?loom\.com/share/\w",
    r"(?:ici\.)?tou\.tv/\w",
    # Each on many sites: those that copy the addresses of YouTube; PeerTube; a file.
    r"[\w.-]+/watch\?(?:.*&)?v=[\w-]",
    r"[\w.-]+/(?:videos/(?:watch|embed)|w)/[\w-]{20,}",
    r"[\w.-]+(?::\d+)?/[^?#]+\.(?:mp4|m4v|webm|ogv|mov)(?:[?#]|\Z)",
]
_VIDEO = re.compile(rf"(?:https?:)?//(?:{'|'.join(_SITES)})[^\s]*\Z", re.IGNORECASE | re.ASCII)
# Of sanitised HTML: a paragraph that holds a text or a link alone, which no inner tag may cut.
_ALONE = re.compile(r"<p>\s*+(?:<a (?P<attributes>[^>]*)>)?(?P<text>[^<>]*+)(?(attributes)</a>\s*+)</p>")
_HREF = re.compile(r'\bhref="([^"]*)"')
# Where a paragraph is one of a series, or of a part that has its own form.
_HOLDER = re.compile(r"<(/?)(?:li|td|th|figure|blockquote)\b[^>]*>")


def is_video(address: str) -> bool:
    """Whether `address` leads to a video, by its form: it is never asked for."""
    return len(address) <= 2_000 and bool(_VIDEO.match(address))


def with_cards(markup: str, language: str) -> str:
    """Sanitised HTML whose paragraphs made of the address of a video alone are cards; idempotent."""
    parts, position, depth = [], 0, 0
    for match in re.finditer(rf"{_HOLDER.pattern}|{_ALONE.pattern}", markup):
        if not match[0].startswith("<p>"):
            depth += -1 if match[1] else 1
        elif not depth and (card := _card(match, language)):
            parts += [markup[position : match.start()], card]
            position = match.end()
    return "".join(parts) + markup[position:]


def _card(match: re.Match[str], language: str) -> str:
    text = html.unescape(match["text"]).strip()
    address = text
    if match["attributes"] is not None:
        href = _HREF.search(match["attributes"])
        address = html.unescape(href[1]) if href else ""
        if not text or not address.endswith(text):
            return ""
    whole = f"https:{address}" if address.startswith("//") else address
    if not is_video(address) or not safe_url(whole):
        return ""
    host = re.sub(r"^(?:www|m|player)\.", "", urlsplit(whole).hostname or "")
    title = f"{'Video' if language.startswith(ENGLISH) else 'Vidéo'} – {host}"
    link = f'<a href="{html.escape(whole)}" rel="noopener">{html.escape(title, quote=False)}</a>'
    return f'<figure class="figure--video"><figcaption>{link}</figcaption></figure>'
