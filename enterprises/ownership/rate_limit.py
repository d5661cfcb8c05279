"""The rate limit of reported errors, by network address."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from pole.client_ip import hash_ip_address

REPORTS_AN_HOUR = 6


def consume_report(request: HttpRequest) -> bool:
    """Counts one report of this address, and returns whether it is within the limit.

    Only a keyed hash of the address is stored, for an hour.
    """
    address = get_adapter().get_client_ip(request)
    key = f"report-{hash_ip_address(address, salt='enterprises.limits')[:32]}"
    cache.add(key, 0, timeout=3600)
    try:
        return cache.incr(key) <= REPORTS_AN_HOUR
    except ValueError:  # expired in between
        return True
