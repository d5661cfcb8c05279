"""What the team decides about recommendations, for its journal."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts import journal
from forums.models import Recommendation


def _titles_and_links(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = Recommendation.objects.filter(pk__in=keys).values_list("pk", "title", "forum__slug")
    return {pk: (title, reverse("staff:recommendation", args=[slug, pk])) for pk, title, slug in rows}


JOURNAL = journal.DecisionKind(
    {
        "accepted": gettext_lazy("accepted a recommendation"),
        "refused": gettext_lazy("refused a recommendation"),
        "merged": gettext_lazy("merged a recommendation into another"),
        "unmerged": gettext_lazy("separated a merged recommendation"),
        "hidden": gettext_lazy("hid a recommendation"),
        "shown": gettext_lazy("showed a recommendation again"),
    },
    _titles_and_links,
)
