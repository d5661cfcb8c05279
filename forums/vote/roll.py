"""Who may vote in a round: one entry a person.

While the round is open, entries are added, voided, completed with another identity of the same person, or
merged. `forums.vote.paper_issue` marks those that vote on paper, and sealing or annulling deletes them all.

Locks, in order: the round's advisory lock, shared; those of the voters (`forums.vote.locks`). Opening a round builds its roll under
the same lock, exclusive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forums.models import ParticipantKind, Registration, RollEntry, Round, RoundEvent
from forums.vote.casting import delete_ballot, has_ballot
from forums.vote.codes import email_hash
from forums.vote.locks import lock_round_shared, lock_voters
from forums.vote.log import log_event
from forums.vote.rules import is_open
from pole.refusals import Refusal


class RollRefused(Refusal):
    messages = {"roll_closed": _("The vote is not open: its roll no longer changes.")}


class VoidedWithPaper(RollRefused):
    """This person was taken off the roll with a paper in hand, which may be in the box."""

    messages = {
        "voided_with_paper": _(
            "This person was taken off the roll with a paper in hand, which may come back: they can’t be added again."
        )
    }


def build_roll(round: Round) -> int:
    """Adds everyone for whom the round is, in the order they registered; returns how many. For `forums.vote.rounds.open_round`."""
    entries = [_entry_of_registration(round, row) for row in _eligible_registrations(round)]
    if round.is_consultation:
        entries = [_entry_of_user(round, user) for user in _verified_users().iterator(chunk_size=1000)]
    entered = len(RollEntry.objects.bulk_create(_one_an_address(entries), batch_size=1000))
    # Without statistics, the planner takes this round for an empty one and scans its whole roll at each cast.
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {RollEntry._meta.db_table}")
    return entered


def _one_an_address(entries: Iterable[RollEntry]) -> Iterator[RollEntry]:
    """The first of those with an address, and whoever arrived besides, whom it does not identify.

    Two addresses that are stored apart (« ﬁ » in one sign, « fi » in two) may be one: the roll refuses it twice.
    """
    known = set()
    for entry in entries:
        if entry.email_hash in known:
            if entry.registration is None or not entry.registration.is_checked_in:
                continue
            entry.email_hash = None
        if entry.email_hash is not None:
            known.add(entry.email_hash)
        yield entry


def eligible_count(round: Round) -> int:
    """How many people opening would put on the roll. One query."""
    if round.is_consultation:
        return _verified_users().count()
    return _eligible_registrations(round).count()


def _eligible_registrations(round: Round) -> QuerySet[Registration]:
    if round.is_consultation:
        return Registration.objects.none()
    rows = Registration.objects.filter(forum_id=round.forum_id).select_related("user").order_by("pk")
    needs_check_in = round.public == Round.Public.CHECKED_IN
    return rows.checked_in() if needs_check_in else rows.counted_on_rolls()


def _verified_users() -> QuerySet[User]:
    verified = EmailAddress.objects.filter(verified=True, primary=True).values("user_id")
    people: QuerySet[User] = User.objects.filter(is_active=True, pk__in=verified).order_by("pk")
    return people


def _entry_of_registration(round: Round, registration: Registration, *, is_late: bool = False) -> RollEntry:
    return RollEntry(
        round=round,
        registration=registration,
        user_id=registration.user_id,
        email_hash=email_hash(registration.email)
        if registration.email and not registration.email_is_contact_only
        else None,
        kind=registration.kind,
        is_late=is_late,
    )


def _entry_of_user(round: Round, user: User, *, is_late: bool = False) -> RollEntry:
    return RollEntry(
        round=round,
        user=user,
        email_hash=email_hash(user.email),
        kind=ParticipantKind.CITIZEN,
        is_late=is_late,
    )


def add_latecomers(*, forum_id: int, registration: Registration) -> list[Round]:
    """Adds someone who registered or arrived after the opening to the roll of each open round that is for them.

    Called whenever a registration is confirmed or checked in; doing so again changes nothing. Returns the
    rounds on whose roll the person now is.
    """
    return [
        round
        for round in _open_rounds_for(registration, forum_id)
        if _add_late_entry(round, _entry_of_registration(round, registration, is_late=True))
    ]


def _open_rounds_for(registration: Registration, forum_id: int) -> QuerySet[Round]:
    if registration.state != Registration.State.CONFIRMED or registration.awaits_vouching:
        return Round.objects.none()
    is_checked_in = registration.is_checked_in
    publics = [Round.Public.REGISTRANTS, *([Round.Public.CHECKED_IN] if is_checked_in else [])]
    rounds: QuerySet[Round] = Round.objects.open_at(timezone.now())
    return rounds.filter(forum_id=forum_id, public__in=publics)


def is_kept_off_a_roll(registration: Registration) -> bool:
    """Whether an open round is for this person, but its roll does not take them: they, or somebody with their address,
    were taken off it. Until staff add them, they can't vote. One query."""
    entered = RollEntry.objects.filter(registration=registration, voided_at=None)
    rounds = _open_rounds_for(registration, registration.forum_id)
    return rounds.exclude(pk__in=entered.values("round_id")).exists()


