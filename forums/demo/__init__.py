"""Forums of the demonstration: one past with its priorities, one to come, one being prepared."""

from __future__ import annotations

import random
import tomllib
import uuid
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from desk.publishing import publish
from forums.demo import answers, recommendations
from forums.event.editing import save_event
from forums.models import Forum, Priority, PriorityUpdate, Results
from forums.results.drafts import save_results
from pole.models import Municipality
from pole.text import richtext
from pole.text.bilingual import ENGLISH, FRENCH

NAMESPACE = uuid.UUID("0f6a4f0e-6d0c-4b57-9a53-3f2b8c1d7e90")
# Upcoming forums are moved by this until they are in the future; whole weeks keep the day of the week.
YEAR = timedelta(weeks=52)


def seed(*, scale: int, rng: random.Random) -> None:
    """Writes the forums of forums.toml that are not there yet; `scale` and `rng` change nothing."""
    data = tomllib.loads((Path(__file__).parent / "forums.toml").read_text(encoding="utf-8"))
    now = timezone.now()
    for entry in data["forum"]:
        if not Forum.objects.filter(slug=entry["slug"]).exists():
            _write(entry, now)
    recommendations.seed()
    answers.seed()


@transaction.atomic
def _write(entry: dict[str, Any], now: datetime) -> None:
    forum = save_event(
        forum=_forum(entry, now),
        tracks=[
            {"title": track["title"], "title_en": track["title_en"]} for track in entry.get("tracks", [])
        ],
        programme=[
            {
                "starts_at": time.fromisoformat(item["time"]),
                "title": item["title"],
                "title_en": item["title_en"],
            }
            for item in entry.get("programme", [])
        ],
        attendance={line["kind"]: line.get("count") for line in entry.get("attendance", [])},
    )
    if "priorities" in entry:
        _write_results(forum, entry, now)


def _forum(entry: dict[str, Any], now: datetime) -> Forum:
    municipality = Municipality.objects.get(code=entry["municipality"])
    later = timedelta()
    if "priorities" not in entry:
        while _moment(entry["starts_at"]) + later < now + timedelta(weeks=2):
            later += YEAR
    opens = _moment(entry["registration_opens"]) + later
    if not entry["draft"] and "priorities" not in entry:
        opens = min(opens, now - timedelta(days=6))
    return Forum(
        slug=entry["slug"],
        title=entry["title"],
        title_en=entry["title_en"],
        summary=entry["summary"],
        summary_en=entry["summary_en"],
        body=richtext.clean_html(entry["body"], language=FRENCH),
        body_en=richtext.clean_html(entry["body_en"], language=ENGLISH),
        hosts=", ".join(entry["hosts"]),
        hosts_en=", ".join(entry["hosts_en"]),
        guests=", ".join(entry["guests"]),
        guests_en=", ".join(entry["guests_en"]),
        starts_at=_moment(entry["starts_at"]) + later,
        ends_at=_moment(entry["ends_at"]) + later,
        venue=entry["venue"],
        venue_address=entry["venue_address"].removesuffix(f", {municipality.name}"),
        municipality=municipality,
        capacity=entry.get("capacity"),
        registration_opens_at=opens,
        registration_closes_at=_moment(entry["registration_closes"]) + later,
        announced_at=None if entry["draft"] else min(opens - timedelta(weeks=3), now - timedelta(weeks=1)),
    )


def _moment(local: datetime) -> datetime:
    return timezone.make_aware(local)


def _write_results(forum: Forum, entry: dict[str, Any], now: datetime) -> None:
    results = save_results(forum=forum, content=_content(forum, entry), seen_version=0, by=None)
    publish(owner=results, at=min(forum.ends_at + timedelta(days=2), now), now=now)
    _add_updates(results, entry["priorities"])


def _content(forum: Forum, entry: dict[str, Any]) -> dict[str, Any]:
    tracks = list(forum.tracks.all())
    quotation = entry["quotation"]
    return {
        **dict.fromkeys(Results.WORKING_FIELDS, ""),
        "introduction": richtext.clean_html(entry["results_introduction"], language=FRENCH),
        "introduction_en": richtext.clean_html(entry["results_introduction_en"], language=ENGLISH),
        "quotation": quotation["text"],
        "quotation_en": quotation["text_en"],
        "quotation_author": quotation["author"],
        "quotation_role": quotation["role"],
        "quotation_role_en": quotation["role_en"],
        "next_steps": richtext.clean_html(entry["next_steps"], language=FRENCH),
        "next_steps_en": richtext.clean_html(entry["next_steps_en"], language=ENGLISH),
        "priorities": [
            {
                "key": str(uuid.uuid5(NAMESPACE, f"{forum.slug}#{position}")),
                "title": priority["title"],
                "title_en": priority["title_en"],
                "description": priority["description"],
                "description_en": priority["description_en"],
                "track": tracks[priority["track"]].pk,
            }
            for position, priority in enumerate(entry["priorities"])
        ],
    }


def _add_updates(results: Results, entries: list[dict[str, Any]]) -> None:
    for priority, entry in zip(Priority.objects.filter(results=results), entries, strict=True):
        priority.state = entry["state"]
        priority.save(update_fields=["state"])
        for update in entry.get("updates", []):
            PriorityUpdate.objects.create(
                priority=priority, dated_on=update["date"], text=update["text"], text_en=update["text_en"]
            )
