"""What the state of the portal says of people."""

from __future__ import annotations

from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import Role, User
from accounts.team import incidents
from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning, Said, Sentence, check
from pole.models import SuspendedAddress


@check(_("Direction"))
def check_direction() -> Sentence:
    """Somebody who can sign in, and to whom mail goes, has the direction: only they give roles, export people and annul
    a vote."""
    direction = User.objects.filter(roles__contains=[Role.DIRECTION], is_active=True)
    addresses = set(direction.values_list(Lower("email"), flat=True))
    if not addresses:
        raise DiagnosticError(
            _("Nobody has the role of the direction."),
            to_do=_("Open an account that has it."),
            command="manage.py createsuperuser",
        )
    # Nothing is sent to these, the portal's alerts least of all.
    refused = SuspendedAddress.objects.filter(address__in=addresses)
    if addresses <= set(refused.values_list("address", flat=True)):
        raise DiagnosticError(
            _("No address of the direction takes e-mail any more: alerts reach nobody."),
            to_do=_("Mend one, or let e-mail go to it again, under “Addresses that refuse e-mail”."),
            page="staff:people",
        )
    counted = ngettext_lazy(
        "%(count)d person at the direction.", "%(count)d people at the direction.", "count"
    )
    return Said(counted, count=len(addresses))


@check(_("Register of incidents"))
def check_incidents() -> Sentence:
    """What is still to be told, or to be written, of a privacy incident."""
    entries = incidents.newest_entries()
    if due := [str(entry.incident_id) for entry in entries if incidents.notices_due(entry)]:
        raise DiagnosticError(
            Said(_("A notice is still to be given: incident %(numbers)s."), numbers=", ".join(due)),
            to_do=_(
                "Tell the Commission d’accès à l’information and the people concerned, then write the dates."
            ),
            page="staff:incident_list",
        )
    if lacking := [str(entry.incident_id) for entry in entries if incidents.missing_of(entry)]:
        raise DiagnosticWarning(
            Said(_("Something is missing in the entry: incident %(numbers)s."), numbers=", ".join(lacking)),
            to_do=_("Complete it: the entry says what the regulation asks for."),
            page="staff:incident_list",
        )
    counted = ngettext_lazy("%(count)d incident, complete.", "%(count)d incidents, complete.", "count")
    return Said(counted, count=len(entries))
