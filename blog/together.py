"""What the desk does with several posts at once: each by itself, as its own page would do it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from accounts.models import User
from blog.editing import get_or_create_tag
from blog.models import Post, Tag
from desk import publishing, trash, workflow


class Together(StrEnum):
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    ARCHIVE = "archive"
    TAG = "tag"
    TRASH = "trash"
    TAKE_BACK = "take_back"


@dataclass(frozen=True, slots=True)
class Done:
    count: int = 0
    # Titles of those that must be looked at one by one: a fault in the text, a menu that leads there.
    left: list[str] = field(default_factory=list)


def do_together(action: Together, keys: Collection[int], *, tag: str, by: User, now: datetime) -> Done:
    """In the order of the keys, each in its own transaction: one that can't be leaves the others done."""
    posts = Post.objects.select_related("draft").filter(pk__in=keys).order_by("pk")
    count, left = 0, []
    for post in posts:
        if _needs_a_look(action, post):
            left.append(str(post.draft.content.get("title") or post))
        else:
            _do(action, post, tag=tag, by=by, now=now)
            count += 1
    return Done(count, left)


def _needs_a_look(action: Together, post: Post) -> bool:
    content = post.draft.content
    if action is Together.PUBLISH:
        return not content.get("title") or bool(workflow.problems_of(post, content))
    hides = action in {Together.UNPUBLISH, Together.ARCHIVE, Together.TRASH}
    return hides and bool(workflow.menu_entries(post))


def _do(action: Together, post: Post, *, tag: str, by: User, now: datetime) -> None:
    acts: dict[Together, Callable[[], object]] = {
        Together.PUBLISH: lambda: publishing.publish(owner=post, at=None, now=now, by=by),
        Together.UNPUBLISH: lambda: publishing.unpublish(owner=post, by=by),
        Together.ARCHIVE: lambda: publishing.archive(owner=post, now=now, by=by),
        Together.TAG: lambda: _tag(post, tag, by),
        Together.TRASH: lambda: trash.throw_away(owner=post, now=now, by=by),
        Together.TAKE_BACK: lambda: trash.take_back(owner=post, by=by),
    }
    acts[action]()


@transaction.atomic
def _tag(post: Post, name: str, by: User) -> None:
    """On the desk and, for what is public, on the page too: a tag is no word of the text."""
    row: Tag = get_or_create_tag(name)
    draft = post.draft
    content = draft.content | {
        "tags": sorted({*draft.content.get("tags", []), *post.tags.values_list("pk", flat=True), row.pk})
    }
    is_as_published = draft.published_version == draft.version
    saved = publishing.save_draft(owner=post, content=content, seen_version=draft.version, by=by)
    if is_as_published:
        saved.published_version = saved.version
        saved.save(update_fields=["published_version"])
        saved.versions.filter(number=saved.version).update(was_published=True)
    post.tags.add(row)
