"""What waits for the team in the demonstration: a change, a reported error, a claim, an attestation."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from enterprises.listing import attachments
from enterprises.models import Attestation, Claim, Listing, Proposal
from enterprises.ownership import claims, proposals

OWNER, CITIZEN = "entreprise@pole.example", "citoyenne@pole.example"


def seed(*, managed: str, claimed: str, wrong: str) -> None:
    """In the listings of these names, once. Without its accounts and its listings, nothing."""
    people = {person.email: person for person in User.objects.filter(email__in=[OWNER, CITIZEN])}
    listings = {row.name: row for row in Listing.objects.filter(name__in=[managed, claimed, wrong])}
    if len(people) < 2 or len(listings) < 3 or Proposal.objects.exists() or Claim.objects.exists():
        return
    proposals.propose(
        listing_id=listings[managed].pk,
        kind=Proposal.Kind.IDENTITY,
        fields={
            "other_names": {
                "before": listings[managed].other_names,
                "after": ["Rayon libre", "L’Atelier vélo"],
            }
        },
        base_version=listings[managed].version,
        message="Les gens du quartier nous cherchent sous ces deux noms-là.",
        author=people[OWNER],
    )
    proposals.propose(
        listing_id=listings[wrong].pk,
        kind=Proposal.Kind.REPORT,
        fields={},
        base_version=listings[wrong].version,
        message="Ils ne répondent plus à ce numéro depuis leur déménagement.",
        author=None,
    )
    claims.request_staff_decision(
        listing_id=listings[claimed].pk,
        by=people[CITIZEN],
        message="Je coordonne la station depuis l’automne; l’adresse inscrite à la fiche est celle de mon prédécesseur.",
        now=timezone.now(),
    )
    if not Attestation.objects.filter(listing=listings[managed]).exists():
        attachments.sign_attestation(
            listing_id=listings[managed].pk,
            by=people[OWNER],
            name=people[OWNER].name,
            title="direction générale",
        )
