"""Writing posts and pages from the desk's forms.

Locks: the draft row, then the post or page (`desk.publishing`); a post's own fields after it.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.forms import ModelForm
from django.utils.translation import gettext as _

from accounts import journal
from accounts.models import User
from blog.models import Author, Page, Post, Tag
from comments.models import Thread
from desk import publishing
from desk.pictures import store_document, store_picture
from pole.files.stored import atomic_with_files
from pole.text.slugs import unused_slug

# Saved on the row itself, beside the working copy: they take effect at once, published or not.
OWN_FIELDS: dict[type[Post | Page], tuple[str, ...]] = {
    Post: ("language", "translation_of", "slug"),
    Page: ("slug", "position"),
}


@atomic_with_files()
def save_text(
    *,
    text: Post | Page,
    cleaned: dict[str, Any],
    content: dict[str, Any],
    by: User,
    writing_key: str = "",
) -> Post | Page:
    """Saves the working copy and the own fields of a post or a page; a new one is created unpublished.

    Raises `desk.publishing.EditConflict` when someone saved since `cleaned["seen_version"]`.
    """
    if isinstance(text, Post):
        content = {**content, **_create_related_rows(content, cleaned, by)}
    if text._state.adding:
        begin(text, content, by=by, writing_key=writing_key)
    else:
        publishing.save_draft(
            owner=text,
            content=content,
            seen_version=cleaned["seen_version"] or 0,
            by=by,
            writing_key=writing_key,
        )
        # The row as it is stored: on `text`, the form has written what is not published.
        stored: Post | Page = type(text)._default_manager.select_for_update().get(pk=text.pk)
        stored.draft, text = text.draft, stored
        if text.published_at is None:
            # The desk lists an unpublished text by the title of its draft.
            text.apply_content(content)
    before = text.public_path()
    for field in OWN_FIELDS[type(text)]:
        setattr(text, field, cleaned[field])
    text.save()
    text.redirect_from(before)
    if isinstance(text, Post):
        Thread.objects.filter(pk=text.thread_id).update(is_open=cleaned["is_open"])
    if text.published_at is None:
        text.apply_related_rows(content)
    return text


def begin(
    text: Post | Page,
    content: dict[str, Any],
    *,
    by: User | None,
    writing_key: str = "",
    is_autosave: bool = False,
) -> None:
    """Gives a new text its working copy and, if it is a post without one, its conversation. The caller saves it."""
    text.draft = publishing.start_draft(
        content=content, by=by, writing_key=writing_key, is_autosave=is_autosave
    )
    if isinstance(text, Post) and not text.thread_id:
        text.thread = Thread.objects.create()
    text.apply_content(content)


def _create_related_rows(content: dict[str, Any], cleaned: dict[str, Any], by: User) -> dict[str, Any]:
    """Creates the tags and files that were typed or sent; returns the fields of the working copy that hold their ids."""
    tags = {*content["tags"], *(get_or_create_tag(name).pk for name in cleaned["new_tags"])}
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
    """A new row: the form has written on `owner` what may not be valid."""
    row = type(owner)()
    row.slug = unused_slug(
        content["title"], type(owner)._default_manager.all(), fallback="texte", max_length=50
    )
    if isinstance(row, Post) and isinstance(owner, Post):
        row.language = owner.language
    begin(row, content, by=by, writing_key=writing_key, is_autosave=True)
    row.save()
    return row


def get_or_create_tag(name: str) -> Tag:
    """The tag of this name, in whatever case it was typed."""
    slug = unused_slug(name, Tag.objects.all(), fallback="etiquette", max_length=50)
    return Tag.objects.filter(name__iexact=name).first() or Tag.objects.create(name=name, slug=slug)


@atomic_with_files()
def save_author(*, form: ModelForm[Author], by: User | None) -> Author:
    """A signature, new or changed."""
    is_new = form.instance._state.adding
    cleaned = form.cleaned_data
    if cleaned.get("face"):
        description = _("Portrait of %(name)s") % {"name": cleaned["name"]}
        form.instance.portrait = store_picture(cleaned["face"], description=description, by=by)
    elif cleaned.get("removes_portrait"):
        # The library keeps the picture, as it does when a text leaves one.
        form.instance.portrait = None
    author = form.save()
    journal.note(action="added" if is_new else "changed", kind="author", key=author.pk, by=by)
    return author
