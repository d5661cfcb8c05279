"""The rounds that are open now, for the bar of every page and the first card of the home page.

Cached in the process until votes change: a round that opens raises their content version, and the time at which it
closes is one of the instants of `NEXT_SCHEDULED_CHANGES`.
"""

from __future__ import annotations

from django.utils import timezone

from forums.models import Round
from pole.caching.in_process import BoundedCache, process_cache
from pole.caching.public_pages import PublicState

_open_rounds: BoundedCache[tuple[object, ...], tuple[Round, ...]] = process_cache(limit=1)


def open_votes(public_state: PublicState) -> tuple[Round, ...]:
    """Open rounds of announced forums, with their forum's address and title. No query when they are cached."""
    return _open_rounds.get_or_make(public_state.key_of("votes"), _read_open_rounds)


def forums_voting(public_state: PublicState) -> frozenset[int]:
    """The keys of the forums of which a vote is open, trials apart. No query when they are cached."""
    return frozenset(round.forum_id for round in open_votes(public_state) if not round.is_trial)


def _read_open_rounds() -> tuple[Round, ...]:
    now = timezone.now()
    rounds = Round.objects.open_at(now).filter(forum__announced_at__lte=now).select_related("forum")
    names = ("forum__slug", "forum__title", "forum__title_en")
    return tuple(rounds.only("number", "is_trial", "public", "closes_at", *names).order_by("closes_at", "id"))
