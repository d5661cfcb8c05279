"""What accounts keep, and for how long."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import privacy
from accounts.models import TeamInvitation
from accounts.privacy import kept_file
from accounts.sign_in import open_sessions
from accounts.team import invitations
from pole.hooks.diagnostics import Said
from pole.hooks.retention import Rule
from pole.text.amounts import span

RULES = [
    Rule(
        "accounts",
        _("Your account, and your consents with the words that you agreed to"),
        Said(_("until you ask for its erasure: it is done %(span)s later"), span=span(privacy.ERASURE_DELAY)),
        "erase_accounts",
        privacy.erase_due_accounts,
    ),
    Rule(
        "codes",
        _("Codes to sign in or to confirm an address"),
        span(timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)),
    ),
    Rule(
        "sessions",
        _("What remembers that you are signed in"),
        Said(_("%(span)s after you signed in"), span=span(timedelta(seconds=settings.SESSION_COOKIE_AGE))),
        "forget_sessions",
        open_sessions.forget_expired,
    ),
    Rule(
        "invitations",
        _("Invitations to the hub’s team that nobody accepted"),
        Said(
            _("%(span)s after they were sent"), span=span(TeamInvitation.LIFETIME + invitations.EXPIRED_KEPT)
        ),
        "delete_expired_invitations",
        invitations.delete_expired,
    ),
    Rule(
        "erasures",
        _(
            "That something was erased, withdrawn or wanted again, without a name, so that a restored backup does not undo it"
        ),
        Said(_("%(span)s, and as long as an older backup is kept"), span=span(kept_file.KEPT_FOR)),
    ),
    Rule(
        "journal",
        _("The journal of the team’s decisions"),
        _("for good; your name and the reasons that concern you leave it with your account"),
    ),
    Rule(
        "incidents",
        _("The register of privacy incidents, which names nobody"),
        _("five years at least after an incident was known, as the law asks"),
    ),
]
