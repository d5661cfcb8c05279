"""Every write to a working copy, and from it to what visitors read.

Locks: the draft row (FOR UPDATE), then the owner's row. `docs/architecture.md` has the whole order.
"""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User
from desk.models import Draft, Publishable, Version
from pole.refusals import Refusal


class EditConflict(Refusal):
    """Someone saved since this writer opened the text. `stored` is the draft as it is now."""

    messages = {"edit_conflict": _("Someone saved this text meanwhile: look at the history again.")}

    def __init__(self, stored: Draft) -> None:
        super().__init__()
        self.stored = stored


# A save that removes more than this never replaces an autosave: the longer text stays in the history.
MAX_REMOVED_CHARACTERS = 200


@transaction.atomic
def start_draft(
    *, content: dict[str, Any], by: User | None, writing_key: str = "", is_autosave: bool = False
) -> Draft:
    """A new draft, to be owned by a row that is about to be created."""
    draft = Draft.objects.create(content=content, saved_by=by, writing_key=writing_key)
    Version.objects.create(draft=draft, number=1, content=content, saved_by=by, is_autosave=is_autosave)
    return draft


@transaction.atomic
def save_draft(
    *,
    owner: Publishable,
    content: dict[str, Any],
    seen_version: int,
    by: User | None,
    writing_key: str = "",
    is_autosave: bool = False,
) -> Draft:
    """Saves the working copy; nothing that visitors read changes.

    Raises `EditConflict` when the draft is no longer at `seen_version`, unless the same open editor,
    named by `writing_key`, saved it since. Saving the same content again makes no version.
    """
    draft = Draft.objects.select_for_update().get(pk=owner.draft_id)
    is_same_editor = bool(writing_key) and draft.writing_key == writing_key
    if draft.content == content:
        if not is_autosave:
            draft.versions.filter(number=draft.version).update(is_autosave=False)
    elif draft.version == seen_version or is_same_editor:
        _write_version(draft, content, by=by, writing_key=writing_key, is_autosave=is_autosave)
    else:
        raise EditConflict(draft)
    owner.draft = draft
    return draft


def _write_version(
    draft: Draft, content: dict[str, Any], *, by: User | None, writing_key: str, is_autosave: bool
) -> None:
    """Writes the next version, over the present one if that is an autosave of the same open editor.

    That autosave is kept all the same if it is published, or if the new text is much shorter. The caller has locked
    the draft.
    """
    continued = draft.versions.filter(number=draft.version, is_autosave=True, saved_by=by)
    is_another_sitting = draft.writing_key != writing_key
    if is_another_sitting or draft.version == draft.published_version or _shrinks(draft.content, content):
        continued = continued.none()
    draft.content = content
    draft.version += 1
    draft.saved_at = timezone.now()
    draft.saved_by = by
    draft.writing_key = writing_key
    draft.save(update_fields=["content", "version", "saved_at", "saved_by", "writing_key"])
    state = {"content": content, "saved_at": draft.saved_at, "is_autosave": is_autosave}
    if not continued.update(number=draft.version, **state):
        Version.objects.create(draft=draft, number=draft.version, saved_by=by, **state)


