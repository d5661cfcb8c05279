"""What the team decides about accounts, for its journal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts import journal

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
    }
)
