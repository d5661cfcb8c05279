"""What of the portal itself can't wait until the morning: for the direction."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts.mailing.team_alerts import AlertKind
from accounts.models import Role

MAIL_FAILED = AlertKind(
    Role.DIRECTION,
    _("A mail could not be delivered"),
    _(
        "The portal tried for nine days to send “%(subject)s” to %(to)s, and gives up. The mail server answered:"
        " %(answer)s\n\nIf the address is wrong, its owner can be reached another way. Within the hour, other mails"
        " that fail are not told one by one."
    ),
)
BACKUP_FAILED = AlertKind(
    Role.DIRECTION,
    _("The backup failed"),
    _(
        "The backup of the portal did not work: %(problem)s\n\nThose before it are still there. Tell whoever keeps the"
        " server."
    ),
)
BACKUP_OLD = AlertKind(
    Role.DIRECTION,
    _("There is no recent backup"),
    _(
        "The portal should be backed up each night, and is not: %(problem)s\n\nTell whoever keeps the server; what to"
        " do is in its documentation."
    ),
    timedelta(days=1),
)
JOB_FAILED = AlertKind(
    Role.DIRECTION,
    _("A task of the portal failed"),
    _(
        "The portal gave up on these tasks since yesterday: %(problem)s\n\nWhoever keeps the server finds why in its log."
    ),
    timedelta(days=1),
)
