"""How this package, which imports no other, tells the team at once of what can't wait."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def tell_team(kind: str, **about: Any) -> None:
    """With the arguments of `accounts.mailing.team_alerts.team_alert`."""
    import_string(settings.TEAM_ALERT)(kind, **about)
