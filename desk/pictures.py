"""The library: pictures re-encoded with narrower renditions beside them, PDF documents, and their use in prose."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.functions import Cast
from django.forms import ModelForm
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import journal
from accounts.models import User
from desk.models import Document, Draft, Picture, Version
from pole.files import images, stored
from pole.files.stored import atomic_with_files
from pole.files.uploads import Upload, check_pdf
from pole.refusals import Refusal
from pole.text import richtext
from pole.text.html import Event, start_tag, walk

# A picture in a text is as wide as the text, never wider than the screen.
SIZES = "(min-width: 48rem) 44rem, 100vw"
GALLERY = "figure--gallery"
GALLERY_SIZES = "(min-width: 48rem) 15rem, 50vw"


class StillInUse(Refusal):
    """By a text, a working copy or a version."""

    messages = {
        "picture_in_use": gettext_lazy(
            "This picture is in a text, or in its history: it stays in the library."
        ),
        "document_in_use": gettext_lazy(
            "This document is in a text, or in its history: it stays in the library."
        ),
    }


@atomic_with_files()
def store_picture(
    image: images.ReencodedImage, *, description: str, by: User | None, is_decorative: bool = False
) -> Picture:
    """Adds a picture and its renditions to the library."""
    return Picture.objects.create(
        **stored.store_picture(image, folder="pictures"),
        description="" if is_decorative else description[:240],
        is_decorative=is_decorative,
        uploaded_by=by,
    )


@atomic_with_files()
def store_document(upload: Upload, *, title: str, by: User | None) -> Document:
    """Adds a PDF document to the library, under an unguessable folder and a readable name.

    Raises `ValidationError` as `pole.files.uploads.check_pdf` does.
    """
    content = check_pdf(upload)
    title = title or _("Document")
    path = f"documents/{secrets.token_hex(16)}/{slugify(title)[:80] or 'document'}.pdf"
    name = default_storage.save(path, ContentFile(content))
    return Document.objects.create(title=title[:160], file=name, size_bytes=len(content), uploaded_by=by)


@transaction.atomic
def remove(item: Picture | Document, *, by: User | None = None) -> None:
    """Takes a picture or a document, with its files, out of the library; raises `StillInUse`. Locks the row."""
    row = type(item)._default_manager.select_for_update().filter(pk=item.pk).first()
    if row is None:
        return
    if is_used(row):
        raise StillInUse(f"{row._meta.model_name}_in_use")
    stored.delete_at_commit(row.file_names())
    row.delete()
    kind = str(row._meta.model_name)
    journal.note(action="removed", kind=kind, key=item.pk, by=by, reason=str(row))


@transaction.atomic
def save_description(form: ModelForm[Any], *, by: User | None) -> None:
    """The words of the library about a picture or a document."""
    row = form.save()
    if form.has_changed():
        journal.note(action="changed", kind=str(row._meta.model_name), key=row.pk, by=by)


def is_used(row: Picture | Document) -> bool:
    """Whether a row, a text, a working copy or a version shows it. Reads every text: for one at a time."""
    if isinstance(row, Picture):
        needle, field = f'data-picture="{row.pk}"', {"content__lead_picture": row.pk}
    else:
        needle, field = row.file.url, {"content__documents__contains": row.pk}
    return (
        _is_related(row)
        or _is_in_text(needle)
        or Draft.objects.filter(**field).exists()
        or Version.objects.filter(**field).exists()
    )


def _is_related(row: Picture | Document) -> bool:
    # Most of these relations have no name on this side.
    return any(
        relation.field.model._default_manager.filter(**{relation.field.name: row}).exists()
        for relation in row._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ForeignObjectRel)
    )


def _is_in_text(needle: str) -> bool:
    """Whether a text column of any model contains `needle`: prose, menus, working copies, versions."""
    for model in apps.get_models():
        conditions = models.Q()
        texts: dict[str, Cast] = {}
        for field in model._meta.concrete_fields:
            if isinstance(field, models.JSONField):
                texts[f"{field.name}_text"] = Cast(field.name, models.TextField())
                conditions |= models.Q(**{f"{field.name}_text__contains": json.dumps(needle)[1:-1]})
            elif isinstance(field, (models.TextField, models.CharField)) and not field.choices:
                conditions |= models.Q(**{f"{field.name}__contains": needle})
        if conditions and model._base_manager.alias(**texts).filter(conditions).exists():
            return True
    return False


def refresh_pictures(markup: str) -> str:
    """The HTML with its pictures as the library has them now: address, sizes, renditions. It is sanitised again.

    `data-picture` holds the id of a picture; one query for all of them, none without any.
    """
    wanted = {int(key) for key in re.findall(r'data-picture="([0-9]{1,12})"', markup)}
    if not wanted:
        return markup
    pictures = Picture.objects.in_bulk(wanted)
    around: list[str] = []

    def refreshed(event: Event) -> str:
        _follow(around, event)
        written = event.attributes
        key = written.get("data-picture", "")
        picture = pictures.get(int(key)) if key.isdecimal() and len(key) < 13 else None
        if picture is None:
            return event.markup
        is_in_gallery = GALLERY in around
        markup = picture_markup(
            picture,
            written.get("alt", ""),
            is_decorative="data-decorative" in written,
            sizes=GALLERY_SIZES if is_in_gallery else SIZES,
        )
        # Small among the others: a click shows it large. A link needs words, which a decorative one has not.
        is_link = is_in_gallery and "a" not in around and 'alt=""' not in markup
        return f"{start_tag('a', {'href': picture.file.url})}{markup}</a>" if is_link else markup

    return richtext.sanitise("".join(refreshed(event) for event in walk(markup)))


def _follow(around: list[str], event: Event) -> None:
    """Which galleries, other figures and links are open after `event`."""
    if event.name not in {"figure", "a"}:
        return
    if event.is_end:
        around.pop()
    else:
        around.append(event.attributes.get("class", event.name) if event.name == "figure" else "a")


def picture_markup(
    picture: Picture, alternative: str, *, is_decorative: bool = False, sizes: str = SIZES
) -> str:
    """A picture of the library as an `img` of a text."""
    attributes = (
        {
            "src": picture.file.url,
            "srcset": picture.srcset,
            "sizes": sizes,
            "width": str(picture.width_px),
            "height": str(picture.height_px),
            "alt": "" if is_decorative else alternative,
            "loading": "lazy",
            "data-picture": str(picture.pk),
        }
        | ({"class": classes} if (classes := picture.focus.classes) else {})
        | ({"data-decorative": ""} if is_decorative else {})
    )
    return start_tag("img", attributes)


def check_described(description: str, *, is_decorative: bool) -> None:
    """A picture is described, or said to be decorative: one of the two."""
    if is_decorative and description:
        raise ValidationError(_("A decorative picture has no alternative text: choose one or the other."))
    if not is_decorative and not description:
        raise ValidationError(_("Say what the picture shows, or that it is decorative."))
