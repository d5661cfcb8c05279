"""Whose domain is it: an enterprise's own, or a host that many share?"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

_SOURCE = Path(__file__).parents[1] / "data" / "shared_hosts.txt"
SHARED_HOSTS = frozenset(
    line.strip() for line in _SOURCE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
)


def host_of(website: str) -> str:
    """The host of a stored address, in lower case and without "www."."""
    try:
        host = urlsplit(website).hostname or ""
    except ValueError:
        return ""
    return host.rstrip(".").removeprefix("www.")


def is_shared(host: str) -> bool:
    """Whether the host, or one that it lies under, belongs to many: "velo.wixsite.com"."""
    labels = host.lower().rstrip(".").split(".")
    return len(labels) < 2 or any(
        ".".join(labels[start:]) in SHARED_HOSTS for start in range(len(labels) - 1)
    )


def own_domain(website: str) -> str:
    """The enterprise's own domain, or "" when its site is at a host that it shares."""
    host = host_of(website)
    return "" if not host or is_shared(host) else host


def own_domain_of_email(email: str) -> str:
    """The enterprise's own domain, or "" when the address is at a provider that many share."""
    host = email.rpartition("@")[2].strip().rstrip(".").lower()
    return "" if not host or is_shared(host) else host


def is_at_own_domain(email: str, website: str) -> bool:
    """Whether the address is at the exact host of the site: only then does it prove control of the site."""
    domain = email.rpartition("@")[2].strip().rstrip(".").lower()
    return bool(domain) and domain.removeprefix("www.") == own_domain(website)
