"""What the team decides about signatures, and the site that it brought in, for its journal."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from accounts import journal
from blog.models import Author


def _authors(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = Author.objects.filter(pk__in=keys)
    return {row.pk: (str(row), reverse("staff:author_edit", args=[row.pk])) for row in rows}


def _imports(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    return dict.fromkeys(keys, (gettext("Posts"), reverse("staff:post_list")))


AUTHORS = journal.DecisionKind(
    {
        "added": gettext_lazy("added a signature"),
        "changed": gettext_lazy("changed a signature"),
    },
    _authors,
    gettext_lazy("Signatures"),
    roles=("editorial",),
)
WORDPRESS = journal.DecisionKind(
    {
        "imported": gettext_lazy("brought a WordPress site in"),
        "undone": gettext_lazy("took back what came from a WordPress site"),
    },
    _imports,
    gettext_lazy("WordPress"),
    roles=("editorial",),
)
