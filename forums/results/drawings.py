"""The drawing that stands for a forum, which has no picture of its own: names of `static/drawings`."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from forums.models import Forum

_BY_MONTH = ("hiver",) * 3 + ("printemps",) * 2 + ("ete",) * 3 + ("automne",) * 3 + ("hiver",)


def drawing_of(day: date) -> str:
    """That of the season of this day. March is winter here."""
    return f"saison-{_BY_MONTH[day.month - 1]}"


def season_drawing(forum: Forum) -> str:
    """That of the season when it begins."""
    return drawing_of(timezone.localdate(forum.starts_at))


def past_drawing(forum: Forum) -> str:
    """In a list, where many are of one season: one of three, always the same for a forum."""
    return (season_drawing(forum), "forum-table", "forum-resultats")[(forum.pk or 0) % 3]


def stage_drawing(stage: Forum.Stage, *, is_voting: bool = False) -> str:
    """What people do there at this stage."""
    if is_voting:
        return "forum-vote"
    return "forum-resultats" if stage in {Forum.Stage.RESULTS, Forum.Stage.PAST} else "forum-table"
