"""A working copy, shown to whoever holds a link that the team gave."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from desk.shared_preview import get_draft_of_token


@require_safe
def shared_preview(request: HttpRequest, token: str) -> HttpResponse:
    """The text as it is on the desk now, in its real page. Never cached nor indexed, and sends no referrer."""
    draft = get_draft_of_token(token)
    owner = draft.owner if draft else None
    if draft is None or owner is None:
        raise Http404
    response: HttpResponse = import_string(owner.PREVIEW)(request, owner, draft.content)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
