"""The addresses that a menu may lead to: a page of this portal that answers, or another site by https."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from django.utils.encoding import iri_to_uri
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

OUTSIDE = "https://"
# Letters of French and its neighbours alone: a name in Cyrillic or Greek letters reads like another site's.
_LABEL = re.compile(r"[a-z0-9à-öø-ýÿœ](?:[a-z0-9à-öø-ýÿœ-]{0,61}[a-z0-9à-öø-ýÿœ])?")
# What no address has: spaces and what is invisible, then what browsers read as something else.
_FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f\\\"<>^`{|}]")

NOT_AN_ADDRESS = _(
    "Write an address of this site, like /contact/, or of another one, like https://exemple.ca/."
)


def is_outside(address: str) -> bool:
    return address.startswith(OUTSIDE)


def clean_menu_address(typed: str) -> str:
    """The address as it is stored. Raises `ValidationError`."""
    address = unicodedata.normalize("NFC", typed.strip())
    if _FORBIDDEN.search(address) or not address.isprintable():
        raise ValidationError(NOT_AN_ADDRESS)
    if address.startswith("/") and not address.startswith("//"):
        return address
    try:
        parts = urlsplit(address)
        if (parts.scheme, bool(parts.netloc)) == ("http", True):
            raise ValidationError(_("Only addresses in https:// are accepted: http:// is read on the way."))
        if parts.scheme != "https" or not parts.netloc:
            raise ValidationError(NOT_AN_ADDRESS)
        return _clean_outside(parts)
    except ValueError as error:
        raise ValidationError(NOT_AN_ADDRESS) from error


def _clean_outside(parts: SplitResult) -> str:
    if "@" in parts.netloc:
        raise ValidationError(_("This address holds a name or a password, before “@”. Take them out."))
    host = _clean_host(parts.hostname or "")
    port = f":{parts.port}" if parts.port not in {None, 443} else ""
    rest = iri_to_uri(parts._replace(scheme="", netloc="").geturl())
    rest = rest if rest.startswith("/") else f"/{rest}"
    if rest.startswith("//"):
        raise ValidationError(NOT_AN_ADDRESS)
    site = f"{OUTSIDE}{host}{port}"
    return rest if site == settings.BASE_URL.lower() else site + rest


def _clean_host(name: str) -> str:
    """A site's name, which people can read: not a number, nor letters that look like others."""
    labels = [_from_punycode(label) for label in name.lower().rstrip(".").split(".")]
    if len(labels) < 2 or not re.search("[a-z]", labels[-1]) or len(name) > 253:
        raise ValidationError(NOT_AN_ADDRESS)
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise ValidationError(
            _("The name of this site has letters that may be taken for others. Check whose address it is.")
        )
    return ".".join(labels)


def _from_punycode(label: str) -> str:
    """“xn--caf-dma” is “café”: it is judged by what it reads."""
    return label.removeprefix("xn--").encode().decode("punycode") if label.startswith("xn--") else label


def answers(address: str) -> bool:
    """Whether an address of this portal leads somewhere. A page may still be a draft: its entry waits with it."""
    found = _resolve(address)
    page_exists: Callable[[str], bool] = import_string(settings.PAGE_EXISTS)
    return found is not None and (found.view_name != "page" or page_exists(found.kwargs["slug"]))


def page_slug(address: str) -> str:
    """The slug of the institutional page that an address of this portal leads to, or ""."""
    found = None if is_outside(address) else _resolve(address)
    return str(found.kwargs["slug"]) if found and found.view_name == "page" else ""


def _resolve(address: str) -> ResolverMatch | None:
    path = urlsplit(address).path
    try:
        with translation.override("fr"):
            return resolve(path if path.endswith("/") else f"{path}/")
    except Resolver404:
        return None
