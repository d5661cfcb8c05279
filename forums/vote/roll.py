"""Who may vote in a round: one entry a person, added or voided while the round is open, never changed otherwise.

Locks, in order: the round's advisory lock, shared; the entry. Opening a round builds its roll under
the same lock, held alone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts.models import User
from forums.models import ParticipantKind, Registration, RollEntry, Round, RoundEvent
from forums.vote.casting import delete_ballot, has_ballot, is_open
from forums.vote.codes import email_hash
from forums.vote.locks import share_round


class RollRefused(Exception):
    """The round is not open: its roll no longer changes."""


class HeldPaper(RollRefused):
    """This person was taken off the roll with a paper in hand, which may be in the box."""


def build_roll(round: Round) -> int:
    """Enters everyone of the round's public, in the order they came; gives how many. For `forums.vote.rounds.open_round`."""
    entries = [_entry_of_registration(round, row) for row in _eligible(round)]
    if round.is_consultation:
        entries = [_entry_of_user(round, user) for user in _verified_users().iterator(chunk_size=1000)]
    entered = len(RollEntry.objects.bulk_create(entries, batch_size=1000))
    # Else PostgreSQL takes this round for an empty one, and reads its whole roll at each vote, until autovacuum.
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {RollEntry._meta.db_table}")
    return entered


def eligible_count(round: Round) -> int:
    """How many people opening would enter. One query."""
    if round.is_consultation:
        return _verified_users().count()
    return _eligible(round).count()


def _eligible(round: Round) -> QuerySet[Registration]:
    if round.is_consultation:
        return Registration.objects.none()
    rows = Registration.objects.filter(forum_id=round.forum_id).select_related("user").order_by("pk")
    is_in_room = round.public == Round.Public.CHECKED_IN
    return rows.checked_in() if is_in_room else rows.holding_a_place()


def _verified_users() -> QuerySet[User]:
    verified = EmailAddress.objects.filter(verified=True, primary=True).values("user_id")
    people: QuerySet[User] = User.objects.filter(is_active=True, pk__in=verified).order_by("pk")
    return people


