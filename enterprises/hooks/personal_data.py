"""A person's data in the directory."""

from __future__ import annotations

from django.db.models import F

from accounts.models import User
from accounts.privacy import Rows
from enterprises.models import Attestation, Claim, Invitation, ListingRole, ListingVersion, Mention, Proposal


def data_of(user: User) -> dict[str, Rows]:
    roles = ListingRole.objects.filter(user=user).order_by("since")
    claims = Claim.objects.filter(user=user).order_by("created_at")
    proposals = Proposal.objects.filter(author=user).order_by("pk")
    attestations = Attestation.objects.filter(signer=user).order_by("pk")
    edits = ListingVersion.objects.filter(actor=user).order_by("at", "pk")
    mentions = Mention.objects.filter(author=user).order_by("pk")
    invited = Invitation.objects.filter(email__iexact=user.email).order_by("pk")
    invitations = Invitation.objects.filter(invited_by=user).order_by("pk")
    return {
        "listings": list(roles.values("role", "since", name=F("listing__name"))),
        "claims": list(claims.values("state", "created_at", "message", "address", name=F("listing__name"))),
        "proposed_changes": list(
            proposals.values("kind", "state", "fields", "message", "created_at", name=F("listing__name"))
        ),
        "attestations": list(
            attestations.values(
                *("state", "signed_on", "signer_name", "signer_title", "wording"), name=F("listing__name")
            )
        ),
        "mentioned_enterprises": list(
            mentions.values("name", "activity", "website", "phone", "state", "created_at", "decision_reason")
        ),
        "listing_edits": list(edits.values("at", "changed", name=F("listing__name"))),
        "invitations_received": list(invited.values("role", "sent_at", name=F("listing__name"))),
        "invitations_sent": list(invitations.values("email", "role", "sent_at", name=F("listing__name"))),
    }
