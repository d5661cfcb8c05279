"""The kinds of posts: what depends on a kind is asked of it, never decided from its name elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class _Traits:
    # Its name in the filter of the list.
    plural: str | Promise
    # Its type for search engines, of schema.org.
    schema_type: str
    # Whether French writes « publiée » of it.
    is_feminine: bool = False


class PostKind(models.TextChoices):
    """As stored, and as written in addresses. Each has its row in `_TRAITS` below."""

    POST = "billet", _("Post")
    NEWS = "nouvelle", pgettext_lazy("kind of post", "News")
    RELEASE = "communique", _("Press release")

    @property
    def plural(self) -> str | Promise:
        return _TRAITS[self].plural

    @property
    def schema_type(self) -> str:
        return _TRAITS[self].schema_type

    @property
    def is_feminine(self) -> bool:
        return _TRAITS[self].is_feminine


_TRAITS = {
    PostKind.POST: _Traits(_("Posts"), "BlogPosting"),
    PostKind.NEWS: _Traits(_("News items"), "NewsArticle", is_feminine=True),
    PostKind.RELEASE: _Traits(_("Press releases"), "NewsArticle"),
}
