"""What the team decides about texts, pictures and documents, for its journal."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts import journal
from desk.models import Document, Draft, Picture


def _texts(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    """Drafts with whatever they are the draft of: one query for each kind of text."""
    owned = [relation for relation in Draft._meta.related_objects if relation.one_to_one]
    owners: Iterable[Any] = (
        owner
        for relation in owned
        for owner in relation.related_model._default_manager.filter(draft__in=keys).select_related("draft")
    )
    return {owner.draft_id: (str(owner), owner.get_edit_url()) for owner in owners}


def _pictures(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = Picture.objects.filter(pk__in=keys)
    return {row.pk: (str(row), reverse("staff:picture_edit", args=[row.pk])) for row in rows}


def _documents(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = Document.objects.filter(pk__in=keys)
    return {row.pk: (str(row), reverse("staff:document_edit", args=[row.pk])) for row in rows}


TEXTS = journal.DecisionKind(
    {
        "published": gettext_lazy("published a text"),
        "scheduled": gettext_lazy("scheduled a text"),
        "unpublished": gettext_lazy("took a text back from visitors"),
        "archived": gettext_lazy("archived a text"),
        "unarchived": gettext_lazy("put an archived text back among the drafts"),
        "trashed": gettext_lazy("put a text in the trash"),
        "taken_back": gettext_lazy("took a text out of the trash"),
        "named": gettext_lazy("named a version of a text"),
        "restored": gettext_lazy("put an earlier version of a text back on the desk"),
        "shared": gettext_lazy("gave a link to a text that is not published"),
        "sharing_stopped": gettext_lazy("ended the links to a text that is not published"),
        "reading_asked": gettext_lazy("had a text read by someone without an account"),
        "reading_ended": gettext_lazy("ended someone’s link to read a text"),
        "remark_deleted": gettext_lazy("deleted a remark on a text"),
    },
    _texts,
    gettext_lazy("Posts, pages and results"),
    roles=("editorial", "forums"),
)
PICTURES = journal.DecisionKind(
    {
        "changed": gettext_lazy("changed the description of a picture"),
        "removed": gettext_lazy("took a picture out of the library"),
    },
    _pictures,
    gettext_lazy("Pictures"),
    roles=("editorial", "forums"),
)
DOCUMENTS = journal.DecisionKind(
    {
        "changed": gettext_lazy("renamed a document"),
        "removed": gettext_lazy("took a document out of the library"),
    },
    _documents,
    gettext_lazy("Documents"),
    roles=("editorial", "forums"),
)
