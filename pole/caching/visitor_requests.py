"""What of a request decides which kept answer it may have: address, cookies, accepted codings. Nothing here asks the database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from django.conf import settings

from pole.caching.in_process import BoundedCache

type Environ = Mapping[str, Any]

MAX_MEMO_LENGTH = 200
MAX_MEMOS = 256
# What measures of audience, advertising and proxies leave on a whole domain, so on the portal's name too.
HARMLESS_COOKIES = (
    "_ga", "_ga_*", "_gid", "_gat*", "_gcl_*", "_gac_*", "_fbp", "_fbc", "__utm*", "_pk_*", "_hj*", "_clck", "_clsk",
    "__cf_bm", "cf_clearance", "_cfuvid",
)  # fmt: skip
# Best first, where a client likes several as much.
CODINGS = ("br", "gzip", "")


class Address(NamedTuple):
    """The key of a kept answer."""

    scheme: str
    # As it was sent; known only once Django answered 200 for it.
    host: str
    # As WSGI gives it.
    path: str
    # The parameters that the page reads, as they were sent.
    query: str


def cookies_pattern(*own: str) -> re.Pattern[str]:
    """Matches whole Cookie headers that name harmless cookies and `own` ones only. Split as Django does: at each `;`."""
    names = "|".join(re.escape(name).replace(r"\*", r"[\w.-]*") for name in (*HARMLESS_COOKIES, *own))
    one = f"[ \\t]*+(?:{names})=[^;]*+"
    return re.compile(f"{one}(?:;{one})*+;?[ \\t]*+")


def scheme_of(environ: Environ) -> str:
    """As `HttpRequest.scheme`."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, secure_value = settings.SECURE_PROXY_SSL_HEADER
        value = environ.get(name)
        if value is not None:
            return "https" if value.split(",", 1)[0].strip() == secure_value else "http"
    return environ["wsgi.url_scheme"]  # type: ignore[no-any-return]  # a string, says PEP 3333


def restricted(query: str, parameters: tuple[str, ...]) -> str:
    """The pairs of a query that name one of the parameters, as they were sent."""
    if not parameters:
        return ""
    return "&".join(pair for pair in query.split("&") if _name(pair) in parameters)


def _name(pair: str) -> str | None:
    """Of the parameter, as `QueryDict` reads it."""
    raw = pair.encode("latin-1")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = pair
    read = parse_qsl(text, keep_blank_values=True)
    return read[0][0] if read else None


_codings: BoundedCache[str, str] = BoundedCache(MAX_MEMOS)


def best_coding(accepted: str | None) -> str:
    """The coding that an Accept-Encoding header likes best, of `CODINGS`; "" is none at all."""
    if not accepted:
        return ""
    found = _codings.get(accepted)
    if found is None:
        found = _read_best(accepted)
        if len(accepted) <= MAX_MEMO_LENGTH:
            _codings[accepted] = found
    return found


def _read_best(accepted: str) -> str:
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        weights[name] = _weight(parameters)
    weights.setdefault("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    weights.setdefault("br", weights.get("*", 0.0))
    # Always allowed, unless it is refused; what names others likes them better.
    weights[""] = weights.get("identity", weights.get("*", 0.0005))
    best = max(CODINGS, key=lambda coding: weights[coding])
    return best if weights[best] > 0 else ""


def _weight(parameters: list[str]) -> float:
    """0 for what is not understood."""
    for parameter in parameters:
        name, _equals, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if re.fullmatch(r" *(0(\.\d{0,3})?|1(\.0{0,3})?)", value) else 0.0
    return 1.0
