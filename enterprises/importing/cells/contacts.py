"""Telephones, e-mail addresses and pages: the one that a listing holds, and whether the cell said more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from enterprises.importing.cells.row import length_of
from pole import identifiers
from pole.identifiers.cleaning import clean_input, digits_of_spreadsheet

# Pages there are an enterprise's own, and never its site.
_SOCIAL_HOSTS = [
    "facebook.com",
    "fb.com",
    "fb.me",
    "instagram.com",
    "linkedin.com",
    "youtube.com",
    "youtu.be",
    "x.com",
    "twitter.com",
    "tiktok.com",
    "vimeo.com",
    "pinterest.com",
    "pinterest.ca",
    "threads.net",
    "threads.com",
    "bsky.app",
    "linktr.ee",
    "mastodon.social",
    "snapchat.com",
    "flickr.com",
]
_EXTENSION_WORDS = r"(?:postes?|post|local|loc|extension|extn|ext|p|x)(?![^\W\d_])|#"
_BETWEEN_PHONES = re.compile(
    rf"\s*(?:[\n|]|[;,/](?!\s*(?:{_EXTENSION_WORDS}))|\b(?:ou|et|or|and)\b)\s*", re.IGNORECASE
)
_AT = re.compile(
    r"\s*(?:\[\s*(?:at|a|arobase)\s*\]|\(\s*(?:at|a|arobase)\s*\)|\barobase\b|\s@|@\s)\s*", re.IGNORECASE
)
_EMAIL = re.compile(r"[^\s;,<>()\[\]\"«»|@]+@[^\s;,<>()\[\]\"«»|/]+")
_BETWEEN_PAGES = re.compile(r"[\s;,|<>\"«»]+|\s/\s")
_MARKS_AROUND = ".,;:()[]<>'’…"


def parse_phones(cell: str, *, country: str) -> tuple[str, str, bool]:
    """(E.164 number, extension or "", whether the cell says more). Raises `ValidationError` when no number is one."""
    number = digits_of_spreadsheet(clean_input(cell))
    if number.isdecimal():
        cell = number
    parts = [part for part in _BETWEEN_PHONES.split(cell) if part.strip()]
    first_error: ValidationError | None = None
    # "450/555-0125" is one number.
    for part in (*parts, cell.replace("/", "-")):
        for text in (part, _without_label(part)):
            try:
                number, extension = identifiers.parse_phone(text, country=country)
            except ValidationError as error:
                first_error = first_error or error
            else:
                is_whole = len(extension) <= length_of("phone_extension")
                return (
                    number,
                    extension if is_whole else "",
                    not is_whole or (len(parts) > 1 and part in parts),
                )
    raise first_error or ValidationError(
        _("Write the telephone number with its area code, such as 450 555-0123.")
    )


def _without_label(part: str) -> str:
    """Without words before the number, nor what is in brackets or a name after it: "Tél. : 450 555-0123 (Marie)"."""
    text = re.sub(r"^[^\d+(]+", "", re.sub(r"\((?!\s*\d{3}\s*\))[^)]*\)?", " ", part))
    found = re.match(
        rf"[\d\s().+/\u00a0–-]+(?:[\s,;(/-]*(?:{_EXTENSION_WORDS})[^\d]{{0,6}}\d{{1,7}})?",
        text,
        re.IGNORECASE,
    )
    return found[0].strip(" -–/.") if found else text


def parse_emails(cell: str) -> tuple[str, bool]:
    """(The first address that is one, whether the cell says more). Raises `ValidationError`."""
    text = _AT.sub("@", unicodedata.normalize("NFKC", cell))
    # Without what is written before it: "mailto:", "Courriel:", the "/" after another address.
    found = [each.rpartition(":")[2].split("?")[0] for each in _EMAIL.findall(text)]
    addresses = list(dict.fromkeys(each.strip(f"{_MARKS_AROUND}/") for each in found))
    for address in addresses:
        try:
            validate_email(address)
        except ValidationError:
            continue
        return address, len(addresses) > 1
    raise ValidationError(_("this is not an e-mail address."))


def parse_pages(cell: str) -> tuple[str, list[str], bool]:
    """(site or "", pages on social media, whether the cell says more). Raises `ValidationError` when nothing is a page."""
    site, pages, says_more, error = "", [], False, None
    for part in _BETWEEN_PAGES.split(unicodedata.normalize("NFKC", cell)):
        text = part.strip(_MARKS_AROUND)
        if "." not in text or not any(character.isalnum() for character in text):
            # Words around an address: "voir", "Facebook".
            continue
        try:
            page = identifiers.clean_website(text)
        except ValidationError as refused:
            error = error or refused
            says_more = True
            continue
        if is_social(page):
            pages.append(page)
        elif not site:
            site = page
        else:
            says_more = says_more or page != site
    if not site and not pages:
        raise error or ValidationError(_("this is not the address of a page."))
    return site, list(dict.fromkeys(pages)), says_more


def is_social(page: str) -> bool:
    host = urlsplit(page).hostname or ""
    return any(host == each or host.endswith(f".{each}") for each in _SOCIAL_HOSTS)


def merged_pages(one: Sequence[str], other: Sequence[str], most: int) -> list[str]:
    return list(dict.fromkeys([*one, *other]))[:most]
