"""The demonstration's next forum at its door: people registered, a member of the day team, and the file that lets one in."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from forums.models import Forum, Kind, Registration
from forums.registration import day_team
from pole.server.whole_files import write_whole

NAME = "Lou, à l’accueil"
PEOPLE = 18


def seed(now: datetime) -> None:
    """Invites the member, or gives another link when the file lost the former one: the database has a hash alone."""
    forums = Forum.objects.filter(kind=Kind.FORUM, announced_at__lte=now, starts_at__gt=now)
    forum = forums.order_by("starts_at").first()
    if forum is None:
        return
    _register_people(forum, now)
    member = forum.day_team.filter(name=NAME).first()
    known = _read().get("url", "").rstrip("/").rpartition("/")[2]
    if member is None:
        member, token = day_team.invite(forum=forum, name=NAME, now=now)
    elif day_team.find_by_token(slug=forum.slug, token=known, now=now) == member:
        return
    else:
        token = day_team.renew_invitation(member=member, now=now)
    _write(
        {
            "forum": forum.title,
            "name": NAME,
            "url": settings.BASE_URL + reverse("staff:day_team_enter", args=[forum.slug, token]),
            "until": day_team.door_closes_at(forum).isoformat(),
        }
    )


def _register_people(forum: Forum, now: datetime) -> None:
    """With the names of the demonstration's votes; none when somebody has registered."""
    if forum.registrations.exists():
        return
    data = tomllib.loads((Path(__file__).parent / "votes.toml").read_text(encoding="utf-8"))
    first_names, last_names, kinds = data["first_names"], data["last_names"], data["kinds"]
    for number in range(PEOPLE):
        Registration.objects.create(
            forum=forum,
            name=f"{first_names[number % len(first_names)]} {last_names[number * 5 % len(last_names)]}",
            email=f"personne{number}@{forum.slug}.example",
            kind=kinds[number % len(kinds)],
            state=Registration.State.CONFIRMED,
            confirmed_at=now - timedelta(days=number % 5),
        )


def _path() -> Path:
    return Path(settings.VAR_DIR) / "demo-day-team.json"


def _read() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_path().read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _write(entry: dict[str, str]) -> None:
    """Readable by the owner of the clone only."""
    path = _path()
    write_whole(path, json.dumps(entry, ensure_ascii=False, indent=2).encode())
