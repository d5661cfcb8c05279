"""Votes of the demonstration: people, voting slips and real ballots, cast and counted as any other.

Unlike the rest of the demonstration this writes in several transactions, as people do: a ballot is
acknowledged once it is committed.
"""

from __future__ import annotations

import json
import random
import secrets
import tomllib
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from desk.publishing import publish, save_draft
from forums.demo import sanitised
from forums.demo.vote_hours import VoteHours, vote_hours
from forums.event.editing import save_event
from forums.event.open_and_seal import seal_vote
from forums.models import (
    Forum,
    PaperBallot,
    Question,
    Recommendation,
    Registration,
    Results,
    RollEntry,
    Round,
)
from forums.recommendations import editing
from forums.recommendations.editing import RecommendationContent
from forums.recommendations.rules import Actor
from forums.vote import casting, paper_entry, paper_issue, rounds, slips
from forums.vote.codes import hyphenated
from forums.vote.roll import find_entry_of_registration
from pole.server.whole_files import write_whole

NAMESPACE = uuid.UUID("4a2f7f0e-8a55-4a7b-9c5f-0d3b6a1c9e11")
TEAM, TELLERS, CITIZEN = "direction@pole.example", ("equipe", "direction"), "citoyenne@pole.example"


def seed(*, scale: int, rng: random.Random) -> None:
    """Writes the votes of votes.toml that are not there yet; `scale` changes nothing."""
    data = tomllib.loads((Path(__file__).parent / "votes.toml").read_text(encoding="utf-8"))
    now = timezone.now()
    for entry in data["vote"]:
        hours = vote_hours(now, days_ago=entry["held"])
        forum = Forum.objects.filter(slug=entry["event"]["slug"]).first()
        if forum is None:
            forum = _forum_with_people(entry, data, hours)
        round = Round.objects.get(forum=forum)
        if round.opened_at is None:
            _run_round(entry, round, rng, hours)


@transaction.atomic
def _forum_with_people(entry: dict[str, Any], data: dict[str, Any], hours: VoteHours) -> Forum:
    forum = save_event(
        forum=Forum(
            **sanitised(entry["event"]),
            starts_at=hours.starts_at,
            ends_at=hours.ends_at,
            announced_at=hours.starts_at - timedelta(weeks=6),
        ),
        tracks=[{"title": each["track"], "title_en": each["track_en"]} for each in entry["question"]],
        programme=[],
        attendance={},
    )
    _register(forum, entry["people"], data)
    _prepare(forum, entry, hours)
    return forum


def _register(forum: Forum, people: int, data: dict[str, Any]) -> None:
    """People who came; the demonstration's citizen is one of them."""
    citizen = User.objects.filter(email=CITIZEN).first()
    first_names, last_names, kinds = data["first_names"], data["last_names"], data["kinds"]
    for number in range(people):
        user = citizen if number == 0 else None
        name = f"{first_names[number % len(first_names)]} {last_names[number * 3 % len(last_names)]}"
        Registration.objects.create(
            forum=forum,
            user=user,
            name=user.name if user else name,
            email=CITIZEN if user else f"personne{number}@{forum.slug}.example",
            kind=kinds[number % len(kinds)],
            state=Registration.State.CONFIRMED,
            confirmed_at=forum.starts_at - timedelta(days=number % 20 + 1),
            checked_in_at=forum.starts_at - timedelta(minutes=number % 25),
        )


def _prepare(forum: Forum, entry: dict[str, Any], hours: VoteHours) -> None:
    round = Round.objects.create(
        forum=forum,
        number=1,
        **entry["round"],
        opens_at=hours.opens_at,
        closes_at=hours.closes_at,
    )
    team = Actor(User.objects.filter(email=TEAM).first())
    for position, (asked, track) in enumerate(
        zip(entry["question"], forum.tracks.all(), strict=True), start=1
    ):
        wanted = ("title", "title_en", "method", "limits", "to_retain")
        Question.objects.create(
            round=round,
            position=position,
            track=track,
            **{name: asked[name] for name in wanted if name in asked},
        )
        for table, option in enumerate(asked["option"], start=1):
            row = editing.add_accepted(
                forum=forum,
                by=team,
                content=RecommendationContent(
                    kind=Recommendation.Kind.OPPORTUNITY,
                    track=track,
                    **{name: option[name] for name in ("title", "title_en", "description", "description_en")},
                ),
                idempotency_key=uuid.uuid5(NAMESPACE, f"{forum.slug}#{option['title']}"),
                now=forum.starts_at + timedelta(hours=2, minutes=7 * table),
                table_number=table,
            )
            editing.set_on_ballot(
                recommendation=row,
                is_on_ballot=True,
                seen=row.shown_version,
                by=team,
                now=forum.starts_at + timedelta(hours=4),
            )


