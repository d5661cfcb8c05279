"""The kinds of posts, each declared once: what follows from a kind is asked of it, never of its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PostKind(models.TextChoices):
    """In the database and in the addresses; the filter of the list; schema.org; « publiée »; the label."""

    POST = "billet", _("Posts"), "BlogPosting", False, _("Post")
    NEWS = "nouvelle", _("News items"), "NewsArticle", True, pgettext_lazy("kind of post", "News")
    RELEASE = "communique", _("Press releases"), "NewsArticle", False, _("Press release")

    plural: str | Promise
    schema_type: str
    is_feminine: bool

    if not TYPE_CHECKING:  # the types of an enumeration know of a member's value alone

        def __new__(cls, value, plural, schema_type, is_feminine):
            kind = str.__new__(cls, value)
            kind._value_ = value
            kind.plural, kind.schema_type, kind.is_feminine = plural, schema_type, is_feminine
            return kind
