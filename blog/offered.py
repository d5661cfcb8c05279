"""Who may sign a post and which tags it may bear: the few that are likely, and any other by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from blog.models import Author, Post
from pole.forms import SingleLineField
from pole.text.matching import matching_text

# A list that is read at a glance; beyond it, one types.
MAX_OFFERED = 30
# Whose tags and signatures are likely again.
LATEST_POSTS = 30


def offer(field: forms.Field, chosen: Iterable[Any]) -> bool:
    """Has the boxes of a field show what is chosen and what is likely; whether there are others.

    Any row is still accepted: what another window shows may be ticked.
    """
    rows: QuerySet[Any] = field.queryset  # type: ignore[attr-defined]  # ModelMultipleChoiceField
    shown = list(rows.order_by("pk")[: MAX_OFFERED + 1])
    has_others = len(shown) > MAX_OFFERED
    if has_others:
        keys = [getattr(row, "pk", row) for row in chosen]
        # Their keys first: with a subquery, PostgreSQL would read the signatures and tags of every post.
        latest = list(Post.objects.order_by("-pk").values_list("pk", flat=True)[:LATEST_POSTS])
        bears = rows.model.posts.through.objects.filter(post__in=latest)
        likely = sorted(set(bears.values_list(f"{rows.model._meta.model_name}_id", flat=True)), reverse=True)
        shown = list(rows.filter(pk__in={*keys, *likely[:MAX_OFFERED]}).order_by())
    shown.sort(key=lambda row: row.name.casefold())
    field.choices = [(row.pk, str(row)) for row in shown]  # type: ignore[attr-defined]  # ModelMultipleChoiceField
    return has_others


def typed_keys(data: Any, name: str) -> list[int]:
    """The keys that a field was sent, whether they are of a row or not."""
    typed = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
    return [int(value) for value in typed if str(value).isdecimal() and len(str(value)) < 12]


class OtherAuthorsField(SingleLineField):
    """Authors by their names, or a part of them that nobody else has, separated by commas."""

    def clean(self, value: Any) -> Any:
        names = [name.strip() for name in super().clean(value).split(",")]
        return [_the_one(name) for name in names if name]


def _the_one(name: str) -> Model:
    exact = list(Author.objects.filter(name__iexact=name)[:2])
    found = exact or list(matching_text(Author.objects.order_by("name"), name, "name")[:6])
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(
            _("Nobody signs by the name “%(name)s”."), code="unknown", params={"name": name}
        )
    raise ValidationError(
        _("Several people sign by “%(name)s”: %(people)s."), code="several",
        params={"name": name, "people": ", ".join(author.name for author in found)},
    )  # fmt: skip
