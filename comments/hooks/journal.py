"""What the team decides about comments, for its journal."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy

from accounts import audit
from comments.hooks.moderation import place_of, with_places
from comments.models import Comment


def _found(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    return {comment.pk: place_of(comment) for comment in with_places(Comment.objects.filter(pk__in=keys))}


JOURNAL = audit.Kind(
    {
        "publish": gettext_lazy("published a comment"),
        "hide": gettext_lazy("hid a comment"),
        "keep": gettext_lazy("kept a flagged comment"),
    },
    _found,
)
