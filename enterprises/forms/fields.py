"""Fields for the lists that a listing holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from enterprises.models import Listing
from pole import identifiers
from pole.forms import SingleLineField
from pole.search import unaccented
from pole.text import plaintext

MAX_LINES = 40


class LinesField(forms.CharField):
    """A list of short texts, one a line. `max_length` is that of each."""

    widget = forms.Textarea(attrs={"rows": 5})

    def __init__(self, *, base_field: Any = None, max_length: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.line_length: int = max_length or base_field.max_length

    def to_python(self, value: Any) -> str:
        """Without the characters that no text holds: nobody knows how they got there, nor how to remove them."""
        return plaintext.strip_invisible(super().to_python(value) or "")

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self._lines(self.prepare_value(initial) or "") != self._lines(data or "")

    def _lines(self, text: str) -> list[str]:
        lines = (plaintext.clean_line(line) for line in text.splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean(self, value: Any) -> Any:
        lines = self._lines(super().clean(value))
        if len(lines) > MAX_LINES:
            raise ValidationError(_("At most %(limit)d lines, please."), params={"limit": MAX_LINES})
        for line in lines:
            if len(line) > self.line_length:
                raise ValidationError(
                    _("“%(line)s…” is too long: at most %(limit)d characters a line."),
                    params={"line": line[:30], "limit": self.line_length},
                )
        return lines


class ChoicesField(forms.MultipleChoiceField):
    """A list of codes, as boxes to check."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, base_field: Any = None, max_length: int | None = None, **kwargs: Any) -> None:
        choices = base_field.choices if base_field is not None else kwargs.pop("choices")
        # Django’s empty choice is for a menu: none is a box without a tick.
        super().__init__(choices=[each for each in choices if each[0]], **kwargs)


class LinksField(LinesField):
    """Addresses of pages, one a line, each with its scheme."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(max_length=300, **kwargs)
        self.most = most

    def clean(self, value: Any) -> Any:
        lines = super().clean(value)
        if len(lines) > self.most:
            raise ValidationError(_("At most %(limit)d lines, please."), params={"limit": self.most})
        links = []
        for line in lines:
            try:
                links.append(identifiers.clean_website(line))
            except ValidationError as error:
                raise ValidationError(
                    _("“%(line)s”: %(reason)s"), params={"line": line[:60], "reason": error.messages[0]}
                ) from error
        return list(dict.fromkeys(links))


def form_classes(names: Iterable[str]) -> dict[str, type[forms.Field]]:
    """The form's field of each list of texts and list of codes; `typed_field` chooses the others."""
    found: dict[str, type[forms.Field]] = {}
    for name in names:
        column = Listing._meta.get_field(name)
        if isinstance(column, ArrayField):
            found[name] = ChoicesField if column.base_field.choices else LinesField
    return found


class ParentField(SingleLineField):
    """The enterprise of which a listing is a branch, as its NEQ, its name or the address of its page."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            listing = Listing.objects.filter(pk=value).only("name").first()
            return listing.name if listing else ""
        return value


def enterprise_called(text: str) -> Listing:
    """The only enterprise that a text names. Raises `ValidationError`."""
    found = list(_enterprises_called(text)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(_("Several listings have this name: give the NEQ or the address of the page."))
    raise ValidationError(
        _("No listing has this name, NEQ or address; a branch or an archived listing doesn’t count.")
    )


def _enterprises_called(text: str) -> models.QuerySet[Listing]:
    enterprises = Listing.objects.exclude(state=Listing.State.ARCHIVED).filter(parent=None).only("name")
    if slug := re.search(r"/repertoire/([\w-]+)/?$", text):
        return enterprises.filter(slug=slug[1])
    if re.fullmatch(r"[0-9][0-9 ]{8,}[0-9]", text):
        return enterprises.filter(neq=text.replace(" ", ""))
    return enterprises.filter(name_key=unaccented(text))
