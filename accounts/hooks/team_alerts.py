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
        "The portal could not send “%(subject)s” to %(to)s, and gives up. The mail server answered:"
        " %(answer)s\n\nIf the address is wrong, its owner can be reached another way: the addresses that refuse mail"
        " are listed with the people. Within the hour, other mails that fail are not told one by one."
    ),
)
MAIL_REPUTATION = AlertKind(
    Role.DIRECTION,
    _("The portal’s mail is refused"),
    _(
        "A mail server refuses what comes from the portal; nothing is wrong with the address. “%(subject)s”, to %(to)s,"
        " was not delivered. It answered: %(answer)s\n\nShow this answer to whoever provides the mail relay, and have"
        " the SPF, DKIM and DMARC records of the sender’s domain checked."
    ),
)
MAIL_CONFIGURATION = AlertKind(
    Role.DIRECTION,
    _("The portal can’t sign in to its mail relay"),
    _(
        "No mail goes out: the relay does not let the portal in, because of its account, of its address or of a"
        " certificate. It answered: %(answer)s\n\nHave EMAIL_URL and the relay checked: what waits is then sent, for a"
        " day after it was written; codes last ten minutes."
    ),
    # It lasts, and goes out once it is mended: those of each hour would all come then.
    timedelta(days=1),
)
STORAGE_FAILED = AlertKind(
    Role.DIRECTION,
    _("The server can’t store files"),
    _(
        "Pictures, documents and logos are refused, and nothing of them is saved: %(problem)s\n\nTell whoever keeps the"
        " server: its disk is full, or takes no writing; “manage.py diagnostic” says which."
    ),
    timedelta(days=1),
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
SERVICE_FAILED = AlertKind(
    Role.DIRECTION,
    _("A service of the portal failed"),
    _(
        "On the portal’s server, %(name)s failed.\n\nTell whoever keeps the server: “journalctl -u %(name)s” says why."
    ),
)
