"""Changes that staff decide: proposed by managers, by people without an account, or reported as errors.

Locks: the listing's row (FOR UPDATE), then the proposal's.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import journal, mailing
from accounts.models import User
from enterprises.listing.history import ValueFormatter, attributed_edit
from enterprises.listing.refusals import AlreadyDecided
from enterprises.listing_fields import COLUMN_OF_RELATION
from enterprises.models import Checkup, Listing, Proposal
from enterprises.ownership import yearly_checkups
from pole.hooks.moderation import ChangedMeanwhile, seen_version


def column_of(name: str) -> str:
    """The attribute that holds the stored value of a field which is not a relation to many rows."""
    column = Listing._meta.get_field(name)
    return column.attname if isinstance(column, models.ForeignKey) else name


def stored_json_value(listing: Listing, name: str) -> Any:
    """A field as JSON holds it: keys for relations."""
    if name in COLUMN_OF_RELATION:
        return sorted(getattr(listing, name).values_list("pk", flat=True)) if listing.pk else []
    value = getattr(listing, column_of(name))
    return list(value) if isinstance(value, (list, tuple)) else value


def cleaned_json_value(value: Any) -> Any:
    """What a form gives for a field, as JSON holds it."""
    if isinstance(value, models.QuerySet):
        return sorted(value.values_list("pk", flat=True))
    return value.pk if isinstance(value, models.Model) else value


def differences(listing: Listing, cleaned: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """{field: {"before", "after"}} for what differs from the stored listing."""
    found = {}
    for name in names:
        before, after = stored_json_value(listing, name), cleaned_json_value(cleaned[name])
        if before != after:
            found[name] = {"before": before, "after": after}
    return found


@transaction.atomic
def propose(
    *,
    listing_id: int,
    kind: Proposal.Kind,
    fields: dict[str, Any],
    base_version: int,
    message: str,
    author: User | None,
    author_email: str = "",
    replaces: Collection[str] | None = None,
) -> Proposal:
    """Puts a change in the staff's queue. A manager's new proposal replaces their pending one.

    `replaces` names the fields of the form: what the pending one changes elsewhere is proposed again.
    """
    listing, fields = Listing.objects.lock(listing_id), dict(fields)
    if author and kind == Proposal.Kind.IDENTITY:
        for pending in listing.proposals.filter(author=author, kind=kind, state=Proposal.State.PENDING):
            if replaces is not None:
                fields |= {name: each for name, each in pending.fields.items() if name not in replaces}
            pending.state = Proposal.State.WITHDRAWN
            pending.save(update_fields=["state"])
    return listing.proposals.create(
        kind=kind,
        fields=fields,
        base_version=base_version,
        message=message,
        author=author,
        author_email=author_email,
    )


@transaction.atomic
def correct_by_checkup(
    *, checkup: Checkup, fields: dict[str, Any], base_version: int, message: str, now: datetime
) -> bool:
    """Uses up the link of a yearly question for a correction, or for a message alone; False when it was answered meanwhile."""
    answer = Checkup.Answer.CORRECTED
    if not yearly_checkups.record_answer(checkup_id=checkup.pk, answer=answer, now=now):
        return False
    kind = Proposal.Kind.CORRECTION if fields else Proposal.Kind.REPORT
    propose(
        listing_id=checkup.listing_id, kind=kind, fields=fields, base_version=base_version, message=message,
        author=None,
    )  # fmt: skip
    return True


@transaction.atomic
def withdraw(*, listing_id: int, proposal_id: int, author: User) -> bool:
    """Withdraws the author's own pending proposal; False when it is decided already."""
    pending = Proposal.objects.filter(
        pk=proposal_id, listing=listing_id, author=author, state=Proposal.State.PENDING
    )
    return bool(pending.update(state=Proposal.State.WITHDRAWN))


def shown_version(proposal: Proposal, listing: Listing) -> str:
    """The fingerprints of what is proposed, and of the listing as it is now: what is refused does not touch the latter."""
    return f"{_version_of_text(proposal, listing)}-{_version_of_stored(proposal, listing)}"


def _version_of_text(proposal: Proposal, listing: Listing) -> str:
    author = proposal.author
    whose = (author.pk, author.name, author.email) if author else None
    text = (proposal.kind, proposal.message, sorted(proposal.fields.items()))
    return seen_version("proposal", proposal.pk, listing.pk, listing.name, whose, text)


def _version_of_stored(proposal: Proposal, listing: Listing) -> str:
    now = [(name, stored_json_value(listing, name)) for name in sorted(proposal.fields)]
    return seen_version("listing", listing.version, now)


