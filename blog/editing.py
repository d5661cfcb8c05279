"""Writing posts and pages from the desk's forms.

Locks: the draft row, then the post or page (`desk.publishing`); a post's own fields after it.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from blog.models import Author, Byline, Page, Post, Tag
from comments.models import Thread
from desk import publishing
from desk.pictures import store_picture
from pole.slugs import free_slug

# What a page or a post says of itself, beside its working copy.
POST_FIELDS = ("kind", "language", "translation_of", "slug")
PAGE_FIELDS = ("slug", "position")


@transaction.atomic
def save_post(*, post: Post, cleaned: dict[str, Any], content: dict[str, Any], by: User) -> Post:
    """Saves the working copy and the post's own fields; a new post is created unpublished.

    Raises `desk.publishing.EditConflict` when someone saved since `cleaned["seen_version"]`.
    """
    if post._state.adding:
        post.draft = publishing.start_draft(content=content, by=by)
        post.thread = Thread.objects.create()
        # A post that was never published is listed by what its draft says.
        post.take(content)
    else:
        publishing.save_draft(owner=post, content=content, seen_version=cleaned["seen_version"] or 0, by=by)
        stored = Post.objects.select_for_update().get(pk=post.pk)
        post = _keep_published_text(post, stored, content)
    for field in POST_FIELDS:
        setattr(post, field, cleaned[field])
    if cleaned["picture"]:
        post.lead_picture = store_picture(
            cleaned["picture"], description=cleaned["picture_description"], by=by
        )
    elif cleaned["removes_picture"]:
        post.lead_picture = None
    post.save()
    Thread.objects.filter(pk=post.thread_id).update(is_open=cleaned["is_open"])
    post.tags.set([*cleaned["tags"], *_tags_named(cleaned["new_tags"])])
    _sign(post, list(cleaned["authors"]))
    return post


@transaction.atomic
def save_page(*, page: Page, cleaned: dict[str, Any], content: dict[str, Any], by: User) -> Page:
    """As `save_post`, for a page."""
    if page._state.adding:
        page.draft = publishing.start_draft(content=content, by=by)
        page.take(content)
    else:
        publishing.save_draft(owner=page, content=content, seen_version=cleaned["seen_version"] or 0, by=by)
        stored = Page.objects.select_for_update().get(pk=page.pk)
        page = _keep_published_text(page, stored, content)
    for field in PAGE_FIELDS:
        setattr(page, field, cleaned[field])
    page.save()
    return page


def _keep_published_text[P: (Post, Page)](typed: P, stored: P, content: dict[str, Any]) -> P:
    """The stored row, where the form had already put unpublished words on the typed one."""
    stored.draft = typed.draft
    if stored.published_at is None:
        stored.take(content)
    return stored


def _sign(post: Post, authors: list[Author]) -> None:
    wanted = {author.pk: position for position, author in enumerate(authors)}
    post.bylines.exclude(author__in=wanted).delete()
    for author_id, position in wanted.items():
        Byline.objects.update_or_create(post=post, author_id=author_id, defaults={"position": position})


def _tags_named(names: list[str]) -> list[Tag]:
    """Tags of these names, made when they don't exist."""
    tags = []
    for name in names:
        tag = Tag.objects.filter(name__iexact=name).first()
        if tag is None:
            slug = free_slug(name, Tag.objects.all(), fallback="etiquette", max_length=50)
            tag = Tag.objects.create(name=name, slug=slug)
        tags.append(tag)
    return tags
