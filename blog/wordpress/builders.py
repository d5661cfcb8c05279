"""What themes and page builders wrote in the attributes of their short codes, and readers saw: titles, buttons, pictures."""

from __future__ import annotations

import re
from html import escape
from urllib.parse import unquote

from blog.wordpress.shortcodes import Shortcode, is_of_builder

_WORDS = (
    "title",
    "heading",
    "text",
    "subhead",
    "subtitle",
    "author",
    "job_title",
    "company_name",
    "number",
    "caption",
)
_LABELS = ("button_text", "button_one_text", "button_two_text", "btn_text", "link_text")
_ADDRESSES = (
    *("button_url", "button_one_url", "button_two_url", "button_link", "btn_link", "link_url", "url", "href", "link"),
)  # fmt: skip
_BUTTON = re.compile(r"(?:\A|_)(?:button|btn|link)(?:\Z|_)")
_HEADING = re.compile(r"(?:heading|title)\Z")


def what_was_seen(code: Shortcode) -> str:
    """Markup of a short code that nothing renders: its content, with the words and the links of its attributes."""
    if _BUTTON.search(code.name):
        label = code.content.strip() or _first(code, (*_LABELS, *_WORDS))
        return _link(_address(code), label if code.content.strip() else escape(label))
    if not is_of_builder(code.name):
        return code.content
    words = [code.attributes[name].strip() for name in _WORDS if code.attributes.get(name, "").strip()]
    tag = "h3" if _HEADING.search(code.name) else "p"
    before = [f"<{tag}>{escape(each)}</{tag}>" for each in words]
    if source := code.attributes.get("src", "").strip():
        before.append(
            f'<figure><img src="{escape(source)}" alt="{escape(code.attributes.get("alt", ""))}"></figure>'
        )
    label = _first(code, _LABELS)
    after = [f"<p>{_link(_address(code), escape(label))}</p>"] if label else []
    if not before and not after:
        return code.content
    return "\n\n" + "\n\n".join([*before, code.content, *after]) + "\n\n"


def picture_keys(code: Shortcode) -> list[str]:
    """`[vc_single_image image="7"]`, `[vc_gallery images="7,8"]`."""
    given = _first(code, ("image", "images", "image_id", "image_ids"))
    is_list = re.fullmatch(r"[0-9]+(?:\s*,\s*[0-9]+)*", given)
    return re.findall(r"[0-9]+", given) if is_list and is_of_builder(code.name) else []


def _first(code: Shortcode, names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := code.attributes.get(name, "").strip())), "")


def _address(code: Shortcode) -> str:
    """As it is, or within `url:https%3A%2F%2F…|title:…`."""
    given = _first(code, _ADDRESSES)
    found = re.match(r"url:([^|]*)", given)
    return unquote(found[1]) if found else given


def _link(address: str, label: str) -> str:
    return f'<a href="{escape(address)}">{label}</a>' if address and label else label
