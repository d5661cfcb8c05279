"""Addresses that refuse mail (`pole.models.SuspendedAddress`), as the direction sees them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from accounts import journal
from accounts.models import User
from pole.models import SuspendedAddress


@transaction.atomic
def resume(*, address_id: int, by: User) -> bool:
    """Mail goes to this address again, and may be refused again; false when it does already."""
    row = SuspendedAddress.objects.select_for_update().filter(pk=address_id).first()
    if row is None:
        return False
    row.delete()
    journal.note(action="resume", kind="mail_address", key=address_id, by=by)
    return True


def of_user(user: User) -> QuerySet[SuspendedAddress]:
    addresses = [user.email, *user.emailaddress_set.values_list("email", flat=True)]  # type: ignore[attr-defined]  # allauth's reverse relation
    return SuspendedAddress.objects.filter(address__in=[address.lower() for address in addresses])
