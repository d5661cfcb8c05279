"""Which listings are asked whether they are still exact, in which order, how many a day, and who is written to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from enterprises.models import Checkup, Listing, ListingRole
from enterprises.ownership import yearly_checkups
from tests.factories import ListingFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()
YEAR = timedelta(days=365)


def days_ago(days):
    return timezone.localdate(NOW) - timedelta(days=days)


def stale(days=400, **fields):
    return ListingFactory(
        verified_on=days_ago(days), email=fields.pop("email", "fiche@exemple.example"), **fields
    )


def work(now=NOW):
    done = yearly_checkups.send_checkups(now=now)
    return done["asked"], done["reminded"], done["to_call"]


def asked():
    return set(Checkup.objects.values_list("listing", flat=True))


def test_the_longest_unverified_are_asked_first_and_few_in_a_day(monkeypatch):
    monkeypatch.setattr(yearly_checkups, "MAX_CHECKUPS_A_DAY", 2)
    young, old, oldest = stale(400), stale(500), stale(600)
    assert work() == (2, 0, 0)
    assert asked() == {old.pk, oldest.pk}
    assert work() == (1, 0, 0)
    assert asked() == {young.pk, old.pk, oldest.pk}
    assert work() == (0, 0, 0)


def test_reminders_are_counted_among_the_checkups_of_the_day(monkeypatch):
    monkeypatch.setattr(yearly_checkups, "MAX_CHECKUPS_A_DAY", 2)
    reminded = stale()
    assert work() == (1, 0, 0)
    others = [stale(), stale()]
    assert work(NOW + yearly_checkups.REMINDER_INTERVAL) == (1, 1, 0)
    assert Checkup.objects.get(listing=reminded).reminders == 1
    assert len(asked() & {other.pk for other in others}) == 1


def test_calls_are_no_mails_and_leave_their_place(monkeypatch):
    monkeypatch.setattr(yearly_checkups, "MAX_CHECKUPS_A_DAY", 2)
    stale()
    work()
    Checkup.objects.update(reminders=yearly_checkups.MAX_REMINDERS)
    stale(), stale()
    assert work(NOW + yearly_checkups.REMINDER_INTERVAL) == (2, 0, 1)


@pytest.mark.parametrize("state", ["draft", "archived"])
def test_what_visitors_do_not_read_is_not_asked_about(state):
    stale(state=state)
    assert work() == (0, 0, 0)


@pytest.mark.parametrize(("days", "count"), [(364, 0), (365, 1)])
def test_listing_never_verified_counts_from_its_creation(days, count):
    listing = ListingFactory(email="fiche@exemple.example")
    Listing.objects.filter(pk=listing.pk).update(verified_on=None, created_at=NOW - timedelta(days=days))
    assert work() == (count, 0, 0)


@pytest.mark.parametrize(("after", "count"), [(timedelta(seconds=-1), 0), (timedelta(), 1)])
def test_listing_that_was_answered_for_is_asked_again_after_a_year(after, count):
    stale(900).checkups.create(asked_at=NOW - YEAR - after, answer="corrected", answered_at=NOW)
    assert work() == (count, 0, 0)


def test_question_without_an_answer_is_not_asked_twice_nor_keeps_another_waiting(monkeypatch):
    monkeypatch.setattr(yearly_checkups, "MAX_CHECKUPS_A_DAY", 1)
    stale(900).checkups.create(asked_at=NOW - 2 * YEAR, sent_at=NOW)
    other = stale(400)
    assert work() == (1, 0, 0)
    assert other.checkups.count() == 1


def test_settled_questions_take_no_place_among_the_reminders_of_the_day(monkeypatch):
    monkeypatch.setattr(yearly_checkups, "MAX_CHECKUPS_A_DAY", 1)
    long_ago = NOW - timedelta(days=90)
    stale().checkups.create(sent_at=long_ago, asked_at=NOW, answer="exact", answered_at=NOW)
    stale().checkups.create(sent_at=long_ago, to_call=True)
    due = stale().checkups.create(sent_at=NOW - timedelta(days=15))
    assert work() == (0, 1, 0)
    due.refresh_from_db()
    assert (due.reminders, due.sent_at) == (1, NOW)


@pytest.mark.parametrize("change", [{"answer": "exact", "answered_at": NOW}, {"to_call": True}])
def test_answered_questions_and_those_for_the_telephone_are_not_reminded(change):
    stale().checkups.create(sent_at=NOW - timedelta(days=30), **change)
    assert work() == (0, 0, 0)
    assert mail.outbox == []


@pytest.mark.parametrize(
    "change",
    [{"answer": "exact", "answered_at": NOW}, {"to_call": True}, {"sent_at": NOW - timedelta(days=13)}],
)
def test_what_someone_settled_since_it_was_chosen_is_left_alone(change):
    """The work of the day chooses first, then locks each listing and looks again."""
    listing = stale()
    checkup = listing.checkups.create(**{"sent_at": NOW - timedelta(days=30)} | change)
    assert yearly_checkups._remind_or_mark_to_call(checkup.pk, NOW) == ""
    assert yearly_checkups._open_checkup(listing.pk, NOW) is ("answer" in change)
    assert len(mail.outbox) == ("answer" in change)


def test_owners_are_written_to_and_the_listings_address_only_without_them():
    kept, alone = stale(email="kept@exemple.example"), stale(email="alone@exemple.example")
    edited = stale(email="edited@exemple.example")
    owners = [UserFactory(), UserFactory()]
    for owner in owners:
        ListingRole.objects.create(listing=kept, user=owner)
    ListingRole.objects.create(listing=edited, user=UserFactory(), role="editor")
    assert work() == (3, 0, 0)
    expected = [*(owner.email for owner in owners), alone.email, edited.email]
    assert sorted(message.to[0] for message in mail.outbox) == sorted(expected)


def test_link_of_a_listing_that_is_hidden_or_gone_meanwhile_is_dead():
    stale().checkups.create()
    listing = stale()
    checkup = listing.checkups.create()
    token = yearly_checkups.make_token(checkup)
    assert yearly_checkups.get_checkup_of_token(token) == checkup
    for state in ("draft", "archived"):
        Listing.objects.filter(pk=listing.pk).update(state=state)
        assert yearly_checkups.get_checkup_of_token(token) is None
    listing.delete()
    assert yearly_checkups.get_checkup_of_token(token) is None


@pytest.mark.parametrize(("answer", "dates"), [("exact", True), ("called", True), ("corrected", False)])
def test_first_answer_counts_and_dates_what_it_verifies(answer, dates):
    listing, other = stale(), stale()
    checkup, of_other = listing.checkups.create(to_call=True), other.checkups.create()
    assert yearly_checkups.record_answer(checkup_id=checkup.pk, answer=Checkup.Answer(answer), now=NOW)
    assert not yearly_checkups.record_answer(
        checkup_id=checkup.pk, answer=Checkup.Answer.CALLED, now=NOW + YEAR
    )
    checkup.refresh_from_db()
    assert (checkup.answer, checkup.answered_at, checkup.to_call) == (answer, NOW, False)
    listing.refresh_from_db()
    assert listing.verified_on == (timezone.localdate(NOW) if dates else days_ago(400))
    assert listing.version == (2 if dates else 1)
    other.refresh_from_db(), of_other.refresh_from_db()
    assert (other.verified_on, of_other.answer) == (days_ago(400), "")