def _entry_of_registration(round: Round, registration: Registration, *, is_late: bool = False) -> RollEntry:
    return RollEntry(
        round=round,
        registration=registration,
        user_id=registration.user_id,
        email_hash=email_hash(registration.email) if registration.email else None,
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
    """Enters someone who registered or arrived after the opening, in each open round that takes them.

    Called whenever a registration is confirmed or checked in; doing so again changes nothing. Gives the
    rounds in which the person is now entered.
    """
    is_checked_in = registration.is_checked_in
    publics = [Round.Public.REGISTRANTS, *([Round.Public.CHECKED_IN] if is_checked_in else [])]
    if registration.state != Registration.State.CONFIRMED:
        return []
    rounds = Round.objects.open_at(timezone.now()).filter(forum_id=forum_id, public__in=publics)
    return [
        round for round in rounds if _add(round, _entry_of_registration(round, registration, is_late=True))
    ]


@transaction.atomic
def add_by_hand(*, round: Round, registration: Registration, by: User) -> None:
    """Enters someone whom staff name, even whom they took off before. Again: changes nothing.

    Raises `RollRefused` unless the round is open, and `HeldPaper`.
    """
    share_round(round.pk)
    if not is_open(round.pk):
        raise RollRefused
    entry = _entry_of_registration(round, registration, is_late=True)
    theirs = _entries_of(round, entry)
    if theirs.filter(is_on_paper=True).exists() and not theirs.filter(voided_at=None).exists():
        raise HeldPaper
    _enter(round, entry, by=by)


def roll_changes(round_id: int) -> tuple[int, int]:
    """How many people were added, and how many taken off, since the opening. One query."""
    counts = RollEntry.objects.filter(round_id=round_id).aggregate(
        added=Count("pk", filter=Q(is_late=True)), voided=Count("pk", filter=Q(voided_at__isnull=False))
    )
    return counts["added"], counts["voided"]


def entry_of_registration(round: Round, registration_id: int) -> RollEntry | None:
    return RollEntry.objects.filter(round=round, registration_id=registration_id, voided_at=None).first()


def rounds_of(registration: Registration, now: datetime) -> QuerySet[Round]:
    """The open rounds in which someone may vote who registered."""
    entered = RollEntry.objects.filter(registration=registration, voided_at=None, is_on_paper=False)
    rounds: QuerySet[Round] = Round.objects.open_at(now).filter(pk__in=entered.values("round_id"))
    return rounds.order_by("closes_at")


def entry_of_user(round: Round, user: User) -> RollEntry | None:
    """The entry of an account, known by the account, its registration or its verified address.

    In an open consultation, a verified account that has none gets one. An account that was erased
    and made anew with the same address finds its former entry.
    """
    entry = known_entry_of_user(round, user)
    if entry is not None and entry.user_id is not None:
        return entry
    if entry is not None:
        # Another account of the same address may be doing the same.
        RollEntry.objects.filter(pk=entry.pk, user=None).update(user=user)
    elif _may_be_entered(round, user):
        _add(round, _entry_of_user(round, user, is_late=True))
    return RollEntry.objects.filter(round=round, voided_at=None, user=user).first()


def known_entry_of_user(round: Round, user: User) -> RollEntry | None:
    """As `entry_of_user`, and changes nothing: for pages that only show."""
    entries = RollEntry.objects.filter(round=round, voided_at=None)
    if entry := entries.filter(user=user).first():
        return entry
    if not _is_verified(user):
        return None
    theirs = Q(registration__user=user) | Q(email_hash=email_hash(user.email))
    return entries.filter(theirs, user=None).order_by("pk").first()


def may_enter(round: Round, user: User) -> bool:
    """Whether an account that is not on the roll is entered when it votes.

    A verified one, in an open consultation, that was never taken off the roll.
    """
    return round.state_at(timezone.now()) == Round.State.OPEN and _may_be_entered(round, user)


def _may_be_entered(round: Round, user: User) -> bool:
    """As `may_enter`, whatever the hour: `_add` asks the database's clock under its lock."""
    if not round.is_consultation or not _is_verified(user):
        return False
    return not _entries_of(round, _entry_of_user(round, user)).exists()


def _is_verified(user: User) -> bool:
    return bool(EmailAddress.objects.filter(user=user, verified=True, primary=True).exists())


@transaction.atomic
def _add(round: Round, entry: RollEntry) -> bool:
    """Adds an entry under the lock, unless the person has one; logs it. False once the round closed.

    Whoever was taken off the roll stays off, and gets False: only `add_by_hand` brings them back.
    """
    share_round(round.pk)
    if not is_open(round.pk):
        return False
    theirs = set(_entries_of(round, entry).values_list("voided_at", flat=True))
    if theirs and None not in theirs:
        return False
    _enter(round, entry)
    return True


def _enter(round: Round, entry: RollEntry, *, by: User | None = None) -> None:
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        _join_identities(round, entry)
        return
    RoundEvent.objects.create(round=round, kind=RoundEvent.Kind.ADDED, at=timezone.now(), by=by)


def _entries_of(round: Round, wanted: RollEntry) -> QuerySet[RollEntry]:
    """Whatever the roll has or had of the person that `wanted` is, by any identity."""
    known = Q(pk__in=[])
    for identity in ("user_id", "registration_id", "email_hash"):
        value = getattr(wanted, identity)
        if value is not None:
            known |= Q(**{identity: value})
    return RollEntry.objects.filter(known, round=round)


def _join_identities(round: Round, wanted: RollEntry) -> None:
    """Completes the entry that someone has already with what `wanted` knows of them.

    When the account and the registration each have an entry, one is left, by the rule of `_join`.
    """
    if keep := _keep_one(round, _entries_of(round, wanted)):
        _learn(keep, wanted)
        # Of someone who cancelled and registered again, the one that their link and their slip name.
        keep.registration_id = wanted.registration_id or keep.registration_id
        keep.save(update_fields=["user", "registration", "email_hash"])


def join_registrations(*, forum_id: int, kept: Registration, others: Collection[Registration]) -> None:
    """Leaves one entry in each open round to someone who registered more than once, by the rule of `_join`.

    It is the entry of `kept` from then on. The caller holds the registrations.
    """
    publics = [Round.Public.REGISTRANTS, Round.Public.CHECKED_IN]
    for round in Round.objects.open_at(timezone.now()).filter(forum_id=forum_id, public__in=publics):
        share_round(round.pk)
        if not is_open(round.pk):
            continue
        known = _entries_of(round, _entry_of_registration(round, kept))
        theirs = known | RollEntry.objects.filter(round=round, registration__in=others)
        if keep := _keep_one(round, theirs):
            keep.registration = kept
            keep.save(update_fields=["user", "registration", "email_hash"])


def _keep_one(round: Round, entries: QuerySet[RollEntry]) -> RollEntry | None:
    """The entry that is left, locked, of those that one person has; None when all were voided."""
    keep: RollEntry | None = None
    for entry in entries.select_for_update().filter(voided_at=None).order_by("pk"):
        keep = _join(round, keep, entry) if keep else entry
    return keep


def _join(round: Round, first: RollEntry, second: RollEntry) -> RollEntry:
    """Makes two locked entries of one person one, and gives it.

    The written rule: the one that holds a paper stays; else the one that voted; if both or neither
    voted, the one with the registration, else the older. The other is voided, with its ballot.
    """

    def weight(entry: RollEntry) -> tuple[bool, bool, bool, int]:
        voted = has_ballot(round_id=round.pk, entry_id=entry.pk)
        return (entry.is_on_paper, voted, entry.registration_id is not None, -entry.pk)

    dropped, keep = sorted((first, second), key=weight)
    # Public and kept for good: in the hub's language, whatever the visitor's.
    with translation.override(settings.LANGUAGE_CODE):
        reason = gettext("The same person was on the roll twice.")
    _void(round.pk, dropped, reason=reason)
    _learn(keep, dropped)
    return keep


def _learn(keep: RollEntry, other: RollEntry) -> None:
    """Gives an entry the identities that another one of the same person has."""
    keep.user_id = keep.user_id or other.user_id
    keep.registration_id = keep.registration_id or other.registration_id
    keep.email_hash = keep.email_hash or other.email_hash


@transaction.atomic
def void_entry(*, round_id: int, entry_id: int, reason: str, by: User) -> None:
    """Takes someone off the roll, with their ballot. The reason is public, the person is not.

    Raises `RollRefused` once the round closed, and `RollEntry.DoesNotExist`. Again: changes nothing.
    """
    share_round(round_id)
    if not is_open(round_id):
        raise RollRefused
    entry = RollEntry.objects.select_for_update().get(pk=entry_id, round_id=round_id)
    if entry.voided_at is None:
        _void(round_id, entry, reason=reason, by=by)


def _void(round_id: int, entry: RollEntry, *, reason: str, by: User | None = None) -> None:
    delete_ballot(round_id=round_id, entry_id=entry.pk)
    entry.voided_at, entry.voided_because = timezone.now(), reason
    entry.save(update_fields=["voided_at", "voided_because"])
    RoundEvent.objects.create(
        round_id=round_id, kind=RoundEvent.Kind.VOIDED, at=entry.voided_at, reason=reason, by=by
    )
