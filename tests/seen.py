"""What a decision of the team carries: the fingerprint of what its form would show now."""

from __future__ import annotations

from enterprises.duplicates.merging import version_of_pair
from enterprises.models import Listing, Proposal
from enterprises.ownership import proposals
from forums.models import Recommendation
from forums.recommendations import merging


def seen(row) -> str:
    """Of a recommendation, a claim, an attestation, a call or an answer, as it is stored."""
    version: str = type(row).objects.get(pk=row.pk).shown_version
    return version


def seen_proposal(proposal: Proposal, *, version: int | None = None) -> str:
    """Of a proposed change; as if its listing had `version`."""
    stored = Proposal.objects.get(pk=proposal.pk)
    listing = Listing.objects.get(pk=stored.listing_id)
    listing.version = version or listing.version
    return proposals.shown_version(stored, listing)


def seen_pair(one, other) -> str:
    """Of two listings side by side, or of their keys."""
    keys = [getattr(row, "pk", row) for row in (one, other)]
    return version_of_pair(*Listing.objects.filter(pk__in=keys))


def seen_merge(ids) -> str:
    return merging.version_of_merge(Recommendation.objects.filter(pk__in=ids))


def seen_separation(row) -> str:
    return merging.version_of_separation(Recommendation.objects.get(pk=row.pk))
