"""What the team decides about accounts, for its journal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts import journal

JOURNAL = journal.DecisionKind({"suspend": _("suspended an account"), "lift": _("ended a suspension")})