def _shrinks(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return len(str(before)) - len(str(after)) > MAX_REMOVED_CHARACTERS


@transaction.atomic
def publish[P: Publishable](*, owner: P, at: datetime | None, now: datetime, by: User | None = None) -> P:
    """Puts the working copy where visitors read it, at `at` (past, now or to come), with its rows and its address.

    Without `at`, a text that is public keeps its date, and another appears now.
    """
    draft = Draft.objects.select_for_update().get(pk=owner.draft_id)
    row = type(owner)._default_manager.select_for_update().get(pk=owner.pk)
    before = row.public_path()
    row.apply_content(draft.content)
    if draft.published_version not in {None, draft.version}:
        row.note_revision(now)
    if at is not None:
        row.published_at = at
    elif not row.is_public(now):
        row.published_at = now
    row.save()
    row.apply_related_rows(draft.content)
    row.redirect_from(before)
    draft.published_version = draft.version
    draft.archived_at = draft.trashed_at = None
    draft.save(update_fields=["published_version", "archived_at", "trashed_at"])
    draft.versions.filter(number=draft.version).update(is_autosave=False, was_published=True)
    row.draft = draft
    action = "scheduled" if row.is_scheduled(now) else "published"
    journal.note(action=action, kind="text", key=draft.pk, by=by)
    return row


@transaction.atomic
def unpublish(*, owner: Publishable, by: User | None = None) -> None:
    """Hides a text from visitors, or cancels its schedule; the working copy stays."""
    if _hide(owner):
        journal.note(action="unpublished", kind="text", key=owner.draft_id, by=by)


def _hide(owner: Publishable) -> bool:
    """Whether it was published, or to be."""
    draft = Draft.objects.select_for_update().get(pk=owner.draft_id)
    row = type(owner)._default_manager.select_for_update().get(pk=owner.pk)
    before, was_published = row.public_path(), row.published_at is not None
    row.published_at = None
    row.save(update_fields=["published_at"])
    row.redirect_from(before)
    draft.published_version = None
    draft.save(update_fields=["published_version"])
    owner.draft = draft
    return was_published


@transaction.atomic
def archive(*, owner: Publishable, now: datetime, by: User | None = None) -> None:
    """Archives a text: visitors and the desk's lists no longer show it; nothing is deleted."""
    _hide(owner)
    if Draft.objects.filter(pk=owner.draft_id, archived_at=None).update(archived_at=now):
        journal.note(action="archived", kind="text", key=owner.draft_id, by=by)


@transaction.atomic
def unarchive(*, owner: Publishable, by: User | None = None) -> None:
    """Puts an archived text back among the drafts."""
    archived = Draft.objects.filter(pk=owner.draft_id, archived_at__isnull=False, trashed_at=None)
    if archived.update(archived_at=None):
        journal.note(action="unarchived", kind="text", key=owner.draft_id, by=by)


def keep_present_version(*, owner: Publishable) -> None:
    """What is on the desk stays in the history, be it an autosave: it can be brought back in its turn."""
    present = Version.objects.filter(draft=owner.draft_id, number=F("draft__version"))
    Version.objects.filter(pk__in=present.values("pk")).update(is_autosave=False)


@transaction.atomic
def name_version(*, owner: Publishable, number: int, name: str, by: User | None) -> None:
    """What the team calls a version; "" for no name any more. Raises `Version.DoesNotExist`."""
    Draft.objects.select_for_update().get(pk=owner.draft_id)
    version = Version.objects.get(draft=owner.draft_id, number=number)
    version.name = name
    # A later autosave never takes its place.
    version.is_autosave = version.is_autosave and not name
    version.save(update_fields=["name", "is_autosave"])
    journal.note(action="named", kind="text", key=owner.draft_id, by=by, reason=f"{number} {name}".strip())


@transaction.atomic
def restore(*, owner: Publishable, number: int, seen_version: int, by: User | None) -> Draft:
    """Makes an earlier version the working copy, as a new version; what visitors read stays.

    Raises `EditConflict` as `save_draft` does, and `Version.DoesNotExist`.
    """
    version = Version.objects.get(draft=owner.draft_id, number=number)
    keep_present_version(owner=owner)
    draft = save_draft(owner=owner, content=version.content, seen_version=seen_version, by=by)
    journal.note(action="restored", kind="text", key=draft.pk, by=by, reason=str(number))
    return draft


def as_if_published[P: Publishable](owner: P, content: dict[str, Any]) -> P:
    """A copy of `owner`, never to be saved, that reads as if `content` were published."""
    shown = copy.copy(owner)
    shown.apply_content(content)
    return shown
