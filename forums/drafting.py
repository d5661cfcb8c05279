"""Every write to the results of a forum, entered by hand.

Locks: the forum row, so that two first saves begin one text; then those of `desk.publishing`.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from comments.models import Thread
from desk.publishing import save_draft, start_draft
from forums.models import Forum, Results


@transaction.atomic
def save_results(*, forum: Forum, content: dict[str, Any], seen_version: int, by: User | None) -> Results:
    """Saves the working copy, and begins it when there is none; visitors see no change.

    Raises `desk.publishing.EditConflict` when someone saved since `seen_version` (0: none yet).
    """
    Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
    results = Results.objects.select_related("forum").filter(forum=forum).first()
    if results is None:
        draft = start_draft(content=content, by=by)
        return Results.objects.create(forum=forum, draft=draft, thread=Thread.objects.create())
    save_draft(owner=results, content=content, seen_version=seen_version, by=by)
    return results
