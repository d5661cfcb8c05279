"""Addresses made from titles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Model, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pole.server.routes import kept_by_urlconf, routes

slug_form = RegexValidator(
    r"^[a-z0-9]+(-[a-z0-9]+)*$", gettext_lazy("Use lower-case letters without accents, digits and hyphens.")
)
# How a route of a model's `SLUG_ROUTES` ends: what follows the slug lies below it.
SLUG = "<slug:slug>/"


def unused_slug(title: str, taken_in: QuerySet, *, fallback: str, max_length: int = 80) -> str:  # type: ignore[type-arg]  # any model with a slug
    """An address for `title` that no row of `taken_in` has, nor the portal itself: "titre", else "titre-2"…"""
    base = _base(title, fallback, max_length)
    taken = set(taken_in.filter(slug__startswith=base).values_list("slug", flat=True))
    taken |= reserved_slugs(taken_in.model)
    if base not in taken:
        return base
    return next(slug for n in count(2) if (slug := f"{base}-{n}") not in taken)


def unused_slugs(
    titles: Iterable[str],
    taken_in: QuerySet,  # type: ignore[type-arg]  # any model with a slug
    *,
    fallback: str,
    max_length: int = 80,
) -> Iterator[str]:
    """As `unused_slug` for each of many titles, none twice: one query."""
    taken = set(taken_in.order_by().values_list("slug", flat=True)) | reserved_slugs(taken_in.model)
    numbers: dict[str, Iterator[int]] = {}
    for title in titles:
        slug = base = _base(title, fallback, max_length)
        following = numbers.setdefault(base, count(2))
        while slug in taken:
            slug = f"{base}-{next(following)}"
        taken.add(slug)
        yield slug


def _base(title: str, fallback: str, max_length: int) -> str:
    return slugify(title.replace("’", "-").replace("'", "-"))[:max_length].strip("-") or fallback


def check_free(slug: str, taken_in: QuerySet) -> None:  # type: ignore[type-arg]  # any model with a slug
    """Raises a ValidationError that proposes another address when the portal's own pages answer at this one."""
    if slug in reserved_slugs(taken_in.model):
        proposed = unused_slug(slug, taken_in, fallback=slug)
        raise ValidationError(
            _("The portal itself answers at this address. Take another, like “%(proposed)s”."),
            params={"proposed": proposed},
        )


def reserved_slugs(model: type[Model]) -> frozenset[str]:
    """The slugs whose address, or an address below it, another route of the portal answers.

    A model names the routes that lead to its rows in `SLUG_ROUTES`; one without any reserves nothing. What else its
    rows may not be called is in its `RESERVED_SLUGS`.
    """
    beside = (_words_beside(route) for route in getattr(model, "SLUG_ROUTES", ()))
    return frozenset(getattr(model, "RESERVED_SLUGS", ())).union(*beside)


@kept_by_urlconf
def _words_beside(route: str) -> frozenset[str]:
    before = route.removesuffix(SLUG)
    words = {found.removeprefix(before).split("/")[0] for found in routes() if found.startswith(before)}
    if not before:
        # What answers before any route: another language, and the files that nginx serves.
        words |= {code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE}
        words |= {url.strip("/").split("/")[0] for url in (settings.STATIC_URL, settings.MEDIA_URL)}
    return frozenset(word for word in words if word and "<" not in word)
