"""What a person recognises one of their devices by: the browser and the system, in plain words.

The header of a browser is whatever the client wrote: it only chooses among the names below, and is kept nowhere. An
iPad says that it is a Mac, and most browsers that they are Chrome: what is found is an indication for its owner alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# Where it is kept in the session.
KEY = "device"
# Each browser names those that it descends from: the first that is found is the right one.
_BROWSERS = (
    ("Edge", r"\bEdgA?(?:iOS)?/"),
    ("Opera", r"\b(?:OPR|OPT|OPiOS|Opera)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Vivaldi", r"\bVivaldi/"),
    ("DuckDuckGo", r"\b(?:DuckDuckGo|Ddg)/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/"),
    ("Safari", r"\bVersion/[\d.]+ .*Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMacintosh\b"),
    ("Linux", r"\b(?:Linux|X11)\b"),
)
# Devices whose name is that of their system.
_APPLIANCES = {"iPhone", "iPad"}
MOST_READ = 512

_WAYS: dict[str, str | Promise] = {
    "password": _("password"),
    "password_reset": _("new password"),
    "code": _("code sent by e-mail"),
    "totp": _("code of the app"),
    "webauthn": _("passkey"),
    "recovery_codes": _("recovery code"),
}


def names_of(user_agent: str) -> tuple[str, str]:
    """(browser, system), each empty when it is none of those that are known."""
    read = user_agent[:MOST_READ]
    return _first(_BROWSERS, read), _first(_SYSTEMS, read)


def _first(known: Iterable[tuple[str, str]], text: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, text)), "")


def in_words(browser: str, system: str) -> str:
    """“Firefox on Windows”."""
    if not browser or not system:
        return browser or system or gettext("Device that we don’t recognize")
    if system in _APPLIANCES:
        return gettext("%(browser)s on an %(device)s") % {"browser": browser, "device": system}
    return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}


def remember(request: HttpRequest) -> None:
    """Writes into the session that has just been opened when, and in which browser."""
    browser, system = names_of(request.META.get("HTTP_USER_AGENT", ""))
    begun = timezone.now().replace(second=0, microsecond=0).isoformat()
    request.session[KEY] = {"browser": browser, "system": system, "begun_at": begun}


def ways_of(session: Mapping[str, Any]) -> list[str]:
    """What was shown at sign-in, in order: "password", "code", "totp"…; what was asked again later is not of it."""
    shown = session.get("account_authentication_methods")
    first = [one for one in shown if not one.get("reauthenticated")] if isinstance(shown, list) else []
    kinds = [one.get("type") if one.get("method") == "mfa" else one.get("method") for one in first]
    return [kind for kind in dict.fromkeys(kinds) if kind in _WAYS]


def ways_in_words(ways: Iterable[str]) -> str:
    return gettext(", then ").join(str(_WAYS[way]) for way in ways)
