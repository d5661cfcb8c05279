"""Claims of a listing: whose, how many, until when, and what each state still allows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import Claim, Listing, ListingRole
from enterprises.ownership import claims
from pole.hooks.moderation import ChangedMeanwhile
from tests.factories import ListingFactory, UserFactory
from tests.seen import seen

pytestmark = pytest.mark.django_db


def send(listing, by, *, address=None, now=None):
    return claims.send_code(
        listing_id=listing.pk, by=by, address=address or listing.email, now=now or timezone.now()
    )


def code():
    return re.search(r"\d{4}-\d{4}", mail.outbox[-1].body).group()


def attempt(listing, by, typed, *, now=None):
    return claims.confirm_code(listing_id=listing.pk, by=by, typed=typed, now=now or timezone.now())


def other_than(typed):
    return "1111-1111" if typed != "1111-1111" else "2222-2222"


@pytest.mark.parametrize("role", ["owner", "editor"])
def test_whoever_keeps_a_listing_claims_it_no_more(citizen, listing, role):
    ListingRole.objects.create(listing=ListingFactory(), user=citizen)
    send(listing, citizen)
    ListingRole.objects.create(listing=listing, user=citizen, role=role)
    with pytest.raises(claims.ClaimRefused, match="already_manager"):
        send(listing, citizen)
    with pytest.raises(claims.ClaimRefused, match="already_manager"):
        claims.request_staff_decision(listing_id=listing.pk, by=citizen, message="Moi", now=timezone.now())


def test_archived_listing_is_claimed_by_nobody(citizen, listing):
    claim = send(listing, citizen)
    Listing.objects.update(state="archived")
    for act in (lambda: send(listing, citizen), lambda: attempt(listing, citizen, code())):
        with pytest.raises(Listing.DoesNotExist):
            act()
    claim.refresh_from_db()
    assert (claim.state, listing.roles.count()) == ("code_sent", 0)


def test_listing_without_an_address_is_proven_by_none(citizen, listing):
    Listing.objects.update(email="", website="")
    with pytest.raises(claims.ClaimRefused, match="address"):
        send(listing, citizen, address="a@exemple.example")
    with pytest.raises(claims.ClaimRefused, match="address"):
        claims.send_code(listing_id=listing.pk, by=citizen, address="", now=timezone.now())


def test_address_is_the_listings_however_it_is_written(citizen, listing):
    Listing.objects.update(email="Velo@Exemple.example")
    send(listing, citizen, address="vELO@exemple.EXAMPLE")
    assert len(mail.outbox) == 1


def test_three_codes_are_sent_and_each_ends_the_one_before(citizen, listing):
    codes = []
    for _ in range(claims.MAX_CODES):
        assert send(listing, citizen).tries_left == claims.MAX_TRIES
        codes.append(code())
        with pytest.raises(claims.WrongCode) as wrong:
            attempt(listing, citizen, other_than(codes[-1]))
        assert wrong.value.values["count"] == claims.MAX_TRIES - 1
    with pytest.raises(claims.ClaimRefused, match="codes"):
        send(listing, citizen)
    assert len(mail.outbox) == claims.MAX_CODES
    with pytest.raises(claims.WrongCode):
        attempt(listing, citizen, codes[0])
    assert attempt(listing, citizen, codes[-1].replace("-", " ")).state == "accepted"


def test_code_serves_once(citizen, listing):
    send(listing, citizen)
    claim = attempt(listing, citizen, code())
    assert (claim.state, claim.is_proven, claim.tries_left, claim.code_hash) == ("accepted", True, 0, "")
    assert claim.decided_at is not None
    with pytest.raises(claims.ClaimRefused, match="no_code"):
        attempt(listing, citizen, code())


@pytest.mark.parametrize("end", ["dropped", "waiting"])
def test_code_of_a_claim_that_went_another_way_is_dead(citizen, listing, end):
    send(listing, citizen)
    typed = code()
    if end == "dropped":
        claims.abandon(listing_id=listing.pk, by=citizen)
    else:
        claims.request_staff_decision(
            listing_id=listing.pk, by=citizen, message="Je préfère", now=timezone.now()
        )
    with pytest.raises(claims.ClaimRefused, match="no_code"):
        attempt(listing, citizen, typed)
    claim = Claim.objects.get()
    assert (claim.state, claim.code_hash, claim.is_proven) == (end, "", False)


def test_claim_that_goes_on_is_one_and_a_dropped_one_stays_dropped(citizen, listing):
    first = send(listing, citizen)
    assert (
        claims.request_staff_decision(listing_id=listing.pk, by=citizen, message="Moi", now=timezone.now())
        == first
    )
    claims.abandon(listing_id=listing.pk, by=citizen)
    again = claims.request_staff_decision(
        listing_id=listing.pk, by=citizen, message="Encore moi", now=timezone.now()
    )
    assert list(Claim.objects.order_by("pk").values_list("pk", "state")) == [
        (first.pk, "dropped"), (again.pk, "waiting"),
    ]  # fmt: skip


def test_dropping_leaves_the_claims_of_others_and_of_other_listings(citizen, listing):
    elsewhere = ListingFactory()
    kept = [
        claims.request_staff_decision(
            listing_id=listing.pk, by=UserFactory(), message="x", now=timezone.now()
        ),
        claims.request_staff_decision(listing_id=elsewhere.pk, by=citizen, message="x", now=timezone.now()),
    ]
    decided = listing.claims.create(user=citizen, state="refused")
    claims.abandon(listing_id=listing.pk, by=citizen)
    for claim, state in ((kept[0], "waiting"), (kept[1], "waiting"), (decided, "refused")):
        claim.refresh_from_db()
        assert claim.state == state


def test_new_code_takes_back_what_was_proven_before(owner, citizen, listing):
    """Proven at an address, then asked again at another: the second proves by itself."""
    send(listing, citizen)
    assert attempt(listing, citizen, code()).is_proven
    Listing.objects.update(website="https://rayonlibre.example")
    claim = send(listing, citizen, address="a@rayonlibre.example")
    assert (claim.state, claim.is_proven, claim.address) == ("code_sent", False, "a@rayonlibre.example")


@pytest.mark.parametrize("held", ["editor", None])
def test_proof_waits_for_the_team_where_there_is_an_owner_alone(citizen, listing, held):
    if held:
        ListingRole.objects.create(listing=listing, user=UserFactory(), role=held)
    send(listing, citizen)
    assert attempt(listing, citizen, code()).state == "accepted"
    assert listing.roles.get(user=citizen).role == "owner"


@pytest.mark.parametrize(("role", "given"), [("owner", "owner"), ("editor", "editor"), ("inconnu", "owner")])
def test_team_decides_once_and_gives_a_role_that_exists(citizen, listing, staff, role, given):
    claim = claims.request_staff_decision(
        listing_id=listing.pk, by=citizen, message="Moi", now=timezone.now()
    )
    now = timezone.now()
    arguments = {"claim_id": claim.pk, "seen": seen(claim), "reason": "Vu", "by": staff, "now": now}
    assert claims.decide(accepted=True, role=role, **arguments).state == "accepted"
    assert listing.roles.get(user=citizen).role == given
    with pytest.raises(AlreadyDecided):
        claims.decide(accepted=False, role=role, **arguments)
    claim.refresh_from_db()
    assert (claim.state, claim.decided_by, claim.decided_at) == ("accepted", staff, now)
    assert claim.decision_reason == "Vu"
    assert [message.to for message in mail.outbox] == [[citizen.email]]


@pytest.mark.parametrize("state", ["code_sent", "accepted", "refused", "dropped"])
def test_team_decides_of_what_waits_alone(citizen, listing, staff, state):
    claim = listing.claims.create(user=citizen, state=state)
    with pytest.raises(AlreadyDecided if state in {"accepted", "refused"} else ChangedMeanwhile):
        claims.decide(
            claim_id=claim.pk, accepted=True, role="owner", seen=seen(claim), reason="", by=staff, now=timezone.now()
        )  # fmt: skip
    assert (listing.roles.count(), mail.outbox) == (0, [])


def test_owners_alone_are_told_of_a_proof(owner, citizen, listing):
    ListingRole.objects.create(listing=listing, user=UserFactory(), role="editor")
    send(listing, citizen)
    typed, mail.outbox[:] = code(), []
    attempt(listing, citizen, typed)
    assert [message.to for message in mail.outbox] == [[owner.email]]


def test_expired_code_is_refused_even_with_tries_left(citizen, listing):
    now = timezone.now()
    send(listing, citizen, now=now)
    with pytest.raises(claims.ClaimRefused, match="no_code"):
        attempt(listing, citizen, code(), now=now + claims.CODE_LIFETIME + timedelta(seconds=1))
