"""How often one may try to sign in to an account: by device or network, so that a stranger locks nobody out.

A device that has signed in to the account has an allowance of its own. Others have one per network, and
share one per account, which bounds guessing from many networks. docs/adr tells the bounds.
"""

from __future__ import annotations

import ipaddress
import secrets

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

_APP = "accounts.sign_in"
# What is tried: (on a known device, on one network, on all unknown devices together).
RATES = {
    "password": ("5/5m/key,20/h/key", "5/5m/key,12/h/key", "60/h/key"),
    # Codes to sign in, to confirm an address and to choose a new password: each sends a mail.
    "login_code": ("5/5m/key,10/h/key", "3/5m/key,5/h/key", "20/h/key"),
    "confirm_code": ("5/5m/key,10/h/key", "3/5m/key,5/h/key", "20/h/key"),
    "reset_code": ("5/5m/key,10/h/key", "3/5m/key,5/h/key", "20/h/key"),
}
# Of one mailed code, for longer than it lives.
CODE_TRIES = "3/15m/key"
COOKIE_AGE_S = 400 * 24 * 3600
# Of a computer that several people share, the last so many.
MAX_ACCOUNTS = 10
_NONCE_LENGTH, _MAC_LENGTH = 16, 32


def consume(request: HttpRequest, kind: str, email: str) -> ratelimit.RateLimitUsage | None:
    """Counts one try of `kind`; None when there were too many. `rollback` gives the try back."""
    usage = ratelimit.RateLimitUsage(usage=[])
    # The network's before the account's: whoever is over their own limit takes nothing from others.
    for rates, key in _allowances(request, kind, email):
        used = ratelimit.consume(request, app=_APP, action=kind, config={kind: rates}, key=key)
        if not used:
            return None
        usage.usage += used.usage
    return usage


def consume_code_try(request: HttpRequest, code: str) -> bool:
    """Counts one try of a mailed code, in the session that asked for it; False when there were too many."""
    key = f"{request.session.session_key} {code}"
    rates = {"code_try": CODE_TRIES}
    return bool(ratelimit.consume(request, app=_APP, action="code_try", config=rates, key=key))


def clear(request: HttpRequest, kind: str, email: str) -> None:
    for rates, key in _allowances(request, kind, email):
        ratelimit.clear(request, app=_APP, action=kind, config={kind: rates}, key=key)


def remember_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """After a sign-in: marks the device as known to this account. The cookie opens no session."""
    marks = _marks(request)
    known = _mark_of(request, email)
    kept = [mark for mark in marks if mark != known]
    nonce = secrets.token_hex(_NONCE_LENGTH // 2)
    kept.append(known or nonce + _mac(nonce, email))
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        "".join(kept[-MAX_ACCOUNTS:]),
        max_age=COOKIE_AGE_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def network_of(address: str) -> str:
    """An IPv4 address, or an IPv6 /48: one subscriber may hold thousands of /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 48), strict=False))
    return str(parsed)


def _allowances(request: HttpRequest, kind: str, email: str) -> list[tuple[str, str]]:
    email = email.strip().lower()
    on_device, on_network, together = RATES[kind]
    if mark := _mark_of(request, email):
        return [(on_device, f"device {mark} {email}")]
    network = network_of(get_adapter().get_client_ip(request))
    return [(on_network, f"network {network} {email}"), (together, f"account {email}")]


def _marks(request: HttpRequest) -> list[str]:
    value, length = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), _NONCE_LENGTH + _MAC_LENGTH
    marks = [value[start : start + length] for start in range(0, len(value), length)]
    return [mark for mark in marks[:MAX_ACCOUNTS] if len(mark) == length]


def _mark_of(request: HttpRequest, email: str) -> str | None:
    """This device's mark for the account: a random number, and its keyed hash with the address."""
    email = email.strip().lower()
    for mark in _marks(request):
        nonce, mac = mark[:_NONCE_LENGTH], mark[_NONCE_LENGTH:]
        if constant_time_compare(mac, _mac(nonce, email)):
            return mark
    return None


def _mac(nonce: str, email: str) -> str:
    mac = salted_hmac("accounts.known_device", f"{nonce} {email.strip().lower()}", algorithm="sha256")
    return mac.hexdigest()[:_MAC_LENGTH]
