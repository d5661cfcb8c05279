"""Whom dossiers were sent to is forgotten long after their links ended. The worker runs this every night.

What a body answered, and its name, stay: they are public. Locks: the dossier rows.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from forums.models import Dossier, DossierEvent
from forums.registration.identities import ANONYMOUS_NAME

# While someone may still ask to whom a result was handed, and for a new link.
PEOPLE_RETENTION = timedelta(days=730)
# Events whose detail is an address or a name; that of the others is the title of a priority.
_NAMING = [DossierEvent.Kind.SENT, DossierEvent.Kind.RESENT, DossierEvent.Kind.RENEWED, DossierEvent.Kind.ACKNOWLEDGED]  # fmt: skip


@transaction.atomic
def forget_correspondents(now: datetime) -> int:
    """Of dossiers whose link ended, or was revoked, PEOPLE_RETENTION ago; returns how many."""
    limit = now - PEOPLE_RETENTION
    due = Dossier.objects.filter(Q(expires_at__lte=limit) | Q(revoked_at__lte=limit)).exclude(email="")
    keys = list(due.select_for_update(of=("self",)).values_list("pk", flat=True))
    DossierEvent.objects.filter(dossier__in=keys, kind__in=_NAMING).exclude(detail="").update(detail="")
    rows = Dossier.objects.filter(pk__in=keys)
    rows.exclude(acknowledged_at=None).update(acknowledged_by=ANONYMOUS_NAME)
    return rows.update(person="", email="", message="")
