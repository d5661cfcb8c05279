"""What is asked of the team about a listing, and of those who keep it each year: to the last column."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail, signing
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AuditEntry
from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import Checkup, Listing, ListingRole, Proposal
from enterprises.ownership import proposals, yearly_checkups
from pole.hooks.moderation import ChangedMeanwhile
from pole.models import Mrc
from tests.factories import ListingFactory, SectorFactory, UserFactory
from tests.seen import seen_proposal

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = timedelta(days=1)
IDENTITY, CORRECTION, REPORT = Proposal.Kind.IDENTITY, Proposal.Kind.CORRECTION, Proposal.Kind.REPORT
FIELDS = {
    "name": {"before": "Le Rayon libre", "after": "Le Rayon"},
    "phone": {"before": "", "after": "+14505550100"},
}


def propose(listing, author=None, kind=IDENTITY, **changes):
    arguments = {"fields": FIELDS, "base_version": 1, "message": "Décidé."} | changes
    return proposals.propose(listing_id=listing.pk, kind=kind, author=author, **arguments)


def decide(proposal, accepted=("name", "phone"), seen=1, by=None, reason="Vu."):
    return proposals.decide(
        proposal_id=proposal.pk,
        accepted=accepted,
        seen=seen_proposal(proposal, version=seen),
        reason=reason,
        by=by,
        now=NOW,
    )


# --- Proposals


def test_proposal_holds_what_was_seen_and_said(listing, owner):
    proposal = propose(listing, owner, base_version=7, author_email="x@exemple.example")
    proposal.refresh_from_db()
    assert (proposal.listing, proposal.kind, proposal.state) == (listing, "identity", "pending")
    assert (proposal.fields, proposal.base_version, proposal.message) == (FIELDS, 7, "Décidé.")
    assert (proposal.author, proposal.author_email) == (owner, "x@exemple.example")


def test_new_proposal_replaces_the_pending_one_of_the_same_person_kind_and_listing(listing, owner):
    mine = propose(listing, owner)
    decided = Proposal.objects.create(
        listing=listing, kind=IDENTITY, author=owner, state="refused", decided_at=NOW
    )
    others = [
        propose(listing, UserFactory()),
        propose(listing, None),
        propose(listing, owner, CORRECTION),
        propose(ListingFactory(), owner),
    ]
    propose(listing, owner, REPORT)
    mine.refresh_from_db()
    assert mine.state == "pending"
    propose(listing, owner)
    for row in (mine, decided, *others):
        row.refresh_from_db()
    assert [row.state for row in (mine, decided, *others)] == ["withdrawn", "refused", *["pending"] * 4]


def test_one_withdraws_ones_own_pending_proposal_alone(listing, owner):
    mine, other = propose(listing, owner), propose(listing, UserFactory())
    elsewhere = ListingFactory()
    assert not proposals.withdraw(listing_id=listing.pk, proposal_id=other.pk, author=owner)
    assert not proposals.withdraw(listing_id=elsewhere.pk, proposal_id=mine.pk, author=owner)
    beside = propose(listing, owner, CORRECTION)
    assert proposals.withdraw(listing_id=listing.pk, proposal_id=mine.pk, author=owner) is True
    assert proposals.withdraw(listing_id=listing.pk, proposal_id=mine.pk, author=owner) is False
    for row in (mine, other, beside):
        row.refresh_from_db()
    assert [row.state for row in (mine, other, beside)] == ["withdrawn", "pending", "pending"]


@pytest.mark.parametrize(
    ("kind", "accepted", "taken", "state"),
    [
        (IDENTITY, ("name", "phone", "neq"), ["name", "phone"], "accepted"),
        (IDENTITY, ("phone",), ["phone"], "partly"),
        (IDENTITY, (), [], "refused"),
        (CORRECTION, ("name",), ["name"], "partly"),
        (REPORT, ("report",), [], "accepted"),
        (REPORT, (), [], "refused"),
    ],
)
def test_decision_is_written_noted_and_told(listing, owner, staff, kind, accepted, taken, state):
    ListingFactory()
    proposal = propose(listing, owner, kind)
    decide(proposal, accepted, by=staff)
    proposal.refresh_from_db()
    listing.refresh_from_db()
    assert (proposal.state, proposal.accepted_fields) == (state, taken)
    assert (proposal.decided_at, proposal.decided_by, proposal.decision_reason) == (NOW, staff, "Vu.")
    assert (listing.name == "Le Rayon", listing.phone != "") == ("name" in taken, "phone" in taken)
    assert listing.version == (2 if taken else 1)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.kind, entry.key) == (f"{kind}_{state}", "listing", listing.pk)
    assert (entry.by, entry.person_id, entry.reason, entry.at) == (staff, owner.pk, "Vu.", NOW)
    (sent,) = mail.outbox
    assert sent.to == [owner.email]
    assert f"Bonjour {owner.name}," in sent.body
    assert "Vu." in sent.body
    with pytest.raises(AlreadyDecided):
        decide(proposal, accepted, by=staff)


def test_mail_names_what_is_taken_and_what_is_left(listing, owner, staff):
    decide(propose(listing, owner), ("phone",), by=staff)
    lines = [line for line in mail.outbox[0].body.splitlines() if " : " in line.replace("\u00a0", " ")]
    accepted, refused = (line.lower() for line in lines[:2])
    assert "téléphone" in accepted
    assert "téléphone" not in refused
    assert "nom" in refused


def test_person_without_an_account_is_answered_and_forgotten(listing, staff):
    proposal = propose(listing, kind=CORRECTION, author_email="lou@exemple.example")
    decide(proposal, by=staff)
    (sent,) = mail.outbox
    assert sent.to == ["lou@exemple.example"]
    assert "Bonjour" not in sent.body
    proposal.refresh_from_db()
    assert proposal.author_email == ""
    assert listing.versions.get().reason == "Proposée par une personne sans compte"
    decide(propose(listing, kind=CORRECTION), (), by=staff)
    assert len(mail.outbox) == 1


def test_listing_that_changed_is_seen_again_unless_nothing_is_taken(listing, owner, staff):
    first, second = propose(listing, owner), propose(listing, None, CORRECTION)
    Listing.objects.filter(pk=listing.pk).update(version=5)
    with pytest.raises(ChangedMeanwhile):
        decide(first, by=staff)
    assert decide(second, (), by=staff).state == "refused"
    assert decide(first, seen=5, by=staff).state == "accepted"
    version = listing.versions.first()
    assert (version.actor, version.reason) == (staff, f"Proposée par {owner.name}")


def test_relations_and_the_town_are_taken_by_their_keys(listing, owner, staff):
    former, sector = SectorFactory(), SectorFactory()
    listing.sectors.set([former])
    mrc = Mrc.objects.order_by("pk").last()
    fields = {
        "sectors": {"before": [former.pk], "after": [sector.pk]},
        "territory": {"before": [], "after": [mrc.pk]},
        "municipality": {"before": "67050", "after": "67045"},
    }
    proposal = propose(listing, owner, fields=fields)
    decide(proposal, ("sectors", "municipality"), by=staff)
    listing.refresh_from_db()
    assert ([each.pk for each in listing.sectors.all()], listing.municipality_id) == ([sector.pk], "67045")
    assert not listing.territory.exists()
    decide(propose(listing, owner, fields=fields), ("territory",), seen=2, by=staff)
    assert [each.pk for each in listing.territory.all()] == [mrc.pk]


def test_value_that_no_listing_may_have_is_refused_and_nothing_is_written(listing, owner, staff):
    proposal = propose(listing, owner, fields={"email": {"before": "", "after": "pas une adresse"}})
    with pytest.raises(ValidationError):
        decide(proposal, ("email",), by=staff)
    proposal.refresh_from_db()
    listing.refresh_from_db()
    assert (proposal.state, listing.version) == ("pending", 1)


def test_other_columns_of_an_old_listing_stop_no_decision(listing, owner, staff):
    """Only what is taken is validated: what is stored already may be of another time."""
    Listing.objects.filter(pk=listing.pk).update(website="site sans adresse")
    assert decide(propose(listing, owner), by=staff).state == "accepted"


def test_differences_are_of_the_names_asked_and_of_changed_values(listing):
    sector = SectorFactory()
    cleaned = {
        "name": "Le Rayon",
        "mission": listing.mission,
        "municipality": listing.municipality,
        "sectors": type(sector).objects.filter(pk=sector.pk),
        "phone": "+14505550100",
    }
    found = proposals.differences(listing, cleaned, ["name", "mission", "municipality", "sectors"])
    assert found == {
        "name": {"before": "Le Rayon libre", "after": "Le Rayon"},
        "sectors": {"before": [], "after": [sector.pk]},
    }
    assert proposals.stored_json_value(Listing(), "sectors") == []
    listing.sectors.set([SectorFactory(), sector])
    assert proposals.stored_json_value(listing, "sectors") == sorted(s.pk for s in listing.sectors.all())


def test_fields_are_shown_in_words_beside_what_the_listing_says_now(listing, owner):
    sector, mrc = SectorFactory(name="Vélo"), Mrc.objects.order_by("pk").first()
    fields = {
        "name": {"before": "Le Rayon libre", "after": "Le Rayon"},
        "mission": {"before": "Autre chose.", "after": "Rouler."},
        "legal_form": {"before": "npo", "after": "?"},
        "sectors": {"before": [], "after": [sector.pk, -1]},
        "territory": {"before": None, "after": [mrc.pk, "-1"]},
        "municipality": {"before": "67050", "after": "0"},
        "description": {"before": None, "after": "<p>Un <b>atelier</b></p>"},
        "other_names": {"before": [], "after": ["Un", "Deux"]},
        "neq": {"before": None, "after": ""},
    }
    proposal = propose(listing, owner, fields=fields)
    proposal.accepted_fields = ["name"]
    shown = {each.name: each for each in proposals.compare_fields(proposal, listing)}
    assert list(shown) == list(fields)
    assert (shown["name"].before, shown["name"].after, shown["name"].now) == (
        "Le Rayon libre",
        "Le Rayon",
        "Le Rayon libre",
    )
    assert [name for name, each in shown.items() if each.is_accepted] == ["name"]
    assert (shown["name"].has_changed_since, shown["mission"].has_changed_since) == (False, True)
    assert shown["legal_form"].before == Listing(legal_form="npo").get_legal_form_display()
    assert shown["legal_form"].after == "?"
    assert shown["sectors"].after == "Vélo, ?"
    assert (shown["territory"].before, shown["territory"].after) == ("", f"{mrc.name}, ?")
    assert (shown["municipality"].before, shown["municipality"].after) == (str(listing.municipality), "0")
    assert (shown["description"].before, shown["description"].after.strip()) == ("", "Un atelier")
    assert shown["other_names"].after == "Un\nDeux"
    assert (shown["neq"].before, shown["neq"].after) == ("", "")


# --- The yearly question


def stale(**fields):
    """A listing last verified a year ago."""
    return ListingFactory(
        **{
            "email": "a@exemple.example",
            "verified_on": timezone.localdate(NOW) - yearly_checkups.CHECKUP_INTERVAL,
        }
        | fields
    )


def asked(listing, days=14, **fields):
    return Checkup.objects.create(
        listing=listing, asked_at=NOW - days * DAY, sent_at=NOW - days * DAY, **fields
    )


def work(now=NOW):
    done = yearly_checkups.send_checkups(now=now)
    return done["asked"], done["reminded"], done["to_call"]


def test_published_listings_are_asked_once_a_year_has_passed():
    day = timezone.localdate(NOW)
    due = [stale(), stale(verified_on=None, created_at=NOW - timedelta(days=366))]
    for fields in (
        {"verified_on": day - yearly_checkups.CHECKUP_INTERVAL + DAY},
        {"verified_on": None, "created_at": NOW},
        {"state": "draft"},
        {"state": "archived"},
    ):
        stale(**fields)
    answered = {"answer": "exact", "answered_at": NOW}
    asked(stale(), days=364, **answered)
    again = stale()
    asked(again, days=366, **answered)
    # Still open, and not to be reminded of yet.
    asked(stale(), days=13)
    assert work() == (3, 0, 0)
    new = Checkup.objects.filter(asked_at=NOW)
    assert {checkup.listing for checkup in new} == {*due, again}
    assert {(checkup.sent_at, checkup.to_call, checkup.reminders) for checkup in new} == {(NOW, False, 0)}
    assert len(mail.outbox) == 3
    assert work() == (0, 0, 0)


def test_open_question_is_not_asked_twice_by_two_workers():
    listing = stale()
    assert yearly_checkups._open_checkup(listing.pk, NOW) is True
    assert yearly_checkups._open_checkup(listing.pk, NOW) is False
    assert (Checkup.objects.count(), len(mail.outbox)) == (1, 1)


def test_question_goes_to_owners_else_to_the_listing_else_the_team_telephones():
    kept, alone, silent = stale(), stale(email="b@exemple.example"), stale(email="")
    owner, editor = UserFactory(language="en"), UserFactory()
    ListingRole.objects.create(listing=kept, user=owner)
    ListingRole.objects.create(listing=kept, user=editor, role="editor")
    ListingRole.objects.create(listing=ListingFactory(), user=UserFactory())
    assert work() == (3, 0, 0)
    assert sorted(sent.to[0] for sent in mail.outbox) == sorted([owner.email, "b@exemple.example"])
    english = next(sent for sent in mail.outbox if sent.to == [owner.email])
    assert (kept.name in english.body, "/en/" in english.body, "Reminder" in english.subject) == (
        True,
        True,
        False,
    )
    assert {c.listing: c.to_call for c in Checkup.objects.all()} == {kept: False, alone: False, silent: True}


@pytest.mark.parametrize(
    ("days", "reminders", "email", "outcome"),
    [
        (13, 0, "a@exemple.example", (0, 0, 0)),
        (14, 0, "a@exemple.example", (0, 1, 0)),
        (14, 1, "a@exemple.example", (0, 1, 0)),
        (14, 2, "a@exemple.example", (0, 0, 1)),
        (14, 0, "", (0, 0, 1)),
    ],
)
def test_two_reminders_then_a_call(days, reminders, email, outcome):
    checkup = asked(ListingFactory(email=email), days, reminders=reminders)
    other = asked(ListingFactory(), 1)
    assert work() == outcome
    checkup.refresh_from_db()
    _asked, reminded, to_call = outcome
    assert (checkup.reminders, checkup.to_call) == (reminders + reminded, bool(to_call))
    assert checkup.sent_at == (NOW if reminded else NOW - days * DAY)
    assert len(mail.outbox) == reminded
    assert ["Rappel" in sent.subject for sent in mail.outbox] == [True] * reminded
    other.refresh_from_db()
    assert other.reminders == 0


@pytest.mark.parametrize(
    "changes",
    [{"answer": "exact", "answered_at": NOW}, {"to_call": True}, {"sent_at": NOW - 13 * DAY}],
)
def test_what_another_worker_did_meanwhile_is_not_done_again(changes):
    checkup = asked(ListingFactory(email="a@exemple.example"))
    Checkup.objects.filter(pk=checkup.pk).update(**changes)
    assert yearly_checkups._remind_or_mark_to_call(checkup.pk, NOW) == ""
    assert work() == (0, 0, 0)
    assert mail.outbox == []


def test_mails_of_one_day_are_few_the_longest_waiting_first(monkeypatch):
    monkeypatch.setattr(yearly_checkups, "MAX_CHECKUPS_A_DAY", 2)
    late = asked(ListingFactory(email="a@exemple.example"), 30)
    older, newer = stale(verified_on=timezone.localdate(NOW) - 800 * DAY), stale()
    assert work() == (1, 1, 0)
    assert Checkup.objects.get(asked_at=NOW).listing == older
    for days in (20, 15):
        asked(ListingFactory(email="a@exemple.example"), days)
    late.refresh_from_db()
    assert late.reminders == 1
    assert work() == (0, 2, 0)
    assert newer.checkups.count() == 0


def test_link_names_its_question_for_two_months():
    listing = ListingFactory()
    other = asked(ListingFactory())
    with time_machine.travel(NOW, tick=False):
        checkup = asked(listing)
        token = yearly_checkups.make_token(checkup)
    for days, found in ((59.9, checkup), (60.1, None)):
        with time_machine.travel(NOW + timedelta(days=days), tick=False):
            assert yearly_checkups.get_checkup_of_token(token) == found
    with time_machine.travel(NOW, tick=False):
        assert yearly_checkups.get_checkup_of_token(signing.dumps(checkup.pk, salt="x")) is None
        assert (
            yearly_checkups.get_checkup_of_token(yearly_checkups.make_token(Checkup(pk=other.pk + 9))) is None
        )
        Listing.objects.filter(pk=listing.pk).update(state="archived")
        assert yearly_checkups.get_checkup_of_token(token) is None


@pytest.mark.parametrize("as_", Checkup.Answer.values[1:])
def test_answer_is_noted_once_and_dates_the_listing_unless_it_is_corrected(as_):
    listing, beside = ListingFactory(verified_on=None), ListingFactory(verified_on=None)
    checkup, other = asked(listing, to_call=True), asked(beside)
    assert yearly_checkups.record_answer(checkup_id=checkup.pk, answer=Checkup.Answer(as_), now=NOW) is True
    assert (
        yearly_checkups.record_answer(checkup_id=checkup.pk, answer=Checkup.Answer.EXACT, now=NOW + DAY)
        is False
    )
    for row in (checkup, listing, beside, other):
        row.refresh_from_db()
    assert (checkup.answer, checkup.answered_at, checkup.to_call) == (as_, NOW, False)
    assert (other.answer, beside.verified_on, beside.version) == ("", None, 1)
    is_dated = as_ != "corrected"
    assert listing.verified_on == (timezone.localdate(NOW) if is_dated else None)
    assert listing.version == (2 if is_dated else 1)
    if is_dated:
        assert listing.versions.get().reason == str(Checkup.Answer(as_).label)
