"""Another's server of map tiles, when staff name one: a host that is parsed, never pasted, and that one page’s policy lets in."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.utils.csp import CSP, build_policy
from django.utils.translation import gettext_lazy as _

from pole.models import TILE_HOST

_TILE_HOST = re.compile(TILE_HOST)
MAX_LENGTH = 253
_REFUSAL = _("Write the name of a server alone, such as “tile.openstreetmap.org”.")


def clean_tile_host(raw: str) -> str:
    """The host of what was typed: “tile.example.org” or “https://tile.example.org/”. Raises `ValidationError` for what is more,
    or something else."""
    typed = raw.strip()
    if not typed:
        return ""
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
        is_host_alone = (parts.scheme, parts.netloc.lower()) == ("https", (parts.hostname or "").lower())
    except ValueError as error:
        raise ValidationError(_REFUSAL, code="tile_host") from error
    if not is_host_alone or parts.path not in {"", "/"} or parts.query or parts.fragment or "?" in typed:
        raise ValidationError(_REFUSAL, code="tile_host")
    valid_tile_host(host)
    return host


def valid_tile_host(host: str) -> None:
    if len(host) > MAX_LENGTH or not _TILE_HOST.fullmatch(host):
        raise ValidationError(_REFUSAL, code="tile_host")


def let_tiles_in(response: HttpResponseBase, host: str) -> None:
    """The policy of this answer alone has pictures of that host, which is looked at again."""
    valid_tile_host(host)
    policy = settings.SECURE_CSP | {"img-src": [*settings.SECURE_CSP["img-src"], f"https://{host}"]}
    response.headers[str(CSP.HEADER_ENFORCE)] = build_policy(policy)
