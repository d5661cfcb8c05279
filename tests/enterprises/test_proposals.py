"""What a proposal changes when it is taken, refused, replaced or withdrawn."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from enterprises.models import Listing, Proposal
from enterprises.ownership import proposals
from pole.hooks.moderation import ChangedMeanwhile
from tests.factories import ListingFactory, UserFactory
from tests.seen import seen_proposal

pytestmark = pytest.mark.django_db


def propose(listing, author, *, kind="identity", name="Autre"):
    fields = {"name": {"before": listing.name, "after": name}}
    return proposals.propose(
        listing_id=listing.pk,
        kind=Proposal.Kind(kind),
        fields=fields,
        base_version=1,
        message="",
        author=author,
    )


def test_new_proposal_takes_the_place_of_ones_own_identity_alone(listing):
    author, other, elsewhere = UserFactory(), UserFactory(), ListingFactory()
    settled = propose(listing, author)
    Proposal.objects.update(state="refused", decided_at=timezone.now())
    former = propose(listing, author)
    left = [propose(listing, other), propose(elsewhere, author), propose(listing, author, kind="correction")]
    propose(listing, author)
    propose(listing, author, kind="correction")
    former.refresh_from_db(), settled.refresh_from_db()
    assert (former.state, settled.state) == ("withdrawn", "refused")
    for proposal in left:
        proposal.refresh_from_db()
        assert proposal.state == "pending"


def test_ones_own_pending_proposal_is_withdrawn_and_no_other(listing):
    author, elsewhere = UserFactory(), ListingFactory()
    mine, correction = propose(listing, author), propose(listing, author, kind="correction")
    for key, by in ((elsewhere.pk, author), (listing.pk, UserFactory())):
        assert not proposals.withdraw(listing_id=key, proposal_id=mine.pk, author=by)
    mine.refresh_from_db()
    assert mine.state == "pending"
    assert proposals.withdraw(listing_id=listing.pk, proposal_id=mine.pk, author=author)
    assert not proposals.withdraw(listing_id=listing.pk, proposal_id=mine.pk, author=author)
    correction.refresh_from_db()
    assert correction.state == "pending"


@pytest.mark.parametrize(("town", "is_taken"), [("67045", True), ("pas un code", False)])
def test_value_that_a_listing_can_take_alone_is_taken(listing, staff, town, is_taken):
    fields = {"municipality": {"before": "67050", "after": town}}
    proposal = listing.proposals.create(kind="correction", fields=fields)

    def decide():
        return proposals.decide(
            proposal_id=proposal.pk, accepted=("municipality",), seen=seen_proposal(proposal), reason="", by=staff, now=timezone.now()
        )  # fmt: skip

    if is_taken:
        decide()
    else:
        with pytest.raises(ValidationError) as refused:
            decide()
        assert set(refused.value.message_dict) == {"municipality"}
    listing.refresh_from_db(), proposal.refresh_from_db()
    assert listing.municipality_id == (town if is_taken else "67050")
    assert proposal.state == ("accepted" if is_taken else "pending")


@pytest.mark.parametrize("accepted", [(), ("name",)])
def test_refusing_needs_no_fresh_page_and_changes_nothing(listing, staff, accepted):
    """What is taken is compared with what was seen; what is refused touches nothing."""
    proposal = propose(listing, UserFactory())
    Listing.objects.filter(pk=listing.pk).update(version=5)

    def decide(seen):
        return proposals.decide(
            proposal_id=proposal.pk, accepted=accepted, seen=seen_proposal(proposal, version=seen), reason="", by=staff, now=timezone.now()
        )  # fmt: skip

    if accepted:
        with pytest.raises(ChangedMeanwhile):
            decide(4)
    assert decide(5 if accepted else 4).state == ("accepted" if accepted else "refused")
    listing.refresh_from_db()
    assert (listing.name, listing.version) == (("Autre", 6) if accepted else ("Le Rayon libre", 5))
