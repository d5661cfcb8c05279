"""What an old address may be, and where staff may lead it: a page that any visitor reads, and nowhere else."""

from __future__ import annotations

import re
import unicodedata
from copy import copy
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from blog.models import OldAddress, Page, Post
from blog.redirects.shapes import PARAMETERS, shape_of
from pole.refusals import Refusal

LONGEST = 300
# Rooms of the team, of accounts and of votes; programs and files.
_CLOSED = ("gestion", "compte", "vote", "admin", "api", "static", "media", "healthz", "readyz", ".well-known")


class RedirectRefused(Refusal):
    messages = {
        "redirect_path": _("An old address begins with / and holds neither // nor a backslash."),
        "redirect_closed": _(
            "No redirect leaves from, nor leads to, the pages of the team, of accounts or of votes."
        ),
        "redirect_live": _("The portal answers at this address: it is not an old one."),
        "redirect_taken": _("This old address leads somewhere already: change it in the list."),
        "redirect_elsewhere": _("Give an address of this site, such as /billets/."),
        "redirect_nowhere": _("No visitor finds a page there."),
        "redirect_loop": _("An old address can’t lead to another one, nor to itself."),
    }


def clean_path(written: str) -> str:
    """A path of this site, whether it was copied whole or not. Raises `RedirectRefused`."""
    written = written.strip()
    if "://" in written[:10]:
        written = _within(written)
    parts = written.partition("#")[0]
    path = unquote(parts, errors="replace")
    if (
        not path.startswith("/")
        or "//" in path
        or "\\" in path
        or not path.isprintable()
        or re.search(r"\s", path)
        or any(part in {".", ".."} for part in path.split("/"))
        or len(path) > LONGEST
    ):
        raise RedirectRefused("redirect_path")
    if is_closed(path):
        raise RedirectRefused("redirect_closed")
    return unicodedata.normalize("NFC", path)


def as_looked_up(path: str) -> str:
    """Of an old address: what names a text comes first, whatever else is asked with it (`/?page_id=7&lang=fr` is `/?p=7`)."""
    bare, _mark, query = path.partition("?")
    asked = QueryDict(query).dict()
    named = shape_of(bare, asked).paths if set(asked) & set(PARAMETERS) else ()
    return named[0] if named else path


def _within(address: str) -> str:
    """Of an address of any host: an old one has that of the old site."""
    try:
        parts = urlsplit(address)
    except ValueError as fault:
        raise RedirectRefused("redirect_path") from fault
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def is_closed(path: str) -> bool:
    words = path.partition("?")[0].strip("/").removeprefix("en/").split("/")
    return words[0] in _CLOSED or "vote" in words


def check_old(path: str, request: HttpRequest) -> None:
    """That nothing answers there. Raises `RedirectRefused`."""
    bare, _mark, query = path.partition("?")
    asked = QueryDict(query).dict()
    names_a_text = bool(set(asked) & set(PARAMETERS) and shape_of(bare, asked).paths)
    if not names_a_text and (path in {"/", "/en/"} or query or is_read(path, request)):
        raise RedirectRefused("redirect_live")


def target_of(written: str, request: HttpRequest) -> dict[str, object]:
    """The fields of an `OldAddress` that leads there: to the text itself, which may move, or to a page. Raises `RedirectRefused`."""
    written = written.strip()
    own = f"{request.scheme}://{request.get_host()}"
    if written.startswith(own):
        written = written.removeprefix(own) or "/"
    if not written.startswith("/") or written.startswith("//"):
        raise RedirectRefused("redirect_elsewhere")
    target = _with_slash(clean_path(written))
    if OldAddress.objects.filter(path__in={target, f"{target.rstrip('/')}/"}).exists():
        raise RedirectRefused("redirect_loop")
    if text := _text_at(target):
        return OldAddress.leading_to(text)
    if not is_read(target, request):
        raise RedirectRefused("redirect_nowhere")
    return {"post": None, "page": None, "target": target}


def _text_at(target: str) -> Post | Page | None:
    path = target.removeprefix("/en") if target.startswith("/en/") else target
    now = timezone.now()
    if found := re.fullmatch(r"/billets/([a-z0-9-]+)/", path):
        return Post.objects.published(now).filter(slug=found[1]).first()
    if found := re.fullmatch(r"/([a-z0-9-]+)/", path):
        return Page.objects.published(now).filter(slug=found[1]).first()
    return None


def _with_slash(path: str) -> str:
    """At its end, before what it asks, unless it names a file."""
    bare, mark, query = path.partition("?")
    is_whole = bare.endswith("/") or "." in bare.rpartition("/")[2]
    return path if is_whole else f"{bare}/{mark}{query}"


def is_read(path: str, request: HttpRequest) -> bool:
    """Whether a visitor without an account reads a page there."""
    bare, _mark, query = path.partition("?")
    bare = _with_slash(bare)
    with translation.override("en" if bare.startswith("/en/") else settings.LANGUAGE_CODE):
        return _is_read(bare, query, request)


def _is_read(bare: str, query: str, request: HttpRequest) -> bool:
    try:
        match = resolve(bare)
    except Resolver404:
        return False
    if not hasattr(match.func, "scopes"):
        # Of the portal, but no page to read: what is asked for by name, or by a form.
        return False
    asked = copy(request)
    asked.method, asked.path, asked.path_info = "GET", bare, bare
    asked.META = {**request.META, "QUERY_STRING": query, "REQUEST_METHOD": "GET"}
    asked.META = {
        name: value for name, value in asked.META.items() if not name.startswith(("HTTP_IF_", "HTTP_COOKIE"))
    }
    asked.GET, asked.POST, asked.COOKIES = QueryDict(query), QueryDict(), {}
    asked.user, asked.resolver_match = AnonymousUser(), match
    try:
        response: HttpResponseBase = match.func(asked, *match.args, **match.kwargs)
    except Http404:
        return False
    return response.status_code == 200
