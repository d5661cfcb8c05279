"""A person's data on the desk: the texts that they were asked to read at an address of theirs, and what they said."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from accounts.privacy import Rows
from desk.models import Reading


def _readings(user: User) -> QuerySet[Reading]:
    """Sent to an address that they have shown to be theirs."""
    shown = user.emailaddress_set.filter(verified=True)  # type: ignore[attr-defined]  # allauth's reverse relation
    addresses = [address.lower() for address in shown.values_list("email", flat=True)]
    return Reading.objects.filter(email__in=addresses)


def data_of(user: User) -> dict[str, Rows]:
    return {
        "readings": [
            {
                "name": reading.name,
                "email": reading.email,
                "text": reading.draft.content.get("title", ""),
                "asked_at": reading.created_at,
                "remarks": [remark.text for remark in reading.remarks.all()],
            }
            for reading in _readings(user).select_related("draft").prefetch_related("remarks")
        ]
    }


def erase(user: User) -> None:
    _readings(user).delete()
