"""The directory: listings, their sectors, their managers, and what is proposed about them."""

from enterprises.models.attestation import Attestation
from enterprises.models.bulk import BulkChange
from enterprises.models.changes import Checkup, DuplicatePair, ListingVersion, Proposal
from enterprises.models.files import ListingDocument, ListingPhoto
from enterprises.models.imports import ColumnChoice, Import, ImportRow, RememberedValue, RowDecision, RowKind
from enterprises.models.listing import Listing, ListingQuerySet
from enterprises.models.mentions import Mention
from enterprises.models.ownership import Claim, Invitation, ListingRole
from enterprises.models.sector import Sector

__all__ = [
    "Attestation",
    "BulkChange",
    "Checkup",
    "Claim",
    "ColumnChoice",
    "DuplicatePair",
    "Import",
    "ImportRow",
    "Invitation",
    "Listing",
    "ListingDocument",
    "ListingPhoto",
    "ListingQuerySet",
    "ListingRole",
    "ListingVersion",
    "Mention",
    "Proposal",
    "RememberedValue",
    "RowDecision",
    "RowKind",
    "Sector",
]
