"""What the page of a listing shows, by prepared queries: the listing, then what hangs on it."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse

from enterprises.models import Attestation, Listing, ListingDocument, ListingPhoto, Sector
from pole.models import Mrc, Municipality
from pole.server.database.instances import Instances, columns_of
from pole.server.database.prepared import prepared
from pole.text.bilingual import LocalizedField

_mrc = Instances(Mrc, *columns_of(Mrc))
_municipality = Instances(Municipality, *columns_of(Municipality), mrc=_mrc)
_listing = Instances(Listing, *columns_of(Listing, without=("document",)), municipality=_municipality)
_photo = Instances(ListingPhoto, *columns_of(ListingPhoto))
_document = Instances(ListingDocument, *columns_of(ListingDocument))


@prepared(_listing)
def _published(slug: str) -> QuerySet[Listing, Any]:
    return Listing.objects.published().filter(slug=slug).order_by().values_list(*_listing.columns)


def published_listing(slug: str) -> Listing | None:
    """With its municipality and MRC, and its enterprise if it is a branch: one query, or two."""
    listing = _published.first(slug)
    if listing is not None and listing.parent_id:
        listing.parent = Listing.objects.defer("document").filter(pk=listing.parent_id).first()
    return listing


class _SectorColumns(NamedTuple):
    pk: int
    slug: str
    name: str
    name_en: str


class SectorRow(_SectorColumns):
    __slots__ = ()

    shown_name = LocalizedField("name")


@prepared(SectorRow)
def sectors_of(listing: int) -> QuerySet[Sector, Any]:
    return Sector.objects.filter(listings=listing).values_list("pk", "slug", "name", "name_en")


class _Name(NamedTuple):
    name: str


@prepared(_Name)
def _mrcs_served(listing: int) -> QuerySet[Mrc, Any]:
    served = Listing.territory.through.objects.filter(listing=listing).values("mrc")
    return Mrc.objects.filter(pk__in=served).values_list("name")


def territory_of(listing: int) -> list[str]:
    return [row.name for row in _mrcs_served(listing)]


@prepared(_photo)
def photos_of(listing: int) -> QuerySet[ListingPhoto, Any]:
    return ListingPhoto.objects.filter(listing=listing).values_list(*_photo.columns)


@prepared(_document)
def documents_of(listing: int) -> QuerySet[ListingDocument, Any]:
    return ListingDocument.objects.filter(listing=listing).values_list(*_document.columns)


class AttestationRow(NamedTuple):
    signer_name: str
    signer_title: str
    signed_on: date
    expires_on: date


@prepared(AttestationRow)
def attestations_of(listing: int, day: date) -> QuerySet[Attestation, Any]:
    """Those that are valid on this day."""
    found = Attestation.objects.valid_on(day).filter(listing=listing)
    return found.values_list("signer_name", "signer_title", "signed_on", "expires_on")[:1]


class BranchRow(NamedTuple):
    slug: str
    name: str
    town: str
    designation: str
    is_homonym: bool

    @property
    def municipality(self) -> Municipality:
        return Municipality(name=self.town, designation=self.designation, is_homonym=self.is_homonym)

    def get_absolute_url(self) -> str:
        return reverse("enterprises:listing", args=[self.slug])


@prepared(BranchRow)
def branches_of(listing: int) -> QuerySet[Listing, Any]:
    """Published ones, by name."""
    town = ("municipality__name", "municipality__designation", "municipality__is_homonym")
    return Listing.objects.published().filter(parent=listing).values_list("slug", "name", *town)
