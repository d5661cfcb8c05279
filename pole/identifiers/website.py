"""Addresses of websites."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from pole.identifiers.cleaning import clean_input

MAX_WEBSITE_LENGTH = 500  # characters
_WEB_SCHEMES = frozenset({"http", "https"})
# As it is mistyped, or pasted twice: "htttp://", "https//", "http:\\\\", "http:example.ca", "https://http://".
_SCHEME = re.compile(r"h{0,2}t{1,3}p{1,2}(?P<s>s{0,2})(?:[:;]*[/\\]+|:(?=[a-z0-9]))", re.IGNORECASE)
_validate_url = URLValidator(schemes=sorted(_WEB_SCHEMES))


def clean_website(raw: str) -> str:
    """An http(s) address with a public host name, "https://" being added when no scheme is given.

    The scheme and host come out in lower case. Raises `ValidationError` with code
    "website_email", "website_scheme", "website_host" or "website_invalid".
    """
    text = clean_input(raw)
    if re.fullmatch(r"(?:mailto:)?[^\s/@:]+@[^\s/@:]+", text, re.IGNORECASE):
        raise ValidationError(_("This is an e-mail address, not a website."), code="website_email")
    url = _add_scheme(text)
    try:
        parts = urlsplit(url)
        _validate_url(url)
    except (ValueError, ValidationError) as error:
        message = _("This is not the address of a website, such as https://www.example.ca.")
        raise ValidationError(message, code="website_invalid") from error
    _check_host(parts.hostname or "", parts.netloc)
    if len(url) > MAX_WEBSITE_LENGTH or "\\" in url:
        raise ValidationError(_("This address is too long or holds a backslash."), code="website_invalid")
    # urlsplit has put the scheme in lower case.
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path, parts.query, parts.fragment))


def _add_scheme(text: str) -> str:
    """`text` with a scheme; "example.ca:8080" is a host with its port, not a scheme."""
    scheme = ""
    while written := _SCHEME.match(text):
        scheme, text = ("https://" if written["s"] else "http://"), text[written.end() :]
    if scheme:
        return scheme + text
    found = re.match(r"([a-z][a-z0-9+.-]*):(?![0-9])", text, re.IGNORECASE)
    if found is None:
        return "https://" + text.removeprefix("//")
    message = _("A website’s address begins with https:// or http://.")
    raise ValidationError(message, code="website_scheme")


def _check_host(host: str, netloc: str) -> None:
    if "@" in netloc:
        raise ValidationError(_("Remove the user name from this address."), code="website_host")
    if "." not in host.strip(".") or _is_ip_address(host):
        message = _("Write the website’s name, such as www.example.ca.")
        raise ValidationError(message, code="website_host")


def _is_ip_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
