"""Comments of the demonstration, by fictional people."""

from __future__ import annotations

import random
import tomllib
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.apps import apps
from django.utils import timezone

from accounts.models import User
from comments.models import Comment, Thread
from pole.demo.hours import awake, last_awake
from pole.text.bilingual import FRENCH
from pole.text.languages import written_language

NAMESPACE = uuid.UUID("5b1c7a52-6a58-4c39-9d5a-5d1c8f0a2d11")


def seed(*, scale: int, rng: random.Random) -> None:
    """Writes the comments of comments.toml that are not there yet."""
    data = tomllib.loads((Path(__file__).parent / "comments.toml").read_text(encoding="utf-8"))
    people = {person["key"]: _person(person) for person in data["person"]}
    written: dict[str, Comment] = {}
    now = timezone.now()
    for index, entry in enumerate(data["comment"]):
        owner = _owner(entry["on"])
        if owner is None:
            continue
        thread, began_at = owner
        key = str(entry.get("id", index))
        idempotency_key = uuid.uuid5(NAMESPACE, f"{entry['on']}#{key}#{index}")
        parent = written.get(str(entry.get("reply_to", "")))
        moment = began_at + timedelta(days=entry["days_after"], minutes=7 * index % 600)
        written[key], _created = Comment.objects.get_or_create(
            author=people[entry["author"]],
            idempotency_key=idempotency_key,
            defaults={
                "thread": thread,
                "parent": parent.parent or parent if parent else None,
                "text": (text := entry["text"].strip()),
                "language": written_language(text, FRENCH),
                "state": entry.get("state", Comment.State.PUBLISHED),
                "created_at": (written_at := min(awake(moment), last_awake(now - timedelta(minutes=1)))),
                "shown_at": None if entry.get("state") == Comment.State.PENDING else written_at,
            },
        )


def _person(person: dict[str, str]) -> User:
    user: User | None = User.objects.filter(email=person["email"]).first()
    if user is None:
        user = User.objects.create_user(person["email"], None, name=person["name"])
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _owner(on: str) -> tuple[Thread, datetime] | None:
    """The thread that "post:slug" or "forum:slug" names, and when its owner was published."""
    kind, slug = on.split(":", 1)
    label, lookup = {"post": ("blog.Post", "slug"), "forum": ("forums.Results", "forum__slug")}[kind]
    row = apps.get_model(label).objects.filter(**{lookup: slug}).select_related("thread").first()
    return (row.thread, row.published_at) if row and row.published_at else None
