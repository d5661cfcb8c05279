"""Addresses made from titles."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

slug_form = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*$", _("Use lower-case letters without accents, digits and hyphens.")
)


def unused_slug(title: str, taken_in: QuerySet, *, fallback: str, max_length: int = 80) -> str:  # type: ignore[type-arg]  # any model with a slug
    """An address for `title` that no row of `taken_in` has: "titre", else "titre-2"…"""
    base = slugify(title.replace("’", "-").replace("'", "-"))[:max_length].strip("-") or fallback
    taken = set(taken_in.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    return next(f"{base}-{n}" for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)
