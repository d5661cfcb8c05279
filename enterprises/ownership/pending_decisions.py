"""What waits for a decision of the team in the directory."""

from __future__ import annotations

from django.db import models
from django.db.models import QuerySet

from enterprises.models import Attestation, Claim, Mention, Proposal


def pending_decisions() -> tuple[
    QuerySet[Proposal], QuerySet[Claim], QuerySet[Attestation], QuerySet[Mention]
]:
    """The pending proposals, claims and attestations, oldest first, each with its listing; and mentions, which have none."""
    mentioned = Mention.objects.filter(state=Mention.State.PENDING).select_related("author", "municipality")
    return (
        _with_listing(Proposal.objects.filter(state=Proposal.State.PENDING), "author"),
        _with_listing(Claim.objects.filter(state=Claim.State.WAITING), "user"),
        _with_listing(Attestation.objects.filter(state=Attestation.State.PENDING)),
        mentioned.order_by("created_at", "pk").fetch_mode(models.FETCH_RAISE),
    )


def _with_listing[M: models.Model](rows: QuerySet[M], *also: str) -> QuerySet[M]:
    rows = rows.select_related("listing", *also).defer("listing__document")
    return rows.order_by("created_at", "pk").fetch_mode(models.FETCH_RAISE)
