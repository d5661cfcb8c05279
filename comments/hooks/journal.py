"""What the team decides about comments, for its journal."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts import journal
from comments.hooks.moderation import get_title_and_url, with_pages
from comments.models import Comment


def _titles_and_urls(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    """The place of each comment; for one that visitors can't read, where the team reads it, and decides of it."""
    found = {}
    for comment in with_pages(Comment.objects.filter(pk__in=keys)):
        title, url = get_title_and_url(comment)
        if comment.state in {Comment.State.HIDDEN, Comment.State.PENDING}:
            url = f"{reverse('staff:moderation')}?commentaire={comment.pk}#{comment.anchor}"
        found[comment.pk] = (title or str(comment), url)
    return found


JOURNAL = journal.DecisionKind(
    {
        "publish": gettext_lazy("published a comment"),
        "hide": gettext_lazy("hid a comment"),
        "restore": gettext_lazy("restored a hidden comment"),
        "keep": gettext_lazy("kept a flagged comment"),
    },
    _titles_and_urls,
    gettext_lazy("Comments"),
    roles=("editorial",),
)
