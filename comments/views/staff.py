"""The moderation queue."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from comments import moderation
from comments.models import Comment
from pole import plaintext
from pole.access import staff_only

COMMENTS_A_PAGE = 30


@staff_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Comments that wait, oldest first; or, with `etat=recents`, the latest that are public."""
    recent = request.GET.get("etat") == "recents"
    comments = Comment.objects.select_related("author", "thread")
    comments = (
        comments.public().order_by("-created_at") if recent else comments.waiting().order_by("created_at")
    )
    page = Paginator(comments, COMMENTS_A_PAGE).get_page(request.GET.get("page"))
    rows = [(comment, plaintext.render_plain(comment.text), comment.thread.owner) for comment in page]
    return render(request, "comments/moderation.html", {"page": page, "rows": rows, "recent": recent})


@staff_only
@require_POST
def approve(request: HttpRequest, comment_id: int) -> HttpResponse:
    if moderation.approve(comment_id=comment_id):
        messages.success(request, _("The comment is published."))
    else:
        messages.info(request, _("This comment was no longer waiting."))
    return redirect("staff:moderation")


@staff_only
@require_POST
def hide(request: HttpRequest, comment_id: int) -> HttpResponse:
    reason = plaintext.clean_line(request.POST.get("reason", ""))[:300]
    if not reason:
        messages.error(request, _("Give the reason: its author will read it."))
    elif moderation.hide(comment_id=comment_id, reason=reason):
        messages.success(request, _("The comment is hidden."))
    else:
        messages.info(request, _("This comment was no longer public."))
    return redirect("staff:moderation")
