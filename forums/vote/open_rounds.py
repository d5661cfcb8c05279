"""The rounds that are open now, for the bar of every page and the first card of the home page.

Cached in the process until public content changes: a round that opens raises the content version of
forums, and the time at which it closes is one of the instants of `pole.caching.public_pages`.
"""

from __future__ import annotations

from django.utils import timezone

from forums.models import Round
from pole.caching.public_pages import PublicState

_cache: tuple[PublicState, tuple[Round, ...]] | None = None


def open_votes(public_state: PublicState) -> tuple[Round, ...]:
    """Open rounds of announced forums, with their forum's address and title. No query when they are cached."""
    global _cache  # noqa: PLW0603 - one immutable value, swapped whole
    known = _cache
    if known and known[0] is public_state:
        return known[1]
    now = timezone.now()
    rounds = Round.objects.open_at(now).filter(forum__announced_at__lte=now).select_related("forum")
    names = ("forum__slug", "forum__title", "forum__title_en")
    found = tuple(
        rounds.only("number", "is_trial", "public", "closes_at", *names).order_by("closes_at", "id")
    )
    _cache = (public_state, found)
    return found
