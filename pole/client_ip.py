"""Addresses of machines, of which only a keyed hash is ever kept."""

from __future__ import annotations

import ipaddress

from django.utils.crypto import salted_hmac


def hashed_address(address: str, *, salt: str) -> str:
    """HMAC in hexadecimal. Whoever has one address of IPv6 has all those of its network: they are one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return salted_hmac(salt, address, algorithm="sha256").hexdigest()
    if parsed.version == 6:
        parsed = ipaddress.ip_network((parsed, 64), strict=False).network_address
    return salted_hmac(salt, str(parsed), algorithm="sha256").hexdigest()
