"""Paragraphs of the old editor, as WordPress itself makes them when it shows a text (its `wpautop`).

An empty line makes a paragraph, a line end a break, and blocks stand by themselves, wherever they are glued.
"""

from __future__ import annotations

import re

_BLOCKS = (
    "(?:table|thead|tfoot|caption|col|colgroup|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|pre|form|map|area|blockquote"
    "|address|style|p|h[1-6]|hr|fieldset|legend|section|article|aside|hgroup|header|footer|nav|figure|figcaption"
    "|details|menu|summary|iframe|video|audio|object|center)"
)
# Nothing of these is read: what is in them, nor their line ends. In their place, an empty one with a number.
_KEPT = re.compile(r"<(pre|script|style|svg|math|textarea)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<(?:!--.*?-->|/?[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>)", re.DOTALL)
_NEWLINE = "\ue001"
_PLACE = re.compile("<pre \ue002([0-9]+)></pre>")

type Rule = tuple[re.Pattern[str], str]


def _rule(pattern: str, replacement: str, *, flags: re.RegexFlag = re.IGNORECASE) -> Rule:
    return re.compile(pattern, flags), replacement


_BEFORE_SPLIT = (
    _rule(r"<br\s*/?>\s*<br\s*/?>", "\n\n"),
    _rule(rf"(<{_BLOCKS}[\s/>])", r"\n\n\1"),
    _rule(rf"(</{_BLOCKS}>)", r"\1\n\n"),
    _rule(r"(<hr\s*?/?>)", r"\1\n\n"),
)
_AFTER_TAGS = (
    _rule(r"\s*(<figcaption[^>]*>)", r"\1"),
    _rule(r"</figcaption>\s*", "</figcaption>"),
    _rule(r"\n\n+", r"\n\n"),
)
_REBUILT = (
    _rule(r"<p>\s*</p>", ""),
    _rule(r"<p>([^<]+)</(div|address|form)>", r"<p>\1</p></\2>"),
    _rule(rf"<p>\s*(</?{_BLOCKS}[^>]*>)\s*</p>", r"\1"),
    _rule(r"<p>(<li.+?)</p>", r"\1"),
    _rule(r"<p><blockquote([^>]*)>", r"<blockquote\1><p>"),
    _rule(r"</blockquote></p>", "</p></blockquote>"),
    _rule(rf"<p>\s*(</?{_BLOCKS}[^>]*>)", r"\1"),
    _rule(rf"(</?{_BLOCKS}[^>]*>)\s*</p>", r"\1"),
)
_BROKEN = (
    _rule(r"<br\s*/?>", "<br>"),
    _rule(r"(?<!<br>)\s*\n", "<br>\n"),
    _rule(rf"(</?{_BLOCKS}[^>]*>)\s*<br>", r"\1"),
    _rule(r"<br>(\s*</?(?:p|li|div|dl|dd|dt|th|pre|td|ul|ol)[^>]*>)", r"\1"),
    _rule(r"\n</p>$", "</p>"),
)


def paragraphs(text: str) -> str:
    """Markup of a text typed in the old editor. What is in `pre` stays as it is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(_NEWLINE, "")
    if not text.strip():
        return ""
    kept: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"<pre \ue002{len(kept) - 1}></pre>"

    text = _apply(_BEFORE_SPLIT, _KEPT.sub(put_aside, text) + "\n")
    # A line end within a tag breaks nothing.
    text = _TAG.sub(lambda tag: tag[0].replace("\n", _NEWLINE), text)
    text = _apply(_AFTER_TAGS, text)
    parts = (part for part in re.split(r"\n\s*\n", text) if part)
    text = "".join("<p>" + part.strip("\n") + "</p>\n" for part in parts)
    text = _apply(_BROKEN, _apply(_REBUILT, text))
    text = text.replace("<br>\n", "<br>").strip()
    return _PLACE.sub(lambda place: kept[int(place[1])], text).replace(_NEWLINE, "\n")


def _apply(rules: tuple[Rule, ...], text: str) -> str:
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text