@transaction.atomic
def add_by_hand(*, round: Round, registration: Registration, by: User) -> None:
    """Adds someone whom staff name, even if they took them off before. Again: changes nothing.

    Raises `RollRefused` unless the round is open, and `VoidedWithPaper`.
    """
    lock_round_shared(round.pk)
    if not is_open(round.pk):
        raise RollRefused
    entry = _entry_of_registration(round, registration, is_late=True)
    theirs = _lock_entries(round, _entries_of_same_person(round, entry))
    if theirs.filter(is_on_paper=True).exists() and not theirs.filter(voided_at=None).exists():
        raise VoidedWithPaper
    if not _insert_entry(round, entry, by=by):
        # Staff say that they are two: the address identifies the other.
        entry.email_hash = None
        _insert_entry(round, entry, by=by)


def roll_changes(round_id: int) -> tuple[int, int]:
    """(how many people were added, how many were taken off) since the opening. One query."""
    counts = RollEntry.objects.filter(round_id=round_id).aggregate(
        added=Count("pk", filter=Q(is_late=True)), voided=Count("pk", filter=Q(voided_at__isnull=False))
    )
    return counts["added"], counts["voided"]


def find_entry_of_registration(round: Round, registration_id: int) -> RollEntry | None:
    return RollEntry.objects.filter(round=round, registration_id=registration_id, voided_at=None).first()


def open_rounds_of(registration: Registration, now: datetime) -> QuerySet[Round]:
    """The open rounds in which a registered person may vote online."""
    entered = RollEntry.objects.filter(registration=registration, voided_at=None, is_on_paper=False)
    rounds: QuerySet[Round] = Round.objects.open_at(now).filter(pk__in=entered.values("round_id"))
    return rounds.order_by("closes_at")


def find_or_add_entry_of_user(round: Round, user: User) -> RollEntry | None:
    """The entry of an account, found by the account, its registration or its verified address.

    In an open consultation, adds one for a verified account that has none. An account that was erased
    and created again with the same address finds its former entry.
    """
    entry = find_entry_of_user(round, user)
    if entry is not None and entry.user_id is not None:
        return entry
    if entry is not None:
        # Another account of the same address may be doing the same.
        RollEntry.objects.filter(pk=entry.pk, user=None).update(user=user)
    elif _is_addable(round, user):
        _add_late_entry(round, _entry_of_user(round, user, is_late=True))
    return RollEntry.objects.filter(round=round, voided_at=None, user=user).first()


