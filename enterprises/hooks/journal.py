"""What the team decides about listings and imports, for its journal."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from accounts import journal
from enterprises.models import BulkChange, Import, Listing, Mention

JOURNAL = journal.DecisionKind(
    {
        "identity_accepted": gettext_lazy("accepted a proposed change"),
        "identity_partly": gettext_lazy("accepted a proposed change in part"),
        "identity_refused": gettext_lazy("refused a proposed change"),
        "correction_accepted": gettext_lazy("accepted a correction"),
        "correction_partly": gettext_lazy("accepted a correction in part"),
        "correction_refused": gettext_lazy("refused a correction"),
        "report_accepted": gettext_lazy("settled a reported error"),
        "report_refused": gettext_lazy("set a reported error aside"),
        "claim_accepted": gettext_lazy("accepted a request to keep a listing"),
        "claim_refused": gettext_lazy("refused a request to keep a listing"),
        "attestation_accepted": gettext_lazy("accepted an attestation"),
        "attestation_refused": gettext_lazy("refused an attestation"),
        "merge": gettext_lazy("made one listing of two"),
        "apart": gettext_lazy("noted that two listings are two enterprises"),
        "restore": gettext_lazy("gave a listing back its former words"),
        "give": gettext_lazy("entrusted someone with a listing"),
        "take_back": gettext_lazy("took a listing back from someone"),
        "published": gettext_lazy("published a listing"),
        "draft": gettext_lazy("hid a listing"),
        "archived": gettext_lazy("archived a listing"),
        "created": gettext_lazy("wrote a new listing"),
        "edited": gettext_lazy("edited a listing"),
        "classified": gettext_lazy("gave a listing its sector or its legal form"),
        "unclassified": gettext_lazy("took back the sector or the legal form of a listing"),
        "verified": gettext_lazy("verified a listing by telephone"),
    },
    journal.rows_of(Listing, "name", "staff:listing_edit", "pk"),
    gettext_lazy("Listings"),
    roles=("directory",),
)
MENTIONS = journal.DecisionKind(
    {
        "mention_accepted": gettext_lazy("wrote the listing of a mentioned enterprise"),
        "mention_refused": gettext_lazy("did not keep a mentioned enterprise"),
    },
    journal.rows_of(Mention, "name", "staff:mention_review", "pk"),
    gettext_lazy("Mentioned enterprises"),
    roles=("directory",),
)
IMPORTS = journal.DecisionKind(
    {
        "run": gettext_lazy("ran the import of a spreadsheet"),
        "cancelled": gettext_lazy("cancelled the import of a spreadsheet"),
        "undone": gettext_lazy("took back the import of a spreadsheet"),
        "published": gettext_lazy("published the new listings of a spreadsheet"),
    },
    journal.rows_of(Import, "file_name", "staff:import_show", "pk"),
    gettext_lazy("Imports"),
    roles=("directory",),
)
IMPORT_ANSWERS = journal.DecisionKind(
    {"forgotten": gettext_lazy("forgot answers about the words of spreadsheets")},
    journal.page_at(gettext_lazy("Remembered answers"), "staff:import_answers"),
    gettext_lazy("Remembered answers"),
    roles=("directory",),
)


def _bulk_changes(keys: Collection[int]) -> dict[int, journal.TitleAndUrl]:
    counts = BulkChange.objects.filter(pk__in=keys).values_list("pk", "keys__len")
    return {
        pk: (
            ngettext("%(count)d listing selected", "%(count)d listings selected", count) % {"count": count},
            reverse("staff:bulk_change", args=[pk]),
        )
        for pk, count in counts
    }


BULK_CHANGES = journal.DecisionKind(
    {
        "applied": gettext_lazy("changed several listings at once"),
        "undone": gettext_lazy("undid a change of several listings"),
    },
    _bulk_changes,
    gettext_lazy("Changes of several listings"),
    roles=("directory",),
)
