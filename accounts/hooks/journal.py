"""What the team decides about accounts, for its journal."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User


def _suspended_once(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    """Where a suspension is read, replaced and ended."""
    found = User.objects.filter(pk__in=keys).exclude(suspended_until=None)
    return {person.pk: (person.name, reverse("staff:suspend", args=[person.pk])) for person in found}


JOURNAL = journal.DecisionKind(
    {
        "suspend": _("suspended an account"),
        "lift": _("ended a suspension"),
        "staff_given": _("let someone into the hub’s team"),
        "staff_taken": _("took someone out of the hub’s team"),
        "superuser_given": _("made someone a superuser"),
        "superuser_taken": _("took the superuser role from someone"),
        "close": _("closed an account"),
        "reopen": _("reopened an account"),
    },
    _suspended_once,
)
