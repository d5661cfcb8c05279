"""Writing posts and pages from the desk's forms.

Locks: the draft row, then the post or page (`desk.publishing`); a post's own fields after it.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import translation

from accounts.models import User
from blog.models import OldAddress, Page, Post, Tag
from comments.models import Thread
from desk import publishing
from desk.pictures import store_document, store_picture
from pole.text.slugs import unused_slug

# What a page or a post says of itself, beside its working copy: addresses and settings hold at once.
POST_FIELDS = ("language", "translation_of", "slug")
PAGE_FIELDS = ("slug", "position")


@transaction.atomic
def save_post(
    *, post: Post, cleaned: dict[str, Any], content: dict[str, Any], by: User, writing_key: str = ""
) -> Post:
    """Saves the working copy and the post's own fields; a new post is created unpublished.

    Raises `desk.publishing.EditConflict` when someone saved since `cleaned["seen_version"]`.
    """
    content = {**content, **_made_on_save(content, cleaned, by)}
    if post._state.adding:
        post.draft = publishing.start_draft(content=content, by=by, writing_key=writing_key)
        post.thread = Thread.objects.create()
        post.take(content)
    else:
        publishing.save_draft(
            owner=post,
            content=content,
            seen_version=cleaned["seen_version"] or 0,
            by=by,
            writing_key=writing_key,
        )
        stored = Post.objects.select_for_update().get(pk=post.pk)
        post = _keep_published_text(post, stored, content)
    before = post.get_absolute_url() if post.pk and post.published_at else ""
    for field in POST_FIELDS:
        setattr(post, field, cleaned[field])
    post.save()
    _remember_address(before, post)
    Thread.objects.filter(pk=post.thread_id).update(is_open=cleaned["is_open"])
    if post.published_at is None:
        post.take_related(content)
    return post


def _made_on_save(content: dict[str, Any], cleaned: dict[str, Any], by: User) -> dict[str, Any]:
    """The tags that were named, the files that were sent: rows that a working copy refers to."""
    tags = {*content["tags"], *(tag.pk for tag in _tags_named(cleaned["new_tags"]))}
    picture = content["lead_picture"]
    if cleaned["picture"]:
        description = cleaned["picture_description"]
        is_decorative = cleaned["picture_is_decorative"]
        picture = store_picture(
            cleaned["picture"], description=description, is_decorative=is_decorative, by=by
        ).pk
    elif cleaned["removes_picture"]:
        picture = None
    documents = content["documents"]
    if upload := cleaned["new_document"]:
        title = cleaned["new_document_title"] or upload.name.rpartition(".")[0]
        documents = [*documents, store_document(upload, title=title, by=by).pk]
    return {"tags": sorted(tags), "lead_picture": picture, "documents": documents}


@transaction.atomic
def save_page(
    *, page: Page, cleaned: dict[str, Any], content: dict[str, Any], by: User, writing_key: str = ""
) -> Page:
    """As `save_post`, for a page."""
    if page._state.adding:
        page.draft = publishing.start_draft(content=content, by=by, writing_key=writing_key)
        page.take(content)
    else:
        publishing.save_draft(
            owner=page,
            content=content,
            seen_version=cleaned["seen_version"] or 0,
            by=by,
            writing_key=writing_key,
        )
        stored = Page.objects.select_for_update().get(pk=page.pk)
        page = _keep_published_text(page, stored, content)
    before = page.get_absolute_url() if page.pk and page.published_at else ""
    for field in PAGE_FIELDS:
        setattr(page, field, cleaned[field])
    page.save()
    _remember_address(before, page)
    return page


def _remember_address(before: str, text: Post | Page) -> None:
    """The address that readers knew leads to the new one."""
    if before and before.removeprefix("/en") != _address(text):
        _lead_from(before.removeprefix("/en"), text)
    if text.published_at:
        OldAddress.objects.filter(path=_address(text)).delete()


def settle_address(text: Post | Page, *, was_published: bool) -> None:
    """After it was published or taken back: an address in use leads nowhere else; one that was, to its text."""
    text.refresh_from_db(fields=["published_at"])
    if text.published_at:
        OldAddress.objects.filter(path=_address(text)).delete()
    elif was_published:
        _lead_from(_address(text), text)


def _address(text: Post | Page) -> str:
    with translation.override("fr"):
        return text.get_absolute_url()


def _lead_from(path: str, text: Post | Page) -> None:
    owner = {"post": text, "page": None} if isinstance(text, Post) else {"post": None, "page": text}
    OldAddress.objects.update_or_create(path=path, defaults=owner)


@transaction.atomic
def autosave(
    *, owner: Post | Page, content: dict[str, Any], seen_version: int, by: User, writing_key: str
) -> Post | Page:
    """Keeps what is being typed in the working copy, and nothing else; begins a new text if need be.

    The same page of the editor, named by `writing_key`, begins one text only: its second first save,
    sent because the answer to the first was lost, finds the text that was made.
    """
    if owner._state.adding:
        # Two first saves of one page wait for each other.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        mine = type(owner)._default_manager.filter(draft__writing_key=writing_key, draft__saved_by=by)
        begun = mine.select_related("draft").first() if writing_key else None
        if begun is None:
            return _begin(owner, content, by, writing_key)
        owner = begun
    publishing.save_draft(
        owner=owner,
        content=content,
        seen_version=seen_version,
        by=by,
        writing_key=writing_key,
        is_autosave=True,
    )
    return owner


def _begin(owner: Post | Page, content: dict[str, Any], by: User, writing_key: str) -> Post | Page:
    row = type(owner)()
    row.draft = publishing.start_draft(content=content, by=by, writing_key=writing_key, is_autosave=True)
    row.slug = unused_slug(
        content["title"], type(owner)._default_manager.all(), fallback="texte", max_length=50
    )
    if isinstance(row, Post) and isinstance(owner, Post):
        row.language = owner.language
        row.thread = Thread.objects.create()
    row.take(content)
    row.save()
    return row


def _keep_published_text[P: (Post, Page)](typed: P, stored: P, content: dict[str, Any]) -> P:
    """The stored row, where the form had already put unpublished words on the typed one."""
    stored.draft = typed.draft
    if stored.published_at is None:
        # A text that was never published is listed by what its draft says.
        stored.take(content)
    return stored


def _tags_named(names: list[str]) -> list[Tag]:
    """Tags of these names, made when they don't exist."""
    tags = []
    for name in names:
        tag = Tag.objects.filter(name__iexact=name).first()
        if tag is None:
            slug = unused_slug(name, Tag.objects.all(), fallback="etiquette", max_length=50)
            tag = Tag.objects.create(name=name, slug=slug)
        tags.append(tag)
    return tags
