"""What the team decides about accounts, for its journal."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import journal
from accounts.models import User


def _accounts(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = User.objects.filter(pk__in=keys)
    return {row.pk: (str(row), reverse("staff:suspend", args=[row.pk])) for row in rows}


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
    _accounts,
    _("People"),
)


def _page(title: Promise, name: str) -> Callable[[Collection[int]], dict[int, tuple[str, str]]]:
    """Of what there is one of: whatever its key, its page."""
    return lambda keys: dict.fromkeys(keys, (str(title), reverse(name)))


# Decided in `pole`, which can't import this package: it calls `pole.hooks.journal.note`.
HUB = journal.DecisionKind(
    {"identity": _("changed the hub’s identity")}, _page(_("The hub"), "staff:hub"), _("The hub")
)
MENUS = journal.DecisionKind({"menus": _("changed the menus")}, _page(_("Menus"), "staff:menu"), _("Menus"))
TERRITORY = journal.DecisionKind(
    {
        "imported": _("brought the list of municipalities up to date"),
        "chosen": _("chose the territory of the hub"),
    },
    _page(_("Territory"), "staff:territory"),
    _("Territory"),
)