def _run_round(entry: dict[str, Any], round: Round, rng: random.Random, hours: VoteHours) -> None:
    """Opens the round, unannounced since its people do not exist, lets them vote, and ends it if it is to be sealed."""
    made = slips.create_slips(forum=round.forum, count=slips.slips_to_print(entry["people"]))
    people = list(Registration.objects.filter(forum=round.forum).order_by("pk"))
    codes = dict(zip((person.pk for person in people), (code for _number, code in made), strict=False))
    for person in people:
        slip = slips.find_slip(forum_id=round.forum_id, written=codes[person.pk])
        slips.activate_slip(slip=slip, registration=person)
    rounds.open_round(round_id=round.pk, by=User.objects.filter(email=TEAM).first(), at=hours.opens_at)
    round.refresh_from_db()
    weights = {option["title"]: option["weight"] for asked in entry["question"] for option in asked["option"]}
    # The demonstration's citizen, who is first, has not voted yet.
    voters = people[-entry["voted"] :]
    on_paper = voters[: entry["papers"]]
    for person in voters[entry["papers"] :]:
        found = find_entry_of_registration(round, person.pk)
        if found:
            casting.cast_ballot(
                round=round,
                entry_id=found.pk,
                choices=_choices(round, weights, rng),
                idempotency_key=secrets.token_urlsafe(16),
            )
    if entry["is_sealed"]:
        _finish_round(entry, round, on_paper, weights, rng, hours)
    else:
        _write_codes(round, [codes[person.pk] for person in people if person not in voters])


def _choices(round: Round, weights: dict[str, int], rng: random.Random) -> dict[int, list[Any]]:
    """What someone of this demonstration would choose: the best liked options more often."""
    choices: dict[int, list[Any]] = {}
    for question in casting.questions_of(round):
        liked = sorted(
            question.options.all(), key=lambda option: -weights[option.title] * rng.random() ** 0.7
        )
        choices[question.position] = _chosen(question, [option.number for option in liked], rng)
    return choices


def _chosen(question: Question, liked: list[int], rng: random.Random) -> list[Any]:
    """Of the numbers of the options, the best liked first."""
    if question.method == "points":
        shares = [4, 3, 2, 1] if rng.random() < 0.6 else [4, 4, 2]
        return sorted(zip(liked, shares, strict=False))
    if question.method == "decision":
        return [rng.choices(["for", "against", "abstention"], [7, 2, 1])[0]]
    if question.method == "ranking":
        return liked[: min(rng.choice([2, 3, 4, 4]), question.limits["ranks"])]
    if question.method == "judgment":
        best = question.limits["grades"] - 1
        given = [(number, best - place + rng.choice([-1, 0, 0, 1])) for place, number in enumerate(liked)]
        return sorted([number, min(best, max(0, grade))] for number, grade in given)
    return sorted(liked[: min(rng.choice([2, 3, 3, 3]), question.limits["limit"])])


def _finish_round(
    entry: dict[str, Any],
    round: Round,
    on_paper: list[Registration],
    weights: dict[str, int],
    rng: random.Random,
    hours: VoteHours,
) -> None:
    """Papers, closing, double typing, sealing, publishing."""
    rows = RollEntry.objects.filter(round=round, registration__in=on_paper)
    for entry_id in rows.values_list("pk", flat=True):
        paper_issue.issue_paper(round_id=round.pk, entry_id=entry_id)
    paper_issue.print_papers(round_id=round.pk, count=len(on_paper) + 6)
    team = User.objects.filter(email=TEAM).first()
    rounds.close_round(round_id=round.pk, by=team, at=hours.closed_at)
    for row in PaperBallot.objects.filter(round=round)[: len(on_paper)]:
        answers = {
            position: paper_entry.Answer(chosen=chosen)
            for position, chosen in _choices(round, weights, rng).items()
        }
        for typist in TELLERS:
            paper_entry.type_paper(
                round_id=round.pk,
                serial=row.serial,
                answers=answers,
                typist=f"demo:{typist}",
                typist_name=typist,
            )
    seal_vote(round_id=round.pk, by=team, at=hours.sealed_at)
    results = Results.objects.select_related("draft").get(forum=round.forum)
    _publish(entry, results, at=hours.published_at)


@transaction.atomic
def _publish(entry: dict[str, Any], results: Results, at: datetime) -> None:
    content = {**results.draft.content, **sanitised(entry["results"])}
    save_draft(owner=results, content=content, seen_version=results.draft.version, by=None)
    publish(owner=results, at=at, now=timezone.now())


def _write_codes(round: Round, codes: list[str]) -> None:
    """The codes that have not been used yet, readable by the owner of the clone only."""
    path = Path(settings.VAR_DIR) / "demo-codes.json"
    entries = [
        {
            "forum": round.forum.slug,
            "round": round.number,
            "code": hyphenated(code),
            "until": round.closes_at.isoformat(),
            "url": settings.BASE_URL + reverse("forums:vote_code", args=[code]),
        }
        for code in codes
    ]
    write_whole(path, json.dumps(entries, ensure_ascii=False, indent=2).encode())
