"""How complete a listing is, and what would help its readers most next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enterprises.listing_fields import RELATIONS, fields_in
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


# One of the two is enough.
_OR_ELSE = {"website": "social_links"}


def _holds(field: str) -> Callable[[Listing, Around], Any]:
    column = RELATIONS.get(field, field)
    other = _OR_ELSE.get(field, column)
    return lambda row, _around: getattr(row, column) or getattr(row, other)


_CHECKS: tuple[tuple[Step, Callable[[Listing, Around], Any]], ...] = (
    *((Step(each.step, EDIT, each.name, each.weight), _holds(each.name)) for each in fields_in("completeness")),
    (Step(_("Add a photo"), FILES, "photo", 6), lambda _r, around: around.photos),
    (Step(_("Sign the attestation of the six principles"), ATTESTATION, "", 4),
     lambda _r, around: around.has_attestation),
)  # fmt: skip
_WHOLE = sum(step.weight for step, _has in _CHECKS)


def completeness(listing: Listing, around: Around) -> Completeness:
    """Runs no query."""
    missing = [step for step, has in _CHECKS if not has(listing, around)]
    held = _WHOLE - sum(step.weight for step in missing)
    return Completeness(100 * held // _WHOLE, sorted(missing, key=lambda step: -step.weight))
