"""Who is on the roll: once each, whatever they are known by, and never twice through a new account."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.utils import timezone

from accounts import privacy
from forums.models import Ballot, Registration, RollEntry, Round, RoundEvent, Slip
from forums.registration import check_in, identities
from forums.vote import casting, paper_issue, roll, rounds, slips
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.closing import bring_closing
from tests.forums.voting.conftest import entries_of


def verified(email="lou@exemple.example"):
    user = UserFactory(email=email)
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    return user


@pytest.fixture
def planned(db):
    round = RoundFactory()
    QuestionFactory(round=round, position=1)
    return round


def opened(round, **fields):
    Round.objects.filter(pk=round.pk).update(**fields)
    return rounds.open_round(round_id=round.pk, by=None)


def cast(round, entry, key="a", **proof):
    return casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key=key, **proof)


def test_each_public_is_entered(planned):
    here = RegistrationFactory(forum=planned.forum)
    awaited = RegistrationFactory(forum=planned.forum, checked_in_at=None)
    for state in ("pending", "cancelled"):
        RegistrationFactory(forum=planned.forum, state=state, checked_in_at=None)
    RegistrationFactory()
    assert [entry.registration for entry in entries_of(opened(planned))] == [here]
    rounds.annul_round(round_id=planned.pk, reason="Essai", by=None)
    again = RoundFactory(forum=planned.forum, public="registrants")
    QuestionFactory(round=again, position=1)
    assert {entry.registration for entry in entries_of(opened(again))} == {here, awaited}


def test_consultation_enters_verified_accounts_and_those_who_come_later(planned):
    early = verified()
    round = opened(planned, public="accounts")
    assert early in {entry.user for entry in entries_of(round)}
    late = verified("tard@exemple.example")
    entry = roll.find_or_add_entry_of_user(round, late)
    assert (entry.is_late, roll.find_or_add_entry_of_user(round, late).pk) == (True, entry.pk)
    assert RoundEvent.objects.filter(round=round, kind="added").count() == 1


@pytest.mark.parametrize(
    ("public", "entered"), [("checked_in", [1, None]), ("registrants", [1]), ("accounts", [1])]
)
def test_vote_opens_though_two_addresses_are_one_to_the_roll(planned, public, entered):
    """Mail to both comes to one mailbox: anybody could keep votes from opening."""
    here = timezone.now() if public == "checked_in" else None
    for address in ("a@fin.example", "a@\N{LATIN SMALL LIGATURE FI}n.example"):
        if public == "accounts":
            verified(address)
        else:
            RegistrationFactory(forum=planned.forum, email=address, checked_in_at=here)
    hashes = [entry.email_hash and 1 for entry in entries_of(opened(planned, public=public))]
    assert hashes[: len(entered)] == entered
    assert len(hashes) == len(entered)


def test_unverified_account_is_on_no_roll(planned):
    round = opened(planned, public="accounts")
    user = UserFactory()
    EmailAddress.objects.filter(user=user).update(verified=False)
    assert roll.find_or_add_entry_of_user(round, user) is None
    assert not RollEntry.objects.filter(round=round, user=user).exists()


def test_latecomer_is_entered_once(planned):
    round = opened(planned)
    late = RegistrationFactory(forum=planned.forum)
    for _again in range(2):
        roll.add_latecomers(forum_id=planned.forum_id, registration=late)
    assert [(entry.registration, entry.is_late) for entry in entries_of(round)] == [(late, True)]
    assert RoundEvent.objects.filter(round=round, kind="added").count() == 1


def test_latecomer_waits_for_arrival_where_arrivals_vote(planned):
    round = opened(planned)
    late = RegistrationFactory(forum=planned.forum, checked_in_at=None)
    roll.add_latecomers(forum_id=planned.forum_id, registration=late)
    assert entries_of(round) == []


def test_roll_is_closed_with_the_round(planned):
    round = opened(planned)
    staff = UserFactory(is_staff=True)
    entry_of = RegistrationFactory(forum=planned.forum)
    roll.add_latecomers(forum_id=planned.forum_id, registration=entry_of)
    (entry,) = entries_of(round)
    rounds.close_round(round_id=round.pk, by=None)
    roll.add_latecomers(forum_id=planned.forum_id, registration=RegistrationFactory(forum=planned.forum))
    with pytest.raises(roll.RollRefused):
        roll.void_entry(round_id=round.pk, entry_id=entry.pk, reason="Erreur", by=staff)
    assert [(one.pk, one.voided_at) for one in entries_of(round)] == [(entry.pk, None)]


def test_voiding_deletes_the_ballot_and_staff_alone_enter_the_person_again(planned):
    person = RegistrationFactory(forum=planned.forum)
    round, staff = opened(planned), UserFactory(is_staff=True)
    (entry,) = entries_of(round)
    cast(round, entry)
    for _again in range(2):
        roll.void_entry(round_id=round.pk, entry_id=entry.pk, reason="Mauvaise personne", by=staff)
    assert (Ballot.objects.count(), casting.turnout(round.pk)) == (0, (0, 0))
    with pytest.raises(casting.NotOnRoll):
        cast(round, entry, key="b")
    roll.add_latecomers(forum_id=planned.forum_id, registration=person)
    assert casting.turnout(round.pk) == (0, 0)
    roll.add_by_hand(round=round, registration=person, by=staff)
    assert casting.turnout(round.pk) == (0, 1)
    logged = RoundEvent.objects.filter(round=round).values_list("kind", "reason")
    assert sorted(logged) == [("added", ""), ("opened", ""), ("voided", "Mauvaise personne")]


def test_account_finds_the_entry_of_its_registration(planned):
    RegistrationFactory(forum=planned.forum, email="lou@exemple.example")
    round = opened(planned)
    (entry,) = entries_of(round)
    user = verified()
    assert roll.find_or_add_entry_of_user(round, user) == entry
    entry.refresh_from_db()
    assert entry.user == user


def test_account_of_another_address_finds_its_registration(planned):
    user = verified("autre@exemple.example")
    person = RegistrationFactory(forum=planned.forum, email="lou@exemple.example")
    round = opened(planned)
    Registration.objects.filter(pk=person.pk).update(user=user)
    assert roll.find_or_add_entry_of_user(round, user).registration == person


def test_erased_account_does_not_vote_again(planned):
    """Vote, erase, sign up with the same address: the same entry, the same ballot."""
    user = verified()
    round = opened(planned, public="accounts")
    entry = roll.find_or_add_entry_of_user(round, user)
    cast(round, entry)
    user.delete()
    entry.refresh_from_db()
    assert (entry.user, casting.turnout(round.pk)[0]) == (None, 1)
    again = verified()
    assert roll.find_or_add_entry_of_user(round, again).pk == entry.pk
    cast(round, entry, key="b", has_account=True)
    assert Ballot.objects.count() == 1


def test_erasing_an_account_changes_no_ballot_and_no_count(planned):
    user = verified()
    RegistrationFactory(forum=planned.forum, user=user, email=user.email)
    round = opened(planned)
    (entry,) = entries_of(round)
    cast(round, entry)
    before = (Ballot.objects.get().choices, casting.turnout(round.pk))
    user.delete()
    Registration.objects.all().delete()
    assert (Ballot.objects.get().choices, casting.turnout(round.pk)) == before


def two_entries(round):
    """A person with two entries: by account, and by a registration with another address."""
    user = verified()
    person = RegistrationFactory(forum=round.forum, email="autre@exemple.example")
    RollEntry.objects.filter(round=round).delete()
    by_account = RollEntry.objects.create(round=round, user=user)
    by_registration = RollEntry.objects.create(round=round, registration=person)
    Registration.objects.filter(pk=person.pk).update(user=user)
    person.refresh_from_db()
    return person, by_account, by_registration


@pytest.mark.parametrize(
    ("voted", "on_paper", "stays"),
    [
        ((), None, "registration"),
        (("account",), None, "account"),
        (("registration",), None, "registration"),
        (("account", "registration"), None, "registration"),
        (("registration",), "account", "account"),
    ],
)
def test_two_entries_of_one_person_become_one_by_the_rule(planned, voted, on_paper, stays):
    round = opened(planned)
    person, by_account, by_registration = two_entries(round)
    named = {"account": by_account, "registration": by_registration}
    for name in voted:
        cast(round, named[name], key=name)
    if on_paper:
        RollEntry.objects.filter(pk=named[on_paper].pk).update(is_on_paper=True)
    roll.add_latecomers(forum_id=round.forum_id, registration=person)
    (kept,) = RollEntry.objects.filter(round=round, voided_at=None)
    assert kept == named[stays]
    assert (kept.user_id, kept.registration_id) == (person.user_id, person.pk)
    assert casting.turnout(round.pk) == (1 if voted or on_paper else 0, 1)
    assert Ballot.objects.count() == (1 if voted and not on_paper else 0)


@pytest.mark.parametrize("has_account", [False, True])
@pytest.mark.parametrize(
    ("voted", "stays"),
    [((), "first"), (("first",), "first"), (("second",), "second"), (("first", "second"), "first")],
)
def test_person_registered_twice_has_one_vote_left(planned, voted, stays, has_account):
    """Whichever counts, the other address, its slip and its link open nothing more."""
    user = verified()
    addresses = {"first": user.email, "second": "autre@exemple.example"}
    people = {
        name: RegistrationFactory(forum=planned.forum, email=addresses[name], name="Anne Roy")
        for name in addresses
    }
    if has_account:
        Registration.objects.filter(pk=people["first"].pk).update(user=user)
    codes = [slips.create_slips(forum=planned.forum, count=1)[0][1] for _ in people]
    for person, code in zip(people.values(), codes, strict=True):
        slip = slips.find_slip(forum_id=planned.forum_id, written=code)
        slips.activate_slip(slip=slip, registration=person)
    round = opened(planned)
    entries = {name: RollEntry.objects.get(registration=person) for name, person in people.items()}
    for name in voted:
        cast(round, entries[name], key=name)
    EmailAddress.objects.create(user=user, email=addresses["second"], verified=True)
    identities.link_registrations_to_account(user)
    (left,) = RollEntry.objects.filter(round=round, voided_at=None)
    assert (left.pk, left.registration, left.user) == (entries[stays].pk, people["first"], user)
    assert (Ballot.objects.count(), casting.turnout(round.pk)) == (
        min(1, len(voted)),
        (min(1, len(voted)), 1),
    )
    assert roll.find_entry_of_registration(round, people["second"].pk) is None
    (slip,) = Slip.objects.filter(voided_at=None)
    assert slip.registration == people["first"]
    again = RegistrationFactory(forum=planned.forum, email=addresses["second"])
    roll.add_latecomers(forum_id=planned.forum_id, registration=again)
    assert RollEntry.objects.filter(round=round, voided_at=None).count() == 1


@pytest.mark.parametrize("second_address", [False, True])
def test_whoever_cancels_then_registers_again_keeps_the_entry_under_the_new_registration(
    planned, second_address
):
    user = verified()
    first = RegistrationFactory(forum=planned.forum, user=user, email=user.email)
    round = opened(planned, public="registrants")
    (entry,) = entries_of(round)
    cast(round, entry)
    Registration.objects.filter(pk=first.pk).update(
        state="cancelled", cancelled_at=timezone.now(), checked_in_at=None
    )
    address = "autre@exemple.example" if second_address else user.email
    again = RegistrationFactory(forum=planned.forum, email=address)
    roll.add_latecomers(forum_id=planned.forum_id, registration=again)
    if second_address:
        EmailAddress.objects.create(user=user, email=address, verified=True)
        identities.link_registrations_to_account(user)
    (left,) = RollEntry.objects.filter(round=round, voided_at=None)
    assert (left.pk, left.registration) == (entry.pk, again)
    assert (Ballot.objects.count(), casting.turnout(round.pk)) == (1, (1, 1))


def test_other_registration_brings_in_the_one_that_stays(planned):
    """Whoever shows at the door the code of the other mail is known, and has one entry."""
    user = verified()
    first = RegistrationFactory(forum=planned.forum, user=user, email=user.email, checked_in_at=None)
    second = RegistrationFactory(forum=planned.forum, email="autre@exemple.example", checked_in_at=None)
    EmailAddress.objects.create(user=user, email=second.email, verified=True)
    round = opened(planned)
    identities.link_registrations_to_account(user)
    forum = planned.forum
    assert check_in.check_in(registration=second, now=forum.starts_at).pk == first.pk
    check_in.check_in(registration=first, now=forum.starts_at)
    assert RollEntry.objects.filter(round=round, voided_at=None).count() == 1


def test_slip_of_the_other_registration_follows_the_person(planned):
    user = verified()
    first = RegistrationFactory(forum=planned.forum, user=user, email=user.email, name="Anne Roy")
    second = RegistrationFactory(forum=planned.forum, email="autre@exemple.example", name="Anne Roy")
    ((_number, code),) = slips.create_slips(forum=planned.forum, count=1)
    slip = slips.find_slip(forum_id=planned.forum_id, written=code)
    slips.activate_slip(slip=slip, registration=second)
    round = opened(planned)
    EmailAddress.objects.create(user=user, email=second.email, verified=True)
    identities.link_registrations_to_account(user)
    slip.refresh_from_db()
    assert (slip.registration, slip.voided_at) == (first, None)
    assert casting.turnout(round.pk) == (0, 1)


def test_roll_ends_at_the_hour_even_before_anyone_closes(planned):
    person = RegistrationFactory(forum=planned.forum)
    round = opened(planned)
    (entry,) = entries_of(round)
    roll.add_latecomers(forum_id=planned.forum_id, registration=RegistrationFactory(forum=planned.forum))
    assert casting.turnout(round.pk) == (0, 2)
    bring_closing(round)
    staff = UserFactory(is_staff=True)
    roll.add_latecomers(forum_id=planned.forum_id, registration=RegistrationFactory(forum=planned.forum))
    with pytest.raises(roll.RollRefused):
        roll.add_by_hand(round=round, registration=person, by=staff)
    with pytest.raises(roll.RollRefused):
        roll.void_entry(round_id=round.pk, entry_id=entry.pk, reason="Erreur", by=staff)
    with pytest.raises(casting.VoteNotOpen):
        paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    assert casting.turnout(round.pk) == (0, 2)


def test_postgresql_knows_the_size_of_a_roll_as_soon_as_it_is_opened(open_vote):
    open_vote(people=3)
    round = open_vote(people=40)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) SELECT 1 FROM forums_rollentry WHERE round_id = %s", [round.pk])
        (plan,) = cursor.fetchone()[0]
    assert plan["Plan"]["Plan Rows"] == 40


def test_erased_account_leaves_its_ballot_and_its_place_on_the_roll(open_vote):
    person = verified()
    round = open_vote(people=1)
    Registration.objects.filter(forum=round.forum).update(user=person, email=person.email)
    RollEntry.objects.filter(round=round).update(user=person)
    entry = RollEntry.objects.get(round=round)
    cast(round, entry)
    before = list(Ballot.objects.values())
    assert privacy.erase_due_accounts(privacy.schedule_erasure(user=person, now=timezone.now())) == 1
    kept = RollEntry.objects.get(round=round)
    assert (kept.pk, kept.user, kept.voided_at, kept.email_hash) == (entry.pk, None, None, entry.email_hash)
    assert list(Ballot.objects.values()) == before
