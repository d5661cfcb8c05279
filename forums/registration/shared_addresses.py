"""Whom an address identifies at a forum: the first who confirmed it. For any other who gave it (a couple, the
info@ of a cooperative) it serves to write to them, and no more.

Locks: the caller holds those of `forums.registration.capacity`.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from forums.models import Forum, Registration
from pole.refusals import Refusal
from pole.search import unaccented

State = Registration.State
# What the team answers when somebody gives an address that is another person's.
SOMEONE_ELSE = "someone_else"


class AddressKnown(Refusal):
    """Somebody gave this address already: the team says whether it is the same person.

    Only for the team: the public form never says that an address is known."""

    messages = {"address_known": _("This address is already that of %(names)s: is it the same person?")}

    def __init__(self, people: Sequence[Registration]) -> None:
        super().__init__(names=", ".join(person.name for person in people))
        self.people = people


def people_with_address(forum: Forum, email: str) -> list[Registration]:
    """As `RegistrationQuerySet.with_address`. One query."""
    return list(Registration.objects.select_related("forum", "user").filter(forum=forum).with_address(email))


def is_same_name(first: str, second: str) -> bool:
    """Whatever the case, the accents and the spaces."""

    def compared(name: str) -> str:
        return " ".join(unaccented(name).casefold().replace("’", "'").split())

    return compared(first) == compared(second)


def find_same_person(people: Sequence[Registration], answer: str) -> Registration | None:
    """The one of `people` whom the team's answer names, by key; None when the answer is `SOMEONE_ELSE`.

    Raises `AddressKnown` while it is neither, unless `people` is empty.
    """
    if not people or answer == SOMEONE_ELSE:
        return None
    if found := next((person for person in people if str(person.key) == answer), None):
        return found
    raise AddressKnown(people)


def others_of_person(cancelled: Registration) -> list[Registration]:
    """What the same person registered for the same forum after cancelling: by account, or address and name."""
    rows = Registration.objects.filter(forum=cancelled.forum_id).exclude(state=State.CANCELLED)
    theirs = rows.filter(user__isnull=False, user=cancelled.user_id)
    namesakes = [
        row
        for row in people_with_address(cancelled.forum, cancelled.email)
        if is_same_name(row.name, cancelled.name)
    ]
    return [*theirs, *namesakes]


def give_up_address(row: Registration) -> None:
    """Makes the address a contact only if it identifies someone else by now; `row` is to be saved by the caller."""
    others = (other for other in people_with_address(row.forum, row.email) if other.pk != row.pk)
    if any(not other.email_is_contact_only for other in others):
        row.email_is_contact_only, row.user = True, None


def take_over_address(row: Registration) -> None:
    """Has the address identify `row`, whose owner confirms it, unless somebody did so before; saves both."""
    holders = (
        other for other in people_with_address(row.forum, row.email) if not other.email_is_contact_only
    )
    holder = next(holders, None)
    if holder is not None and (holder.state != State.PENDING or holder.user_id is not None):
        return
    if holder is not None:
        holder.email_is_contact_only = True
        holder.save(update_fields=["email_is_contact_only"])
    row.email_is_contact_only = False
    row.save(update_fields=["email_is_contact_only"])
