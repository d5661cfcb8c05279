"""What forums and votes keep, and for how long."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from forums.agenda import proposals
from forums.dossier import retention as dossiers
from forums.registration import retention
from forums.vote import rate_limits
from pole.hooks.diagnostics import Said
from pole.hooks.retention import Rule
from pole.text.amounts import span

_AFTER = _("%(span)s after the forum")
RULES = [
    Rule(
        "needs",
        _("The needs and the answers that you wrote when you registered for a forum"),
        Said(_AFTER, span=span(retention.NEEDS_RETENTION)),
        "forget_registrations",
        retention.erase_needs,
    ),
    Rule(
        "unconfirmed",
        _("A registration that was never confirmed"),
        span(retention.UNCONFIRMED_RETENTION),
        "forget_registrations",
        retention.delete_unconfirmed,
    ),
    Rule(
        "registrations",
        _("Your name, address and organization in the registrations of a forum"),
        Said(_AFTER, span=span(retention.PEOPLE_RETENTION)),
        "forget_registrations",
        retention.anonymise_past_registrations,
    ),
    Rule(
        "activity_proposals",
        _("An activity that you proposed for the agenda, when it was not kept or when you took it back"),
        Said(_("%(span)s after the answer"), span=span(proposals.KEPT_FOR)),
        "forget_registrations",
        proposals.delete_old,
    ),
    Rule(
        "day_team",
        _("The names of volunteers who help on the day of a forum"),
        Said(_AFTER, span=span(retention.DAY_TEAM_RETENTION)),
        "forget_registrations",
        retention.delete_day_team,
    ),
    Rule(
        "dossiers",
        _("To whom the results of a forum were handed: name, address, and the words that went with them"),
        Said(_("%(span)s after the link that was sent has ended"), span=span(dossiers.PEOPLE_RETENTION)),
        "forget_registrations",
        dossiers.forget_correspondents,
    ),
    Rule(
        "ballots",
        _("What ties a ballot to whoever cast it"),
        _("until the box is sealed; nothing ties them any more after that"),
    ),
    Rule(
        "attempts",
        _("How many codes of vote were tried, by address of the network, in a disguised form"),
        span(rate_limits.RETENTION),
        "forget_attempts",
        rate_limits.delete_old_counters,
    ),
]
