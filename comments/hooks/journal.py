"""What the team decides about comments, for its journal."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy

from accounts import journal
from comments.hooks.moderation import get_title_and_url, with_thread_owners
from comments.models import Comment


def _titles_and_urls(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    return {
        comment.pk: get_title_and_url(comment)
        for comment in with_thread_owners(Comment.objects.filter(pk__in=keys))
    }


JOURNAL = journal.DecisionKind(
    {
        "publish": gettext_lazy("published a comment"),
        "hide": gettext_lazy("hid a comment"),
        "keep": gettext_lazy("kept a flagged comment"),
    },
    _titles_and_urls,
)
