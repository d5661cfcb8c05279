"""Slips: spares, activation for one person, loss."""

from __future__ import annotations

from functools import partial

import pytest

from forums.models import Slip
from forums.vote import codes, paper_issue, slips
from tests.factories import ForumFactory, RegistrationFactory
from tests.forums.voting.conftest import entries_of, together


@pytest.fixture
def forum(db):
    return ForumFactory()


@pytest.mark.parametrize(("people", "count"), [(0, 5), (10, 15), (25, 30), (40, 48), (41, 50)])
def test_spares_are_a_fifth_and_never_under_five(people, count):
    assert slips.slips_to_print(people) == count


def test_codes_are_nowhere_but_on_the_slips(forum):
    made = slips.create_slips(forum=forum, count=3)
    more = slips.create_slips(forum=forum, count=2)
    assert [number for number, _code in [*made, *more]] == [1, 2, 3, 4, 5]
    stored = " ".join(map(str, Slip.objects.values_list()))
    assert all(code not in stored for _number, code in [*made, *more])


def person_of(code):
    slip = Slip.objects.select_related("registration").get(code_hash=codes.hash_code(code))
    return slip.registration if slip.is_active else None


def find(forum, written):
    return slips.find_slip(forum_id=forum.pk, written=written)


def test_slip_is_found_as_scanned_typed_or_numbered(forum):
    ((number, code),) = slips.create_slips(forum=forum, count=1)
    address = f"https://portail.example/vote/{code}/"
    found = {
        find(forum, written) for written in (code, codes.hyphenated(code).lower(), address, f" {number} ")
    }
    assert {slip.number for slip in found} == {number}
    with pytest.raises(slips.SlipUnknown):
        find(ForumFactory(), code)
    with pytest.raises(slips.SlipUnknown):
        find(forum, "99")
    with pytest.raises(codes.CodeMistyped):
        find(forum, "n’importe quoi")


def test_activated_slip_leads_to_its_person(forum):
    ((_number, code),) = slips.create_slips(forum=forum, count=1)
    person, other = RegistrationFactory.create_batch(2, forum=forum)
    assert person_of(code) is None
    for _again in range(2):
        slips.activate_slip(slip=find(forum, code), registration=person)
    assert person_of(code) == person
    with pytest.raises(slips.SlipTaken):
        slips.activate_slip(slip=find(forum, code), registration=other)
    with pytest.raises(slips.SlipUnknown):
        slips.activate_slip(slip=find(forum, code), registration=RegistrationFactory())


def test_replacing_a_slip_kills_the_former(forum):
    (first, code), (_second, newer) = slips.create_slips(forum=forum, count=2)
    person = RegistrationFactory(forum=forum)
    slips.activate_slip(slip=find(forum, code), registration=person)
    with pytest.raises(slips.SlipHeld):
        slips.activate_slip(slip=find(forum, newer), registration=person)
    slips.activate_slip(slip=find(forum, newer), registration=person, replaces=first)
    assert person_of(code) is None
    assert person_of(newer) == person
    with pytest.raises(slips.SlipVoided):
        slips.activate_slip(slip=find(forum, code), registration=RegistrationFactory(forum=forum))


def test_void_slip_keeps_its_first_reason(forum):
    ((_number, code),) = slips.create_slips(forum=forum, count=1)
    slips.void_slip(slip=find(forum, code), because=Slip.Void.UNUSED)
    slips.void_slip(slip=find(forum, code), because=Slip.Void.LOST)
    assert Slip.objects.get().voided_because == "unused"


def test_paper_kills_the_slip(open_vote):
    round = open_vote(people=1)
    (entry,) = entries_of(round)
    ((_number, code),) = slips.create_slips(forum=round.forum, count=1)
    slips.activate_slip(slip=find(round.forum, code), registration=entry.registration)
    paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    assert person_of(code) is None
    assert Slip.objects.get().voided_because == "paper"


@pytest.mark.django_db(transaction=True)
def test_slip_scanned_for_two_people_at_once_serves_one():
    forum = ForumFactory()
    ((_number, code),) = slips.create_slips(forum=forum, count=1)
    people = RegistrationFactory.create_batch(6, forum=forum)
    slip = find(forum, code)
    answers = together(*(partial(slips.activate_slip, slip=slip, registration=person) for person in people))
    assert sorted(type(answer).__name__ for answer in answers) == ["Slip", *["SlipTaken"] * 5]


@pytest.mark.django_db(transaction=True)
def test_two_batches_printed_at_once_share_no_number():
    forum = ForumFactory()
    batches = together(*[partial(slips.create_slips, forum=forum, count=10)] * 4)
    numbers = sorted(number for batch in batches for number, _code in batch)
    assert numbers == list(range(1, 41))
