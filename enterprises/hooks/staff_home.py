"""What awaits the team in the directory, for the staff home."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from enterprises.models import Checkup, Listing
from enterprises.ownership.pending_decisions import pending_decisions
from enterprises.ownership.yearly_checkups import STALE_AFTER, not_verified_since
from pole.hooks.staff_home import CardLine, StaffCard
from pole.server.long_lists import bounded_count, count_and_first


def card() -> StaffCard:
    """Seven queries, whatever the size of the directory."""
    url = reverse("staff:listing_list")
    a_year_ago = timezone.localdate() - STALE_AFTER
    drafts = bounded_count(Listing.objects.filter(state=Listing.State.DRAFT))
    unverified = bounded_count(Listing.objects.filter(not_verified_since(a_year_ago)))
    lines = [
        *waiting_lines(),
        CardLine(
            ngettext("hidden listing", "hidden listings", drafts),
            f"{url}?etat=draft",
            drafts,
            is_pending=False,
        ),
        CardLine(
            ngettext("listing not verified for a year", "listings not verified for a year", unverified),
            f"{url}?a_verifier=oui",
            unverified,
            is_pending=False,
        ),
    ]
    shown = [line for line in lines if line.count]
    return StaffCard(
        gettext_lazy("Directory"), url, shown, gettext_lazy("Add a listing"), reverse("staff:listing_new")
    )


def waiting_lines() -> list[CardLine]:
    """The decisions and calls that wait: five queries."""
    url = reverse("staff:directory_queue")
    waiting = [count_and_first(rows, "created_at") for rows in pending_decisions()]
    waiting.append(count_and_first(Checkup.objects.filter(to_call=True, answer=""), "sent_at"))
    proposals, claims, attestations, mentions, calls = (found["count"] for found in waiting)
    texts = [
        ngettext("proposed change or error", "proposed changes or errors", proposals),
        ngettext("request to keep a listing", "requests to keep a listing", claims),
        ngettext("attestation to read", "attestations to read", attestations),
        ngettext("mentioned enterprise", "mentioned enterprises", mentions),
        ngettext("listing to telephone", "listings to telephone", calls),
    ]
    found = zip(texts, waiting, strict=True)
    return [CardLine(text, url, **counted) for text, counted in found if counted["count"]]
