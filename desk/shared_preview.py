"""A link to a working copy, for someone who has no account: signed, expiring, and revocable."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction

from accounts import journal
from accounts.models import User
from desk.models import Draft
from pole.access import SignedToken

LIFETIME = timedelta(days=7)
_TOKEN = SignedToken("desk.preview", (int, str), LIFETIME)


@transaction.atomic
def make_preview_token(draft: Draft, *, by: User | None = None) -> str:
    """The token of a new link. Earlier links go on working until they are revoked."""
    if not draft.preview_key:
        draft.preview_key = secrets.token_hex(16)
        Draft.objects.filter(pk=draft.pk, preview_key="").update(preview_key=draft.preview_key)
        draft.refresh_from_db(fields=["preview_key"])
    journal.note(action="shared", kind="text", key=draft.pk, by=by)
    return _TOKEN.make(draft.pk, draft.preview_key)


@transaction.atomic
def stop_sharing(draft: Draft, *, by: User | None = None) -> None:
    """Ends every link of this text."""
    if Draft.objects.filter(pk=draft.pk).exclude(preview_key="").update(preview_key=""):
        journal.note(action="sharing_stopped", kind="text", key=draft.pk, by=by)


def get_draft_of_token(token: str) -> Draft | None:
    """The draft that a token shows; None when it is forged, expired or revoked."""
    held = _TOKEN.read(token)
    draft = Draft.objects.filter(pk__in=held[:1]).exclude(preview_key="").first()
    return draft if draft and secrets.compare_digest(draft.preview_key, held[1]) else None
