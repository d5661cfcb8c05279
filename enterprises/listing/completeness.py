"""How complete a listing is, and what would help its readers most next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from enterprises.listing_fields import COLUMN_OF_RELATION, Group, fields_in
from enterprises.models import Listing

# Where each thing is done, among the pages of a listing.
EDIT, IDENTITY, FILES, ATTESTATION = "edit", "identity", "files", "attestation"


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
class RelatedFacts:
    """What other tables hold about a listing."""

    photos: int = 0
    has_attestation: bool = False


# One of the two is enough.
_ALTERNATIVES = {"website": "social_links"}


def _is_filled(field: str) -> Callable[[Listing, RelatedFacts], Any]:
    column = COLUMN_OF_RELATION.get(field, field)
    other = _ALTERNATIVES.get(field, column)
    return lambda row, _around: getattr(row, column) or getattr(row, other)


_CHECKS: tuple[tuple[Step, Callable[[Listing, RelatedFacts], Any]], ...] = (
    *((Step(each.step, IDENTITY if each.group is Group.IDENTITY else EDIT, each.name, each.weight), _is_filled(each.name))
      for each in fields_in("completeness")),
    (Step(_("Add a photo"), FILES, "photo", 6), lambda _r, around: around.photos),
    (Step(_("Sign the attestation of the six principles"), ATTESTATION, "", 4),
     lambda _r, around: around.has_attestation),
)  # fmt: skip
_TOTAL_WEIGHT = sum(step.weight for step, _has in _CHECKS)


def completeness(listing: Listing, around: RelatedFacts) -> Completeness:
    """Runs no query."""
    missing = [step for step, has in _CHECKS if not has(listing, around)]
    score = _TOTAL_WEIGHT - sum(step.weight for step in missing)
    return Completeness(100 * score // _TOTAL_WEIGHT, sorted(missing, key=lambda step: -step.weight))
