"""The JSON answers to the editor when it saves by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from desk import presence
from desk.models import Draft, Publishable
from desk.publishing import EditConflict
from pole.templatetags.typography import day_time


def read_writing_key(request: HttpRequest) -> str:
    """The random key that this open editor sends with each save, or "" when it is malformed."""
    typed = request.POST.get("writing_key", "")
    return typed if re.fullmatch(r"[0-9a-f]{32}", typed) else ""


def saved_response(
    request: HttpRequest,
    owner: Publishable,
    *,
    autosave_url: str,
    left_out: Mapping[str, Any],
    status: int = 200,
) -> JsonResponse:
    """The new state, and where to save next; `left_out` are the errors of the fields that were not saved."""
    return JsonResponse(
        {
            **draft_state(request, owner.draft),
            "owner": owner.pk,
            "edit_url": owner.get_edit_url(),
            "autosave_url": autosave_url,
            "left_out": [str(error) for errors in left_out.values() for error in errors],
        },
        status=status,
    )


def conflict_response(request: HttpRequest, error: EditConflict) -> JsonResponse:
    """Someone else saved since: nothing was written."""
    return JsonResponse(draft_state(request, error.stored), status=409)


def draft_state(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    """The draft as it is stored, who else has it open, and where to send the presence signal."""
    who = draft.saved_by.name if draft.saved_by else _("someone")
    return {
        "version": draft.version,
        "saved_by": who,
        "saved_at": day_time(draft.saved_at),
        "others": presence.other_writers(draft=draft, user=request.user, now=timezone.now()),  # type: ignore[arg-type]  # staff only
        "presence_url": reverse("staff:draft_presence", args=[draft.pk]),
    }
