"""Which addresses let in whoever has them: what no log may keep of them.

The list comes from the URLconf: a route with a text parameter of one of `BEARER_NAMES`. The log masks it, and
`deploy/nginx.conf` holds what `nginx_pattern` makes of it.
"""

from __future__ import annotations

import re

from pole.server.routes import PARAMETER, kept_by_urlconf, routes

# Names of parameters: a signed link, a voting code, the key of a registration.
BEARER_NAMES = {"token", "code", "key", "secret"}
# A number is no secret: it says which row, to whoever may read it.
NUMBERS = {"int"}
# Nothing secret, but where one person's pages are: nginx keeps nothing of what follows.
PERSONAL = ("/compte/",)


def bearer_parameter(route: str) -> re.Match[str] | None:
    """The first parameter of a route that lets in whoever knows it."""
    return next(
        (
            found
            for found in PARAMETER.finditer(route)
            if found["name"] in BEARER_NAMES and found["converter"] not in NUMBERS
        ),
        None,
    )


@kept_by_urlconf
def bearer_prefixes() -> tuple[str, ...]:
    """Patterns of what precedes the secret, the longest first: "/vote/lien/" before "/vote/"."""
    found = {
        "/" + _without_parameters(route[: parameter.start()])
        for route in routes()
        if (parameter := bearer_parameter(route))
    }
    return tuple(sorted(found, key=lambda prefix: (-len(prefix), prefix)))


def _without_parameters(route: str) -> str:
    parts = PARAMETER.split(route)
    # Text, then converter, name and text for each parameter.
    return "[^/]+".join(re.escape(text).replace(r"\-", "-") for text in parts[::3])


def nginx_pattern() -> str:
    """What nginx keeps of an address of these: the part before the secret."""
    known = sorted({*bearer_prefixes(), *PERSONAL})
    # One that begins with another is masked with it.
    shortest = [
        prefix for prefix in known if not any(prefix != other and prefix.startswith(other) for other in known)
    ]
    return rf"~^(?<part>(?:/en)?(?:{'|'.join(shortest)}))"


@kept_by_urlconf
def _in_logs() -> re.Pattern[str] | None:
    """An address of these in a line: alone, absolute (a Referer) or quoted within another one (`?next=%2Fvote%2F…`)."""
    prefixes = "|".join(prefix.replace("[^/]+", r"""[^/\s?#'"%]+""") for prefix in bearer_prefixes())
    if not prefixes:
        # An empty prefix would mask every word.
        return None
    address = rf"(?:/en)?(?:{prefixes})".replace("/", "(?:/|%2F)").replace("[^(?:/|%2F)", "[^/")
    return re.compile(
        rf"""((?:https?://[^/\s'"?#]+|(?<=%3D)|(?<![\w./~%-])){address})(?:(?!%2F)[^/\s?#'"&])+""",
        re.IGNORECASE,
    )


def masked(line: str) -> str:
    """A line of the log, without the secrets of the addresses in it."""
    found = _in_logs()
    return found.sub(r"\1…", line) if found else line