@transaction.atomic
def decide(
    *, proposal_id: int, accepted: Collection[str], seen: str, reason: str, by: User, now: datetime
) -> Proposal:
    """Accepts some of the fields, all or none, and mails the author. `seen` is its `shown_version`.

    Raises `AlreadyDecided`, `ChangedMeanwhile`, and `ValidationError` when the listing can't have a value.
    """
    listing_id = Proposal.objects.values_list("listing_id", flat=True).get(pk=proposal_id)
    listing = Listing.objects.lock(listing_id)
    proposal = Proposal.objects.select_for_update().get(pk=proposal_id)
    if proposal.state not in {Proposal.State.PENDING, Proposal.State.WITHDRAWN}:
        raise AlreadyDecided
    accepted_names = [name for name in proposal.fields if name in accepted]
    text, _dash, stored = seen.partition("-")
    if (
        proposal.state == Proposal.State.WITHDRAWN
        or text != _version_of_text(proposal, listing)
        or (accepted_names and stored != _version_of_stored(proposal, listing))
    ):
        raise ChangedMeanwhile
    if accepted_names:
        _apply(listing, proposal, accepted_names, by)
    proposal.accepted_fields = accepted_names
    proposal.state = _decided_state(len(accepted_names), len(proposal.fields), proposal.kind, accepted)
    proposal.decided_at, proposal.decided_by, proposal.decision_reason = now, by, reason
    _notify_author(proposal, listing)
    proposal.author_email = ""
    proposal.save()
    journal.record(
        action=f"{proposal.kind}_{proposal.state}", kind="listing", key=listing.pk, by=by,
        person_id=proposal.author_id, reason=reason, at=now,
    )  # fmt: skip
    return proposal


def _decided_state(accepted_count: int, count: int, kind: str, accepted: Collection[str]) -> str:
    if kind == Proposal.Kind.REPORT:
        return Proposal.State.ACCEPTED if "report" in accepted else Proposal.State.REFUSED
    if accepted_count == count:
        return Proposal.State.ACCEPTED
    return Proposal.State.PARTLY if accepted_count else Proposal.State.REFUSED


def _apply(listing: Listing, proposal: Proposal, names: list[str], by: User) -> None:
    for name in names:
        if name not in COLUMN_OF_RELATION:
            setattr(listing, column_of(name), proposal.fields[name]["after"])
    listing.version += 1
    try:
        with (
            transaction.atomic(),
            attributed_edit(by=by, reason=_("Proposed by %(name)s") % {"name": _author_name(proposal)}),
        ):
            columns = {field.name for field in Listing._meta.fields}
            listing.clean_fields(exclude=columns - set(names))
            listing.save()
            for name in names:
                if name in COLUMN_OF_RELATION:
                    relation = getattr(listing, name)
                    relation.set(relation.model.objects.filter(pk__in=proposal.fields[name]["after"]))
    except IntegrityError as error:
        raise ValidationError(
            _("The listing can’t take these values: perhaps another listing has this NEQ already.")
        ) from error


def _author_name(proposal: Proposal) -> str:
    return str(proposal.author) if proposal.author else _("someone without an account")


def _notify_author(proposal: Proposal, listing: Listing) -> None:
    """A mail to the author, when there is an address to write to."""
    to = proposal.author.email if proposal.author else proposal.author_email
    if not to:
        return
    fields = compare_fields(proposal, listing)
    context = {
        "user": proposal.author, "has_account": bool(proposal.author), "listing": listing, "proposal": proposal,
        "accepted": [each.label for each in fields if each.name in proposal.accepted_fields],
        "refused": [each.label for each in fields if each.name not in proposal.accepted_fields],
    }  # fmt: skip
    mailing.send(prefix="enterprises/mail/proposal_decided", to=to, context=context)


@dataclass(frozen=True, slots=True)
class ComparedField:
    """A field of a proposal, for people to compare."""

    name: str
    label: str | Promise
    before: str
    after: str
    now: str
    # Whether the listing's value has changed since the author saw it.
    has_changed_since: bool
    is_accepted: bool


def compare_fields(proposal: Proposal, listing: Listing) -> list[ComparedField]:
    """Three queries, and one for each relation to many rows."""
    formatter = ValueFormatter(separator="\n")
    shown = []
    for name, values in proposal.fields.items():
        now = stored_json_value(listing, name)
        before, after, current = (
            formatter.format(COLUMN_OF_RELATION.get(name, column_of(name)), value)
            for value in (values["before"], values["after"], now)
        )
        label = Listing._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a field of ours
        shown.append(
            ComparedField(
                name, label, before, after, current, now != values["before"], name in proposal.accepted_fields
            )
        )
    return shown
