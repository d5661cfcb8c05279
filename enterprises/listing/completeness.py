"""How complete a listing is, and what would help its readers most next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enterprises.models import Listing

# Where each thing is done, among the pages of a listing.
EDIT, FILES, ATTESTATION = "edit", "files", "attestation"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a listing lacks: what to do, on which page, at which field."""

    text: str | Promise
    page: str
    field: str
    weight: int


@dataclass(frozen=True, slots=True)
class Completeness:
    # 0 to 100.
    score: int
    # What is missing, what helps most first.
    steps: list[Step]


@dataclass(frozen=True, slots=True)
class Around:
    """What belongs to a listing and stands in other tables."""

    photos: int = 0
    has_attestation: bool = False


_CHECKS: tuple[tuple[Step, Callable[[Listing, Around], Any]], ...] = (
    (Step(_("Say your mission in a sentence"), EDIT, "mission", 10), lambda row, _o: row.mission),
    (Step(_("Describe what you do, in a few paragraphs"), EDIT, "description", 14), lambda row, _o: row.description),
    (Step(_("List your products and services"), EDIT, "products", 14), lambda row, _o: row.products),
    (Step(_("Give a telephone number"), EDIT, "phone", 8), lambda row, _o: row.phone),
    (Step(_("Give an e-mail address"), EDIT, "email", 8), lambda row, _o: row.email),
    (Step(_("Give your street address"), EDIT, "street", 5), lambda row, _o: row.street),
    (Step(_("Give your postal code: people search by distance"), EDIT, "postal_code", 5), lambda row, _o: row.postal_code),
    (Step(_("Say which territory you serve"), EDIT, "territory", 6), lambda row, _o: row.served),
    (Step(_("Say what you can supply to a municipality"), EDIT, "supplies", 8), lambda row, _o: row.supplies),
    (Step(_("Add your logo"), EDIT, "logo", 6), lambda row, _o: row.logo),
    (Step(_("Add a photo"), FILES, "photo", 6), lambda _r, around: around.photos),
    (Step(_("Give your website or a page on social media"), EDIT, "website", 5),
     lambda row, _o: row.website or row.social_links),
    (Step(_("Give your opening hours"), EDIT, "opening_hours", 3), lambda row, _o: row.opening_hours),
    (Step(_("Say in which languages you serve people"), EDIT, "languages", 3), lambda row, _o: row.languages),
    (Step(_("Say when you were founded"), EDIT, "founded", 2), lambda row, _o: row.founded),
    (Step(_("Say how many people work with you"), EDIT, "workforce", 2), lambda row, _o: row.workforce),
    (Step(_("Write your mission in English"), EDIT, "mission_en", 1), lambda row, _o: row.mission_en),
    (Step(_("Sign the attestation of the six principles"), ATTESTATION, "", 4),
     lambda _r, around: around.has_attestation),
)  # fmt: skip
_WHOLE = sum(step.weight for step, _has in _CHECKS)


def completeness(listing: Listing, around: Around) -> Completeness:
    """Runs no query."""
    missing = [step for step, has in _CHECKS if not has(listing, around)]
    held = _WHOLE - sum(step.weight for step in missing)
    return Completeness(100 * held // _WHOLE, sorted(missing, key=lambda step: -step.weight))
