"""Every write to a working copy, and from it to what visitors read.

Locks: the draft row (FOR UPDATE), then the owner's row. `docs/architecture.md` has the whole order.
"""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from desk.models import Draft, Publishable, Version


class EditConflict(Exception):
    """Someone saved since this writer opened the text. `stored` is the draft as it is now."""

    def __init__(self, stored: Draft) -> None:
        super().__init__(f"draft {stored.pk} is at version {stored.version}")
        self.stored = stored


@transaction.atomic
def start_draft(*, content: dict[str, Any], by: User | None) -> Draft:
    """A new draft, to be owned by a row that is about to be created."""
    draft = Draft.objects.create(content=content, saved_by=by)
    Version.objects.create(draft=draft, number=1, content=content, saved_by=by)
    return draft


@transaction.atomic
def save_draft(*, owner: Publishable, content: dict[str, Any], seen_version: int, by: User | None) -> Draft:
    """Saves the working copy; nothing that visitors read changes.

    Raises `EditConflict` when the draft is no longer at `seen_version`. Saving the same content again
    makes no version.
    """
    draft = Draft.objects.select_for_update().get(pk=owner.draft_id)
    if draft.version != seen_version:
        raise EditConflict(draft)
    if draft.content != content:
        draft.content = content
        draft.version += 1
        draft.saved_at = timezone.now()
        draft.saved_by = by
        draft.save()
        Version.objects.create(draft=draft, number=draft.version, content=content, saved_by=by)
    owner.draft = draft
    return draft


@transaction.atomic
def publish[P: Publishable](*, owner: P, at: datetime | None, now: datetime) -> P:
    """Puts the working copy where visitors read it, at `at` (past, now or to come).

    Without `at`, a text that is public keeps its date, and another appears now.
    """
    draft = Draft.objects.select_for_update().get(pk=owner.draft_id)
    row = type(owner)._default_manager.select_for_update().get(pk=owner.pk)
    row.take(draft.content)
    if at is not None:
        row.published_at = at
    elif not row.is_public(now):
        row.published_at = now
    row.save()
    row.take_related(draft.content)
    draft.published_version = draft.version
    draft.save(update_fields=["published_version"])
    row.draft = draft
    return row


@transaction.atomic
def unpublish(*, owner: Publishable) -> None:
    """Takes a text back from visitors, or cancels its schedule; the working copy stays."""
    draft = Draft.objects.select_for_update().get(pk=owner.draft_id)
    row = type(owner)._default_manager.select_for_update().get(pk=owner.pk)
    row.published_at = None
    row.save(update_fields=["published_at"])
    draft.published_version = None
    draft.save(update_fields=["published_version"])


def as_if_published[P: Publishable](owner: P, content: dict[str, Any]) -> P:
    """A copy of `owner`, never to be saved, that reads as if `content` were published."""
    shown = copy.copy(owner)
    shown.take(content)
    return shown
