"""Forums of the demonstration: one past with its priorities, one to come, one being prepared; then the agenda (`agenda`)."""

from __future__ import annotations

import random
import tomllib
import uuid
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from desk.publishing import publish
from forums.demo import agenda, answers, day_team, recommendations
from forums.event.editing import save_event
from forums.models import Forum, Priority, PriorityUpdate, Results
from forums.results.drafts import save_results
from pole.demo.hours import working_day
from pole.text import richtext
from pole.text.bilingual import ENGLISH, FRENCH

NAMESPACE = uuid.UUID("0f6a4f0e-6d0c-4b57-9a53-3f2b8c1d7e90")
# Upcoming forums are moved by this until they are in the future; whole weeks keep the day of the week.
YEAR = timedelta(weeks=52)
OFFICE_OPENS = time(9)
DATES = ("starts_at", "ends_at", "registration_opens_at", "registration_closes_at")


def seed(*, scale: int, rng: random.Random) -> None:
    """Writes the forums and activities that are not there yet; `scale` and `rng` change nothing."""
    entries = tomllib.loads((Path(__file__).parent / "forums.toml").read_text(encoding="utf-8"))["forum"]
    now = timezone.now()
    for entry in entries:
        if not Forum.objects.filter(slug=entry["event"]["slug"]).exists():
            _write(entry, now)
    recommendations.seed()
    for entry in entries:
        if "dossier" in entry:
            answers.seed(slug=entry["event"]["slug"], recipient=entry["dossier"], answers=entry["answers"])
    agenda.seed(now)
    day_team.seed(now)


def sanitised(texts: Mapping[str, Any]) -> dict[str, Any]:
    """`texts` by field, with the HTML as it would be saved, each in its language."""
    return {
        name: richtext.clean_html(text, language=ENGLISH if name.endswith("_en") else FRENCH)
        if name in {"body", "body_en", *Results.HTML_FIELDS}
        else text
        for name, text in texts.items()
    }


@transaction.atomic
def _write(entry: dict[str, Any], now: datetime) -> None:
    forum = save_event(
        forum=_forum(entry, now),
        tracks=entry.get("tracks", []),
        programme=entry["programme"],
        attendance=entry.get("attendance", {}),
    )
    if "results" in entry:
        _write_results(forum, entry, now)


def _forum(entry: dict[str, Any], now: datetime) -> Forum:
    event = sanitised(entry["event"])
    dates = {name: timezone.make_aware(event[name]) for name in DATES}
    if "results" not in entry:
        while dates["starts_at"] < now + timedelta(weeks=2):
            dates = {name: moment + YEAR for name, moment in dates.items()}
        if not entry["draft"]:
            dates["registration_opens_at"] = min(
                dates["registration_opens_at"], working_day(now - timedelta(days=6), OFFICE_OPENS)
            )
    announced_at = min(
        dates["registration_opens_at"] - timedelta(weeks=3),
        working_day(now - timedelta(weeks=1), OFFICE_OPENS),
    )
    return Forum(**event | dates, announced_at=None if entry["draft"] else announced_at)


def _write_results(forum: Forum, entry: dict[str, Any], now: datetime) -> None:
    tracks = list(forum.tracks.all())
    priorities = [
        {name: priority[name] for name in ("title", "title_en", "description", "description_en")}
        | {
            "key": str(uuid.uuid5(NAMESPACE, f"{forum.slug}#{position}")),
            "track": tracks[priority["track"]].pk,
        }
        for position, priority in enumerate(entry["priorities"])
    ]
    content = dict.fromkeys(Results.WORKING_FIELDS, "") | sanitised(entry["results"])
    results = save_results(
        forum=forum, content={**content, "priorities": priorities}, seen_version=0, by=None
    )
    publish(owner=results, at=min(forum.ends_at + timedelta(days=2), now), now=now)
    for row, priority in zip(Priority.objects.filter(results=results), entry["priorities"], strict=True):
        row.state = priority["state"]
        row.save(update_fields=["state"])
        for update in priority.get("updates", []):
            PriorityUpdate.objects.create(priority=row, **update)
