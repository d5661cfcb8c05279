"""Every write to the results of a forum, entered by hand or drafted from a sealed round.

Locks: the forum row, so that two first saves create one row; then those of `desk.publishing`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from accounts.models import User
from comments.models import Thread
from desk.publishing import save_draft, start_draft
from forums.models import Forum, Option, Results, Round, WorkingPriority
from forums.tally.outcome import Outcome


@transaction.atomic
def save_results(
    *,
    forum: Forum,
    content: dict[str, Any],
    seen_version: int,
    by: User | None,
    writing_key: str = "",
    is_autosave: bool = False,
) -> Results:
    """Saves the working copy, creating results when there are none; what is published does not change.

    Raises `desk.publishing.EditConflict` when someone saved since `seen_version` (0: none yet).
    """
    Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    results = Results.objects.select_related("forum").filter(forum=forum).first()
    if results is None:
        draft = start_draft(content=content, by=by, writing_key=writing_key, is_autosave=is_autosave)
        return Results.objects.create(forum=forum, draft=draft, thread=Thread.objects.create())
    save_draft(
        owner=results,
        content=content,
        seen_version=seen_version,
        by=by,
        writing_key=writing_key,
        is_autosave=is_autosave,
    )
    return results


@transaction.atomic
def draft_results(*, round: Round, outcome: Outcome) -> Results:
    """Adds the options that a round retained to the priorities of the working copy, question by question.

    Publishing that copy publishes the round's figures too. What the copy held before is unchanged, and comes
    first. Called under the locks of `forums.vote.sealing`.
    """
    results = Results.objects.select_related("draft").filter(forum_id=round.forum_id).first()
    written = results.draft.content if results else dict.fromkeys(Results.WORKING_FIELDS, "")
    content: dict[str, Any] = dict(written)
    retained = list(_retained_priorities(round, outcome))
    keys = {priority["key"] for priority in retained}
    kept = [priority for priority in content.get("priorities", []) if priority["key"] not in keys]
    content["priorities"] = [*kept, *retained]
    content["rounds"] = sorted({*content.get("rounds", []), round.pk})
    seen = results.draft.version if results else 0
    return save_results(forum=round.forum, content=content, seen_version=seen, by=None)


def _retained_priorities(round: Round, outcome: Outcome) -> Iterator[WorkingPriority]:
    options = {
        (option.question.position, option.number): option
        for option in Option.objects.filter(question__round=round).select_related("question")
    }
    for question in outcome.questions:
        for number in question.retained:
            option = options[question.position, number]
            yield WorkingPriority(
                key=str(priority_key(option)),
                title=option.title,
                title_en=option.title_en,
                description=option.description,
                description_en=option.description_en,
                track=option.question.track_id,
                themes=[],
            )


def priority_key(option: Option) -> uuid.UUID:
    """The key of the priority made from an option: reports find the figures of a priority by it."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"forums.option.{option.pk}")
