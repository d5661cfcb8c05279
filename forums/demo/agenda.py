"""Activities of the demonstration, of every kind, and the season that gathers those of November."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forums.event.editing import save_event
from forums.models import ActivityProposal, Forum, Registration, Season, Session, SessionAttendance
from pole.demo.hours import awake, working_day
from pole.text import richtext
from pole.text.bilingual import ENGLISH, FRENCH

HERE = Path(__file__).parent
NAMESPACE = uuid.UUID("5c0d6a61-2f0b-4a35-9a35-0d3a6c1f7b11")
CITIZEN, MANAGER = "citoyenne@pole.example", "entreprise@pole.example"
# What the file says for the demonstration alone; the rest is as the activity stores it.
OWN = {
    *("in_days", "saturday", "november", "from", "until", "session", "people", "waitlisted", "attended"),
    *("listing", "is_awaiting", "is_cancelled", "takes_registrations", "registers_citizen"),
}
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Hours:
    starts_at: datetime
    ends_at: datetime


def seed(now: datetime) -> None:
    """Writes what is not there yet of agenda.toml."""
    data = tomllib.loads((HERE / "agenda.toml").read_text(encoding="utf-8"))
    people = tomllib.loads((HERE / "votes.toml").read_text(encoding="utf-8"))
    for entry in data["activity"]:
        if not Forum.objects.filter(slug=entry["slug"]).exists():
            _write(entry, people, now)
    _gather(data, now)


def hours_of(entry: Mapping[str, Any], now: datetime) -> Hours:
    """When an activity or a session takes place, whatever the day on which this is written."""
    begins, ends = (time.fromisoformat(entry[name]) for name in ("from", "until"))
    if "november" in entry:
        day = date(next_november(now), 11, entry["november"])
        moment = timezone.make_aware(datetime.combine(day, begins))
    else:
        moment = now + timedelta(days=entry["in_days"])
    if entry.get("saturday"):
        ahead = (_SATURDAY - timezone.localdate(moment).weekday()) % 7
        day = timezone.localdate(moment) + timedelta(days=ahead)
        zone = timezone.get_current_timezone()
        return Hours(*(datetime.combine(day, at, tzinfo=zone) for at in (begins, ends)))
    return Hours(working_day(moment, begins), working_day(moment, ends))


def next_november(now: datetime) -> int:
    """The year of the next one to begin."""
    today = timezone.localdate(now)
    return today.year + (today.month >= 11)


@transaction.atomic
def _write(entry: dict[str, Any], people: Mapping[str, Any], now: datetime) -> None:
    held = [hours_of(each, now) for each in entry.get("session", [entry])]
    starts_at, ends_at = held[0].starts_at, held[-1].ends_at
    known_at = working_day(min(starts_at - timedelta(weeks=5), now - timedelta(weeks=2)), time(9))
    forum = Forum(
        **{name: _sanitised(name, value) for name, value in entry.items() if name not in OWN},
        has_participation=False,
        starts_at=starts_at,
        ends_at=ends_at,
        announced_at=None if entry.get("is_awaiting") else known_at,
        registration_opens_at=known_at if entry.get("takes_registrations") else None,
        cancelled_at=working_day(now - timedelta(days=2), time(10)) if entry.get("is_cancelled") else None,
        is_full=bool(entry.get("waitlisted")),
    )
    save_event(forum=forum, tracks=[], programme=[], attendance={})
    registrations = _register(forum, entry, people, known_at, now)
    for position, (each, hours) in enumerate(zip(entry.get("session", []), held, strict=False), start=1):
        session = Session.objects.create(
            forum=forum, position=position, starts_at=hours.starts_at, ends_at=hours.ends_at,
            **{name: value for name, value in each.items() if name not in OWN},
        )  # fmt: skip
        _come(session, registrations[: each.get("attended", 0)])
    if "listing" in entry:
        _propose(forum, entry, now)


def _sanitised(name: str, value: Any) -> Any:
    if name not in {"body", "body_en"}:
        return value
    return richtext.clean_html(value, language=ENGLISH if name.endswith("_en") else FRENCH)


def _register(
    forum: Forum, entry: Mapping[str, Any], people: Mapping[str, Any], since: datetime, now: datetime
) -> list[Registration]:
    """One after another since it was announced, until it begins or now; then those who wait."""
    first_names, last_names, kinds = people["first_names"], people["last_names"], people["kinds"]
    wanted, waiting = entry.get("people", 0), entry.get("waitlisted", 0)
    step = (min(forum.starts_at, now) - since) / (wanted + waiting + 1)
    citizen = User.objects.filter(email=CITIZEN).first() if entry.get("registers_citizen") else None
    made = []
    for number in range(wanted + waiting):
        at = awake(since + step * (number + 0.5))
        is_citizen = bool(citizen) and number == 0
        name = (
            f"{first_names[number * 2 % len(first_names)]} {last_names[(number * 3 + 1) % len(last_names)]}"
        )
        is_waiting = number >= wanted
        made.append(
            Registration.objects.create(
                forum=forum,
                user=citizen if is_citizen else None,
                name=citizen.name if citizen and is_citizen else name,
                email=CITIZEN if is_citizen else f"personne{number}@{forum.slug}.example",
                kind=kinds[number % len(kinds)],
                state=Registration.State.WAITLISTED if is_waiting else Registration.State.CONFIRMED,
                confirmed_at=None if is_waiting else at,
                waitlisted_at=at if is_waiting else None,
            )
        )
    return made


def _come(session: Session, registrations: list[Registration]) -> None:
    for number, registration in enumerate(registrations):
        at = session.starts_at - timedelta(minutes=number % 12)
        SessionAttendance.objects.create(registration=registration, session=session, checked_in_at=at)
        if registration.checked_in_at is None:
            registration.checked_in_at = at
            registration.save(update_fields=["checked_in_at"])


def _propose(forum: Forum, entry: Mapping[str, Any], now: datetime) -> None:
    """By the manager of its listing, when it has an account of the demonstration."""
    listings: Any = ActivityProposal._meta.get_field("listing").related_model
    listing = listings._default_manager.filter(name=entry["listing"]).first()
    if listing is None:
        return
    is_awaiting = bool(entry.get("is_awaiting"))
    ActivityProposal.objects.create(
        forum=forum,
        listing=listing,
        proposed_by=User.objects.filter(email=MANAGER, listing_roles__listing=listing).first(),
        proposed_at=working_day(now - timedelta(days=4 if is_awaiting else 18), time(14)),
        key=uuid.uuid5(NAMESPACE, forum.slug),
        state=ActivityProposal.State.AWAITING if is_awaiting else ActivityProposal.State.ACCEPTED,
        answered_at=None if is_awaiting else forum.announced_at,
    )


def _gather(data: Mapping[str, Any], now: datetime) -> None:
    """Once: the season of a former run stays as it is."""
    slug = data["season"]["slug"]
    if Season.objects.filter(slug=slug).exists():
        return
    year = next_november(now)
    season = Season.objects.create(**data["season"], first_day=date(year, 11, 1), last_day=date(year, 11, 30))
    slugs = [entry["slug"] for entry in data["activity"] if "november" in entry]
    season.forums.set(Forum.objects.filter(slug__in=slugs))
