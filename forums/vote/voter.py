"""Who may vote in a round: what identifies a person (a slip, a personal link, an account), and their roll entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.utils.crypto import salted_hmac

from accounts.models import User
from forums.models import Registration, Round, Slip
from forums.vote.casting import CannotVote, NotOnRoll, VotesOnPaper
from forums.vote.roll import can_be_added, find_entry_of_user, find_or_add_entry_of_user
from forums.vote.statements import fetch_row

# The kinds of a pass. They are signed into a cookie: never change them.
SLIP, LINK = "carton", "link"


@dataclass(frozen=True, slots=True)
class VotingPass:
    """What a device was let in with: a `SLIP` by its id, or for one round a `LINK`, by the id of its registration."""

    kind: str
    pk: int
    # 0 for a slip, which serves every round of its forum.
    round_id: int


@dataclass(frozen=True, slots=True)
class Voter:
    """Someone who may vote in a round. `entry_id` is None for who is added to a consultation's roll by voting."""

    entry_id: int | None
    # Whether they are signed in with the account of the entry, not whether they own one: no receipt is then asked.
    has_account: bool
    # Under this name a device stores what this voter typed there and the receipt that they were given.
    storage_key: str
    # The same in every round: tells a device whether a receipt that it keeps is someone else's.
    keeper_key: str
    # What identifies the voter: a slip by its number, or the account's name; neither for a link.
    slip_number: int | None = None
    account_name: str = ""
    # The receipt that the device holds; empty when it holds none.
    receipt: str = ""


def find_voter(
    round: Round, *, voting_pass: VotingPass | None, user: User | AnonymousUser, adds_to_roll: bool = False
) -> Voter:
    """The voter that the pass identifies, else the account, without their receipt. Raises `CannotVote`.

    `adds_to_roll` adds to the roll of a consultation an account that votes for the first time; without it
    nothing is written. `user` may be lazy, as that of a request: it is read only when it must be. One
    query with a pass that is accepted, two with a slip that is refused; with an account, those of the session
    and of the roll.
    """
    refusal = None
    for candidate in _candidates(round, voting_pass, user, adds_to_roll):
        if isinstance(candidate, Voter):
            return candidate
        refusal = refusal or candidate
    raise refusal or CannotVote("nobody")


def _candidates(
    round: Round, voting_pass: VotingPass | None, user: User | AnonymousUser, adds_to_roll: bool
) -> Iterator[Voter | CannotVote]:
    """The voter, or the reason why not, by each means of identification in turn."""
    if voting_pass and (voting_pass.kind == SLIP or voting_pass.round_id == round.pk):
        yield _by_pass(round, voting_pass, user)
    if user.is_authenticated:
        yield _by_account(round, user, adds_to_roll)


_BY_SLIP_SQL = """\
SELECT entry.id, entry.user_id, entry.registration_id, entry.is_on_paper, slip.number
FROM forums_rollentry entry JOIN forums_slip slip ON slip.registration_id = entry.registration_id
WHERE entry.round_id = $1 AND entry.voided_at IS NULL AND slip.id = $2 AND slip.voided_at IS NULL
"""
_BY_LINK_SQL = """\
SELECT id, user_id, registration_id, is_on_paper, NULL FROM forums_rollentry
WHERE round_id = $1 AND voided_at IS NULL AND registration_id = $2
"""


def _by_pass(round: Round, voting_pass: VotingPass, user: User | AnonymousUser) -> Voter | CannotVote:
    # SQL by hand, as in forums.vote.casting: every cast begins here, on the same connection. Who votes is not in its words:
    # `pg_stat_activity` would show them, and `pg_locks` a moment later, of that connection, the key of the ballot.
    row = fetch_row(_BY_SLIP_SQL if voting_pass.kind == SLIP else _BY_LINK_SQL, [round.pk, voting_pass.pk])
    if row is None:
        return _why_slip_is_refused(round, voting_pass.pk) if voting_pass.kind == SLIP else NotOnRoll()
    entry_id, user_id, registration_id, is_on_paper, slip_number = row
    if is_on_paper:
        return VotesOnPaper()
    return Voter(
        entry_id,
        # Compared last: it may read the session.
        has_account=user_id is not None and user_id == user.pk,
        storage_key=_device_key(f"{round.pk}:entry:{entry_id}"),
        keeper_key=_device_key(f"user:{user_id}" if user_id else f"registration:{registration_id}"),
        slip_number=slip_number,
    )


def _why_slip_is_refused(round: Round, slip_id: int) -> CannotVote:
    slip = Slip.objects.filter(pk=slip_id).first()
    if slip is None:
        return CannotVote("nobody")
    if slip.forum_id != round.forum_id:
        return CannotVote("other_forum")
    if slip.voided_because == Slip.Void.PAPER:
        return VotesOnPaper()
    return CannotVote("slip_void") if slip.voided_at else NotOnRoll()


def _by_account(round: Round, user: User, adds_to_roll: bool) -> Voter | CannotVote:
    entry = find_or_add_entry_of_user(round, user) if adds_to_roll else find_entry_of_user(round, user)
    if entry is None and (adds_to_roll or not can_be_added(round, user)):
        return NotOnRoll()
    if entry is not None and entry.is_on_paper:
        return VotesOnPaper()
    return Voter(
        entry.pk if entry else None,
        has_account=True,
        storage_key=_device_key(f"{round.pk}:user:{user.pk}"),
        keeper_key=_device_key(f"user:{user.pk}"),
        account_name=user.name,
    )


def has_another_vote(round: Round, user: User | AnonymousUser, registration: Registration) -> bool:
    """Whether the slip or the link of `registration` would have an account vote in place of someone else.

    True for an account with a vote of its own in this round, or a registration that will have one. Four
    queries at most, all reads.
    """
    if not user.is_authenticated or registration.user_id == user.pk:
        return False
    entry = find_entry_of_user(round, user)
    if entry is not None:
        return entry.registration_id != registration.pk
    theirs = Registration.objects.filter(forum=round.forum_id, user=user)
    return theirs.exclude(state=Registration.State.CANCELLED).exists() or can_be_added(round, user)


def _device_key(who: str) -> str:
    return salted_hmac("forums.vote.device", who, algorithm="sha256").hexdigest()[:16]
