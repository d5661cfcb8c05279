"""What of votes can't wait until the morning. Nothing here says who votes, how, or how many did."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts.mailing.team_alerts import AlertKind
from accounts.models import Role

NOT_ENDED = AlertKind(
    Role.FORUMS,
    _("A vote could not be closed or sealed: %(name)s"),
    _(
        "The portal should have closed this vote, or sealed its box, and could not. It tries again each minute, and no"
        " ballot is lost. If nothing changes in a few minutes, whoever keeps the server should read its log."
    ),
)
CODES = AlertKind(
    Role.FORUMS,
    _("Someone tries voting codes by the hundred"),
    _(
        "From one address, more than %(limit)d codes that nobody has were tried in a minute. Guessing one is hopeless, and"
        " people with a real code vote as usual: there is nothing to do, but to know it, and to see whether a"
        " device of the room is at fault."
    ),
)
TROUBLE = AlertKind(
    Role.FORUMS,
    _("A vote needs someone"),
    _("Here is what the portal’s diagnostic says of the votes: %(problem)s"),
    timedelta(days=1),
)
