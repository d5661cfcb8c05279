"""Recommendations of the demonstration: proposed, typed at the tables' board, merged, one refused."""

from __future__ import annotations

import tomllib
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forums.models import Forum, Recommendation, Track
from forums.recommendations import editing, merging
from forums.recommendations.editing import RecommendationContent
from forums.recommendations.rules import Actor
from pole.demo.hours import last_awake

NAMESPACE = uuid.UUID("7d0c6c1e-55a1-4f0e-9d0b-6f6a0a4f21c3")
CITIZEN, TEAM = "citoyenne@pole.example", "direction@pole.example"


def seed() -> None:
    """Writes those of recommendations.toml, for each forum that has none of them yet."""
    data = tomllib.loads((Path(__file__).parent / "recommendations.toml").read_text(encoding="utf-8"))
    for entry in data["forum"]:
        forum = Forum.objects.filter(slug=entry["slug"], announced_at__isnull=False).first()
        first = _idempotency_key(entry, entry["recommendation"][0])
        if forum and not Recommendation.objects.filter(idempotency_key=first).exists():
            _write(forum, entry)


def _idempotency_key(entry: dict[str, Any], recommendation: dict[str, Any]) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, f"{entry['slug']}#{recommendation['key']}")


@transaction.atomic
def _write(forum: Forum, entry: dict[str, Any]) -> None:
    team, tracks = Actor(User.objects.filter(email=TEAM).first()), list(forum.tracks.all())
    citizen = User.objects.filter(email=CITIZEN).first()
    written: dict[str, Recommendation] = {}
    for index, each in enumerate(entry["recommendation"]):
        at = _moment(forum, each, index)
        content = _content(each, tracks[each["track"]])
        key = _idempotency_key(entry, each)
        # What awaits review comes from an account.
        if citizen and each.get("waits"):
            row = editing.propose(
                forum=forum, author=citizen, content=content, author_name=citizen.name, is_person_named=True,
                idempotency_key=key, now=at,
            )  # fmt: skip
        else:
            row = editing.add_accepted(
                forum=forum, by=team, content=content, idempotency_key=key, now=at,
                table_number=each.get("table"), author_name=each.get("author", ""),
            )  # fmt: skip
        written[each["key"]] = row
        later = at + timedelta(minutes=25)
        if "refused" in each:
            editing.refuse(
                recommendation=row, reason=each["refused"], seen=row.shown_version, by=team, now=later
            )
        if each.get("on_ballot"):
            editing.set_on_ballot(
                recommendation=row, is_on_ballot=True, seen=row.shown_version, by=team, now=later
            )
    for turn, group in enumerate(entry["merge"]):
        _merge(forum, group, [written[key] for key in group["keys"]], team, turn)


def _moment(forum: Forum, each: dict[str, Any], index: int) -> datetime:
    """In office hours of a day after the announcement, or during the event; never to come."""
    if "day" in each and forum.announced_at:
        day = timezone.localtime(forum.announced_at + timedelta(days=each["day"]))
        at = day.replace(hour=9 + index % 7, minute=7 * index % 60, second=0, microsecond=0)
    else:
        at = forum.starts_at + timedelta(hours=2, minutes=4 * index)
    return min(at, last_awake(timezone.now() - timedelta(hours=8)) + timedelta(minutes=index))


def _content(each: dict[str, Any], track: Track | None) -> RecommendationContent:
    return RecommendationContent(
        kind=each["kind"],
        track=track,
        title=each["title"],
        title_en=each.get("title_en", ""),
        description=each["description"],
    )


def _merge(forum: Forum, group: dict[str, Any], rows: list[Recommendation], team: Actor, turn: int) -> None:
    latest = max(row.created_at for row in rows) + timedelta(hours=1, minutes=6 * turn)
    content = _content({**group, "kind": rows[0].kind}, rows[0].track)
    ids = [each.pk for each in rows]
    seen = merging.version_of_merge(Recommendation.objects.filter(pk__in=ids).for_page())
    row = merging.merge(forum=forum, ids=ids, content=content, seen=seen, by=team, now=latest)
    if group.get("on_ballot") and not row.is_on_ballot:
        later = latest + timedelta(minutes=5)
        editing.set_on_ballot(
            recommendation=row, is_on_ballot=True, seen=row.shown_version, by=team, now=later
        )
