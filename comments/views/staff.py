"""The moderation queue of every application, and the journal of decisions."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.journal import describe_all, entries
from comments import moderation
from comments.hooks.moderation import latest as latest_comments
from pole.access import role_required, staff_only
from pole.hooks.moderation import ModerationQueue
from pole.text import plaintext

MAX_ITEMS, ENTRIES_A_PAGE = 50, 50


@staff_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits in every package, oldest first; or, with `etat=recents`, the latest public comments."""
    if request.GET.get("etat") == "recents":
        return render(request, "comments/moderation.html", {"items": latest_comments(), "recent": True})
    queues: list[ModerationQueue] = [
        import_string(path)(MAX_ITEMS)
        for role, path in settings.MODERATION_QUEUES
        if request.user.has_role(role)  # type: ignore[union-attr]  # staff_only
    ]
    items = sorted((item for queue in queues for item in queue.items), key=lambda item: item.since)
    total = sum(queue.total for queue in queues)
    context = {"items": items[:MAX_ITEMS], "queues": queues, "total": total, "has_more": total > MAX_ITEMS}
    return render(request, "comments/moderation.html", context)


@staff_only
@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """Every decision, newest first."""
    page = Paginator(entries(), ENTRIES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "comments/journal.html", {"page": page, "lines": describe_all(page)})


def _redirect_to_queue(request: HttpRequest) -> HttpResponse:
    """To the queue, on what waits first."""
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return redirect(asked if is_ours and asked.startswith("/") else f"{reverse('staff:moderation')}#premier")


@role_required("editorial")
@require_POST
def approve(request: HttpRequest, comment_id: int) -> HttpResponse:
    if moderation.approve(comment_id=comment_id, by=request.user, now=timezone.now()):  # type: ignore[arg-type]  # staff_only
        messages.success(request, _("The comment is published."))
    else:
        messages.info(request, _("This comment was no longer waiting."))
    return _redirect_to_queue(request)


@role_required("editorial")
@require_POST
def hide(request: HttpRequest, comment_id: int) -> HttpResponse:
    reason = plaintext.clean_line(request.POST.get("reason", ""))[:300]
    if not reason:
        messages.error(request, _("Give the reason: its author will read it."))
    elif moderation.hide(comment_id=comment_id, reason=reason, by=request.user, now=timezone.now()):  # type: ignore[arg-type]  # staff_only
        messages.success(request, _("The comment is hidden."))
    else:
        messages.info(request, _("This comment was no longer public."))
    return _redirect_to_queue(request)
