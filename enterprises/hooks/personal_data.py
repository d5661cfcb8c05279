"""A person's data in the directory."""

from __future__ import annotations

from django.db.models import F

from accounts.models import User
from accounts.privacy import Rows
from enterprises.models import Claim, ListingRole, Proposal


def data_of(user: User) -> dict[str, Rows]:
    roles = ListingRole.objects.filter(user=user).order_by("since")
    claims = Claim.objects.filter(user=user).order_by("created_at")
    proposals = Proposal.objects.filter(author=user).order_by("pk")
    return {
        "listings": list(roles.values("role", "since", name=F("listing__name"))),
        "claims": list(claims.values("state", "created_at", "message", name=F("listing__name"))),
        "proposed_changes": list(proposals.values("state", "message", name=F("listing__name"))),
    }
