"""IP addresses, of which only a keyed hash is ever stored."""

from __future__ import annotations

import ipaddress

from django.utils.crypto import salted_hmac


def hash_ip_address(address: str, *, salt: str) -> str:
    """HMAC-SHA-256, in hexadecimal, of an IPv4 address, or of an IPv6 /64 network: a client has all of it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return salted_hmac(salt, address, algorithm="sha256").hexdigest()
    if parsed.version == 6:
        parsed = ipaddress.ip_network((parsed, 64), strict=False).network_address
    return salted_hmac(salt, str(parsed), algorithm="sha256").hexdigest()
