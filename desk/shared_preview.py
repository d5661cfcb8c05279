"""A link to a working copy, for someone who has no account: signed, expiring, and revocable."""

from __future__ import annotations

import secrets
from datetime import timedelta

from desk.models import Draft
from pole.access import SignedToken

LIFETIME = timedelta(days=7)
_TOKEN = SignedToken("desk.preview", (int, str), LIFETIME)


def make_preview_token(draft: Draft) -> str:
    """The token of a new link. Earlier links go on working until they are revoked."""
    if not draft.preview_key:
        draft.preview_key = secrets.token_hex(16)
        Draft.objects.filter(pk=draft.pk, preview_key="").update(preview_key=draft.preview_key)
        draft.refresh_from_db(fields=["preview_key"])
    return _TOKEN.make(draft.pk, draft.preview_key)


def stop_sharing(draft: Draft) -> None:
    """Ends every link of this text."""
    Draft.objects.filter(pk=draft.pk).update(preview_key="")


def get_draft_of_token(token: str) -> Draft | None:
    """The draft that a token shows; None when it is forged, expired or revoked."""
    held = _TOKEN.read(token)
    draft = Draft.objects.filter(pk__in=held[:1]).exclude(preview_key="").first()
    return draft if draft and secrets.compare_digest(draft.preview_key, held[1]) else None
