"""What of comments can't wait until the morning."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.mailing.team_alerts import AlertKind
from accounts.models import Role

FLAGGED = AlertKind(
    Role.EDITORIAL,
    _("A comment is flagged"),
    _(
        "%(name)s asks us to read a comment again: “%(reason)s”. Readers still see it, until one of us decides.\n\n"
        "It says: “%(text)s”"
    ),
)
