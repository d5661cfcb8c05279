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

# Saved on the row itself, beside the working copy: they take effect at once, published or not.
POST_FIELDS = ("language", "translation_of", "slug")
PAGE_FIELDS = ("slug", "position")


@transaction.atomic
def save_post(
    *, post: Post, cleaned: dict[str, Any], content: dict[str, Any], by: User, writing_key: str = ""
) -> Post:
    """Saves the working copy and the post's own fields; a new post is created unpublished.

    Raises `desk.publishing.EditConflict` when someone saved since `cleaned["seen_version"]`.
    """
    content = {**content, **_create_related_rows(content, cleaned, by)}
    if post._state.adding:
        post.draft = publishing.start_draft(content=content, by=by, writing_key=writing_key)
        post.thread = Thread.objects.create()
        post.apply_content(content)
    else:
        publishing.save_draft(
            owner=post,
            content=content,
            seen_version=cleaned["seen_version"] or 0,
            by=by,
            writing_key=writing_key,
        )
        stored = Post.objects.select_for_update().get(pk=post.pk)
        post = _stored_row_with_draft(post, stored, content)
    before = post.get_absolute_url() if post.pk and post.published_at else ""
    for field in POST_FIELDS:
        setattr(post, field, cleaned[field])
    post.save()
    _redirect_after_new_address(before, post)
    Thread.objects.filter(pk=post.thread_id).update(is_open=cleaned["is_open"])
    if post.published_at is None:
        post.apply_related_rows(content)
    return post


def _create_related_rows(content: dict[str, Any], cleaned: dict[str, Any], by: User) -> dict[str, Any]:
    """Creates the tags and files that were typed or sent; returns the fields of the working copy that hold their ids."""
    tags = {*content["tags"], *(tag.pk for tag in _get_or_create_tags(cleaned["new_tags"]))}
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
        page.apply_content(content)
    else:
        publishing.save_draft(
            owner=page,
            content=content,
            seen_version=cleaned["seen_version"] or 0,
            by=by,
            writing_key=writing_key,
        )
        stored = Page.objects.select_for_update().get(pk=page.pk)
        page = _stored_row_with_draft(page, stored, content)
    before = page.get_absolute_url() if page.pk and page.published_at else ""
    for field in PAGE_FIELDS:
        setattr(page, field, cleaned[field])
    page.save()
    _redirect_after_new_address(before, page)
    return page


def _redirect_after_new_address(before: str, text: Post | Page) -> None:
    """When the address of a published text changes, the former one redirects to it; the present one redirects nowhere."""
    if before and before.removeprefix("/en") != _french_path(text):
        _redirect_from(before.removeprefix("/en"), text)
    if text.published_at:
        OldAddress.objects.filter(path=_french_path(text)).delete()


def redirect_after_publication_change(text: Post | Page, *, was_published: bool) -> None:
    """After publishing, the address of the text redirects nowhere else.

    After unpublishing, that address redirects to the text, wherever it is when it is published again.
    """
    text.refresh_from_db(fields=["published_at"])
    if text.published_at:
        OldAddress.objects.filter(path=_french_path(text)).delete()
    elif was_published:
        _redirect_from(_french_path(text), text)


def _french_path(text: Post | Page) -> str:
    with translation.override("fr"):
        return text.get_absolute_url()


def _redirect_from(path: str, text: Post | Page) -> None:
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
        own_texts = type(owner)._default_manager.filter(draft__writing_key=writing_key, draft__saved_by=by)
        existing = own_texts.select_related("draft").first() if writing_key else None
        if existing is None:
            return _create_by_autosave(owner, content, by, writing_key)
        owner = existing
    publishing.save_draft(
        owner=owner,
        content=content,
        seen_version=seen_version,
        by=by,
        writing_key=writing_key,
        is_autosave=True,
    )
    return owner


def _create_by_autosave(
    owner: Post | Page, content: dict[str, Any], by: User, writing_key: str
) -> Post | Page:
    row = type(owner)()
    row.draft = publishing.start_draft(content=content, by=by, writing_key=writing_key, is_autosave=True)
    row.slug = unused_slug(
        content["title"], type(owner)._default_manager.all(), fallback="texte", max_length=50
    )
    if isinstance(row, Post) and isinstance(owner, Post):
        row.language = owner.language
        row.thread = Thread.objects.create()
    row.apply_content(content)
    row.save()
    return row


def _stored_row_with_draft[P: (Post, Page)](typed: P, stored: P, content: dict[str, Any]) -> P:
    """The row to save, as the database has it, with the draft just saved on `typed`; not `typed` itself, on which
    the form has written what is not published. A text that visitors don't read gets its fields from the draft.
    """
    stored.draft = typed.draft
    if stored.published_at is None:
        # The desk lists an unpublished text by the title of its draft.
        stored.apply_content(content)
    return stored


def _get_or_create_tags(names: list[str]) -> list[Tag]:
    """Tags of these names, made when they don't exist."""
    tags = []
    for name in names:
        tag = Tag.objects.filter(name__iexact=name).first()
        if tag is None:
            slug = unused_slug(name, Tag.objects.all(), fallback="etiquette", max_length=50)
            tag = Tag.objects.create(name=name, slug=slug)
        tags.append(tag)
    return tags
