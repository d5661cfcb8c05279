"""What waits for the team among comments, and their decisions."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from comments.models import Comment
from pole.staffhome import Card, Line


@transaction.atomic
def approve(*, comment_id: int) -> Comment | None:
    """Publishes a comment that waits; None when it no longer does. Locks the comment."""
    row = Comment.objects.select_for_update().filter(pk=comment_id, state=Comment.State.PENDING).first()
    if row:
        row.state = Comment.State.PUBLISHED
        row.save(update_fields=["state"])
    return row


@transaction.atomic
def hide(*, comment_id: int, reason: str) -> Comment | None:
    """Takes a comment from readers, with the reason that its author is told. Locks the comment."""
    states = [Comment.State.PENDING, Comment.State.PUBLISHED]
    row = Comment.objects.select_for_update().filter(pk=comment_id, state__in=states).first()
    if row:
        row.state = Comment.State.HIDDEN
        row.hidden_reason = reason
        row.save(update_fields=["state", "hidden_reason"])
    return row


def staff_card() -> Card:
    waiting = Comment.objects.waiting().count()
    url = reverse("staff:moderation")
    line = Line(ngettext("comment to read", "comments to read", waiting), url, waiting)
    return Card(title=gettext_lazy("Moderation"), url=url, lines=[line] if waiting else [])
