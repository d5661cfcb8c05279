"""What awaits the team in the directory, for the staff home."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from enterprises.models import Checkup, Listing
from enterprises.ownership.pending_decisions import pending_decisions
from enterprises.ownership.yearly_checkups import STALE_AFTER, not_verified_since
from pole.hooks.staff_home import CardLine, StaffCard


def card() -> StaffCard:
    """Five queries, whatever the size of the directory."""
    url = reverse("staff:listing_list")
    a_year_ago = timezone.localdate() - STALE_AFTER
    waiting = Listing.objects.aggregate(
        drafts=models.Count("pk", filter=Q(state=Listing.State.DRAFT)),
        unverified=models.Count("pk", filter=not_verified_since(a_year_ago)),
    )
    drafts, unverified = waiting["drafts"], waiting["unverified"]
    lines = [
        *waiting_lines(),
        CardLine(ngettext("hidden listing", "hidden listings", drafts), f"{url}?etat=draft", drafts),
        CardLine(
            ngettext("listing not verified for a year", "listings not verified for a year", unverified),
            f"{url}?a_verifier=oui",
            unverified,
        ),
    ]
    shown = [line for line in lines if line.count]
    return StaffCard(
        gettext_lazy("Directory"), url, shown, gettext_lazy("Add a listing"), reverse("staff:listing_new")
    )


def waiting_lines() -> list[CardLine]:
    """The decisions and calls that wait: four queries."""
    url = reverse("staff:directory_queue")
    proposals, claims, attestations = (rows.count() for rows in pending_decisions())
    calls = Checkup.objects.filter(to_call=True, answer="").count()
    lines = [
        (ngettext("proposed change or error", "proposed changes or errors", proposals), proposals),
        (ngettext("request to keep a listing", "requests to keep a listing", claims), claims),
        (ngettext("attestation to read", "attestations to read", attestations), attestations),
        (ngettext("listing to telephone", "listings to telephone", calls), calls),
    ]
    return [CardLine(text, url, count) for text, count in lines if count]
