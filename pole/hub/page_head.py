"""What a page says of itself to whoever links to it: its address, its languages, a description, a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict

from pole.files.images import SHARED_SIZE_PX, shared_size
from pole.hub.cards import HEIGHT_PX, WIDTH_PX, card_address
from pole.models import Hub, StoredPicture
from pole.server.bearer_links import masked
from pole.text.bilingual import ENGLISH, FRENCH
from pole.text.focus import Focus

# Nothing under these is for search engines.
_PRIVATE = ("/gestion/", "/compte/", "/admin/", "/apercu/")
_LOCALES = {FRENCH: "fr_CA", ENGLISH: "en_CA"}


@dataclass(frozen=True, slots=True)
class SharedPicture:
    """`address` is a path of this site; `alt` says what it shows."""

    address: str
    width_px: int
    height_px: int
    alt: str


@dataclass(frozen=True, slots=True)
class PageHead:
    """What a view says of its page, when it is not what it would be of any page."""

    # "article" for what was written once, "website" for the rest: https://ogp.me/#types
    kind: str = "website"
    # What is said of it where it is shared, and drawn: needed where its own title holds what a visitor typed, which
    # nobody must make the hub say.
    title: str = ""
    # What the picture says above the title: the kind of page, a date.
    kicker: str = ""
    # Filters that make a page of its own, as the view understood them; any other one leaves the canonical address to the
    # page without.
    kept: Mapping[str, str] = field(default_factory=dict)
    # That of the page of the list that is shown, whatever was asked for.
    number: int = 1
    # Its address in English shows the French text: it is an address of the same page.
    is_french_only: bool = False
    # That of the text, where an address among the pages of the other one shows it too.
    language: str = ""
    # Path by language, of a text that has an address of its own in each.
    languages: Mapping[str, str] | None = None
    picture: SharedPicture | None = None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    language: str
    path: str


def picture_of(stored: StoredPicture, alt: str, focus: Focus | None = None) -> SharedPicture:
    """A stored picture as a JPEG, since not every network shows WebP; cut around its point, if it has one."""
    if focus and not focus.is_default:
        size = shared_size((stored.width_px, stored.height_px))
        address = f"{stored.jpeg_url.removesuffix('.jpg')}-x{focus.x}y{focus.y}.jpg"
        return SharedPicture(address, *size, alt)
    width = min(WIDTH_PX, stored.width_px)
    height = max(1, round(stored.height_px * width / stored.width_px))
    return SharedPicture(stored.jpeg_url, width, height, alt)


def card_of(hub: Hub, title: str, kicker: str, language: str) -> SharedPicture:
    address = card_address(hub, title=title, kicker=kicker, language=language)
    return SharedPicture(address, WIDTH_PX, HEIGHT_PX, f"{kicker} – {title}" if kicker else title)


def default_picture(hub: Hub, title: str, kicker: str, language: str) -> SharedPicture:
    """That of a page without one: the hub's own, else its title drawn."""
    if not hub.social_picture:
        return card_of(hub, title, kicker, language)
    address = f"{hub.social_picture.url.removesuffix('.webp')}.jpg"
    name = hub.name_en if language == ENGLISH and hub.name_en else hub.name
    return SharedPicture(address, *SHARED_SIZE_PX, name)


def is_hidden(request: HttpRequest, head: PageHead) -> bool:
    """Whether search engines must leave it: a person's pages, those of the team, previews, errors, links that let one in."""
    path = request.path.removeprefix("/en")
    return (
        head.is_hidden
        or request.resolver_match is None
        or request.method not in {"GET", "HEAD"}
        or path.startswith(_PRIVATE)
        or masked(path) != path
    )


def languages_of(request: HttpRequest, head: PageHead) -> dict[str, str]:
    """The path of the page in each language in which it exists."""
    if head.languages is not None:
        return dict(head.languages)
    path = request.path
    french = path.removeprefix("/en") if path.startswith("/en/") else path
    return {FRENCH: french} if head.is_french_only else {FRENCH: french, ENGLISH: f"/en{french}"}


def language_of(request: HttpRequest, head: PageHead, language: str) -> str:
    """That of what is shown among the pages of `language`."""
    known = languages_of(request, head)
    return head.language or (language if language in known else next(iter(known)))


def canonical_path(request: HttpRequest, head: PageHead, language: str) -> str:
    """The one address of what is on this page. A number of page stays; filters go, unless they make a page."""
    own = language_of(request, head, language)
    return languages_of(request, head)[own] + _kept_query(request.GET, head)


def alternates(request: HttpRequest, head: PageHead) -> list[Address]:
    """Its addresses by language, then that of any other language; nothing when it exists in one."""
    languages = languages_of(request, head)
    if len(languages) < 2:
        return []
    query = _kept_query(request.GET, head)
    return [
        *(Address(f"{language}-CA", path + query) for language, path in languages.items()),
        Address("x-default", languages[FRENCH] + query),
    ]


def locale_of(language: str) -> str:
    return _LOCALES[language]


def _kept_query(query: QueryDict, head: PageHead) -> str:
    """What is shown, never what was typed: a number or a filter that nothing has makes no page."""
    if any(query[name] and name not in {"page", *head.kept} for name in query):
        return ""
    pairs = [(name, value) for name, value in head.kept.items() if value]
    if head.number > 1:
        pairs.append(("page", str(head.number)))
    return f"?{urlencode(pairs)}" if pairs else ""
