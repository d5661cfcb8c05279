"""The changes, errors, claims, attestations and mentions of the directory, in the team’s queue."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.models import Attestation, Claim, Listing, Mention, Proposal
from enterprises.ownership.pending_decisions import pending_decisions
from pole.hooks.moderation import ModerationQueue, PendingItem
from pole.server.long_lists import added, bounded_count
from pole.text import plaintext


def queue(limit: int) -> ModerationQueue:
    """The changes, errors, claims, attestations and mentions that await a decision, for the team's own queue. Eight queries."""
    changes, claimed, attestations, mentioned = pending_decisions()
    items = [
        *(_proposal_waiting(row) for row in changes[:limit]),
        *(_claim_waiting(row) for row in claimed[:limit]),
        *(_attestation_waiting(row) for row in attestations[:limit]),
        *(_mention_waiting(row) for row in mentioned[:limit]),
    ]
    total = added(map(bounded_count, (changes, claimed, attestations, mentioned)))
    return ModerationQueue(
        gettext_lazy("Directory"), total, sorted(items, key=lambda item: item.since)[:limit]
    )


def _link_to(listing: Listing) -> dict[str, str]:
    return {"page_title": listing.name, "page_url": reverse("staff:listing_edit", args=[listing.pk])}


def _proposal_waiting(proposal: Proposal) -> PendingItem:
    fields = ", ".join(str(Listing._meta.get_field(name).verbose_name) for name in proposal.fields)  # type: ignore[union-attr]  # fields of ours
    return PendingItem(
        key=f"fiche-{proposal.pk}",
        kind=proposal.get_kind_display(),
        author=str(proposal.author) if proposal.author else _("someone without an account"),
        reason=fields or proposal.get_kind_display(),
        since=proposal.created_at,
        text=plaintext.render_plain(proposal.message),
        decision_url=reverse("staff:proposal_review", args=[proposal.pk]),
        person_id=proposal.author_id,
        **_link_to(proposal.listing),
    )


def _claim_waiting(claim: Claim) -> PendingItem:
    return PendingItem(
        key=f"demande-{claim.pk}",
        kind=_("Request to keep a listing"),
        author=claim.user.name,
        reason=_("address proven") if claim.is_proven else _("nothing proven yet"),
        since=claim.created_at,
        text=plaintext.render_plain(claim.message),
        decision_url=f"{reverse('staff:directory_queue')}#demande-{claim.pk}",
        version=claim.shown_version,
        person_id=claim.user_id,
        **_link_to(claim.listing),
    )


def _attestation_waiting(attestation: Attestation) -> PendingItem:
    return PendingItem(
        key=f"attestation-{attestation.pk}",
        kind=_("Attestation of the six principles"),
        author=f"{attestation.signer_name}, {attestation.signer_title}",
        reason=_("signed, to be read"),
        since=attestation.created_at,
        text=plaintext.render_plain(attestation.wording),
        decision_url=f"{reverse('staff:directory_queue')}#attestation-{attestation.pk}",
        version=attestation.shown_version,
        person_id=attestation.signer_id,
        **_link_to(attestation.listing),
    )


def _mention_waiting(mention: Mention) -> PendingItem:
    address = reverse("staff:mention_review", args=[mention.pk])
    return PendingItem(
        key=f"mention-{mention.pk}",
        kind=_("Mentioned enterprise"),
        author=str(mention.author) if mention.author else _("someone without an account"),
        reason=str(mention.municipality),
        since=mention.created_at,
        text=plaintext.render_plain(mention.activity),
        decision_url=address,
        person_id=mention.author_id,
        page_title=mention.name,
        page_url=address,
    )