def find_entry_of_user(round: Round, user: User) -> RollEntry | None:
    """As `find_or_add_entry_of_user`, without any write: for GET requests."""
    entries = RollEntry.objects.filter(round=round, voided_at=None)
    if entry := entries.filter(user=user).first():
        return entry
    if not _is_verified(user):
        return None
    theirs = Q(registration__user=user) | Q(email_hash=email_hash(user.email))
    return entries.filter(theirs, user=None).order_by("pk").first()


def can_be_added(round: Round, user: User) -> bool:
    """Whether an account that is not on the roll is added when it votes.

    It is when it is verified, in an open consultation, and was never taken off the roll.
    """
    return round.state_at(timezone.now()) == Round.State.OPEN and _is_addable(round, user)


def _is_addable(round: Round, user: User) -> bool:
    """As `can_be_added`, whatever the hour: `_add_late_entry` asks the database's clock under its lock."""
    if not round.is_consultation or not _is_verified(user):
        return False
    return not _entries_of_same_person(round, _entry_of_user(round, user)).exists()


def _is_verified(user: User) -> bool:
    return bool(EmailAddress.objects.filter(user=user, verified=True, primary=True).exists())


@transaction.atomic
def _add_late_entry(round: Round, entry: RollEntry) -> bool:
    """Adds an entry under the lock, unless the person has one; logs it. False once the round closed.

    Whoever was taken off the roll stays off, and gets False: only `add_by_hand` brings them back.
    """
    lock_round_shared(round.pk)
    if not is_open(round.pk):
        return False
    same_person = _lock_entries(round, _entries_of_same_person(round, entry))
    theirs = set(same_person.values_list("voided_at", flat=True))
    if theirs and None not in theirs:
        return False
    return _insert_entry(round, entry)


def _insert_entry(round: Round, entry: RollEntry, *, by: User | None = None) -> bool:
    """Whether the person is on the roll now. Not when their address is on it as another account's, which had it before."""
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        return _merge_identities(round, entry)
    log_event(round.pk, RoundEvent.Kind.ADDED, timezone.now(), by)
    return True


def _entries_of_same_person(round: Round, person: RollEntry) -> QuerySet[RollEntry]:
    """The entries, voided or not, that share an identity with the (unsaved) entry `person`."""
    known = Q(pk__in=[])
    for identity in ("user_id", "registration_id", "email_hash"):
        value = getattr(person, identity)
        if value is not None:
            known |= Q(**{identity: value})
    return RollEntry.objects.filter(known, round=round)


def _lock_entries(round: Round, entries: QuerySet[RollEntry]) -> QuerySet[RollEntry]:
    """Takes the locks of the voters whom these entries are; returns the entries, to be read only now."""
    found = list(entries.values_list("pk", flat=True))
    if not found:
        return entries.none()
    lock_voters(round.pk, found)
    return entries.filter(pk__in=found)


def _merge_identities(round: Round, person: RollEntry) -> bool:
    """Completes the entry that someone already has with the identities of the (unsaved) entry `person`; False without one.

    When the account and the registration each have an entry, they are merged by the rule of `_merge_two`. The entry of
    another account, which had the address of `person` before, is not theirs.
    """
    theirs = _entries_of_same_person(round, person)
    if person.user_id is not None:
        theirs = theirs.filter(Q(user=None) | Q(user=person.user_id))
    keep = _merge_into_one(round, theirs)
    if keep is None:
        return False
    entered = RollEntry.objects.filter(round=round, voided_at=None).exclude(pk=keep.pk)
    if person.email_hash and entered.filter(email_hash=person.email_hash).exists():
        person.email_hash = None
    _copy_missing_identities(keep, person)
    # Of someone who cancelled and registered again, the one that their link and their slip name.
    keep.registration_id = person.registration_id or keep.registration_id
    keep.save(update_fields=["user", "registration", "email_hash"])
    return True


def merge_entries(*, forum_id: int, surviving: Registration, others: Collection[Registration]) -> None:
    """Merges, in each open round, the entries of someone who registered more than once, by the rule of `_merge_two`.

    What is left is the entry of `surviving`. The caller has locked the registrations.
    """
    publics = [Round.Public.REGISTRANTS, Round.Public.CHECKED_IN]
    for round in Round.objects.open_at(timezone.now()).filter(forum_id=forum_id, public__in=publics):
        lock_round_shared(round.pk)
        if not is_open(round.pk):
            continue
        known = _entries_of_same_person(round, _entry_of_registration(round, surviving))
        theirs = known | RollEntry.objects.filter(round=round, registration__in=others)
        if keep := _merge_into_one(round, theirs):
            keep.registration = surviving
            keep.save(update_fields=["user", "registration", "email_hash"])


def forget_address(*, forum_id: int, registration: Registration) -> None:
    """Has the address of a registration, which identifies another person, find none of its entries of open rounds."""
    for round in Round.objects.open_at(timezone.now()).filter(forum_id=forum_id):
        lock_round_shared(round.pk)
        entries = RollEntry.objects.filter(round=round, registration=registration)
        _lock_entries(round, entries).update(email_hash=None)


def _merge_into_one(round: Round, entries: QuerySet[RollEntry]) -> RollEntry | None:
    """Merges the entries that one person has and returns what is left, locked; None when all were voided."""
    keep: RollEntry | None = None
    locked = _lock_entries(round, entries.filter(voided_at=None))
    # The rows too: erasing an account or a registration empties their links without the lock of the voter. No ballot
    # is written here, so the number that this leaves on a row is that of none.
    for entry in locked.select_for_update(no_key=True).order_by("pk"):
        keep = _merge_two(round, keep, entry) if keep else entry
    return keep


def _merge_two(round: Round, first: RollEntry, second: RollEntry) -> RollEntry:
    """Merges two locked entries of one person, and returns the one that stays.

    The published rule: the one that was given a paper stays; else the one that voted; if both or neither
    voted, the one with the registration, else the older. The other is voided, with its ballot.
    """

    def weight(entry: RollEntry) -> tuple[bool, bool, bool, int]:
        voted = has_ballot(round_id=round.pk, entry_id=entry.pk)
        return (entry.is_on_paper, voted, entry.registration_id is not None, -entry.pk)

    dropped, keep = sorted((first, second), key=weight)
    # Public and permanent: in the hub's language, whatever the visitor's.
    with translation.override(settings.LANGUAGE_CODE):
        reason = gettext("The same person was on the roll twice.")
    _void(round.pk, dropped, reason=reason)
    _copy_missing_identities(keep, dropped)
    return keep


def _copy_missing_identities(target: RollEntry, other: RollEntry) -> None:
    """Gives an entry the identities that another one of the same person has."""
    target.user_id = target.user_id or other.user_id
    target.registration_id = target.registration_id or other.registration_id
    target.email_hash = target.email_hash or other.email_hash


@transaction.atomic
def void_entry(*, round_id: int, entry_id: int, reason: str, by: User) -> None:
    """Takes someone off the roll, with their ballot. The reason is public, the person is not.

    Raises `RollRefused` once the round closed, and `RollEntry.DoesNotExist`. Again: changes nothing.
    """
    lock_round_shared(round_id)
    if not is_open(round_id):
        raise RollRefused
    lock_voters(round_id, [entry_id])
    entry = RollEntry.objects.get(pk=entry_id, round_id=round_id)
    if entry.voided_at is None:
        _void(round_id, entry, reason=reason, by=by)


def _void(round_id: int, entry: RollEntry, *, reason: str, by: User | None = None) -> None:
    delete_ballot(round_id=round_id, entry_id=entry.pk)
    entry.voided_at, entry.voided_because = timezone.now(), reason
    entry.save(update_fields=["voided_at", "voided_because"])
    log_event(round_id, RoundEvent.Kind.VOIDED, entry.voided_at, by, reason=reason)
