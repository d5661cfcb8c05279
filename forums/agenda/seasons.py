"""Every write to a season ("temps fort"): days that gather activities under one name. Locks: its row."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import journal
from accounts.models import User
from forums.models import Forum, Season
from pole.forms import VersionedModelForm
from pole.text.slugs import unused_slug


def held_within(first: date, last: date) -> QuerySet[Forum]:
    """Activities, announced or not, of which some part is on these days."""
    midnight, following = (
        timezone.make_aware(datetime.combine(day, time.min)) for day in (first, last + timedelta(days=1))
    )
    return Forum.objects.filter(starts_at__lt=following, ends_at__gt=midnight).order_by("starts_at", "id")


def save_season[F: VersionedModelForm](
    build: Callable[[Season], F], *, key: int | None, by: User | None = None
) -> F:
    """Saves the form that `build` makes on the season, a new one without `key`, when it is valid.

    Without an address, it gets one from its title. Raises `Season.DoesNotExist`.
    """
    try:
        return _saved(build, key, by)
    except IntegrityError:
        # Another season took the address in between: the form says so, now that it can be seen.
        return _saved(build, key, by)


@transaction.atomic
def _saved[F: VersionedModelForm](build: Callable[[Season], F], key: int | None, by: User | None) -> F:
    season = Season() if key is None else Season.objects.select_for_update().get(pk=key)
    form = build(season)
    if form.is_valid():
        season.slug = season.slug or _unused_slug(season.title)
        form.save()
        journal.note(action="written" if key is None else "changed", kind="season", key=season.pk, by=by)
    return form


def _unused_slug(title: str) -> str:
    return unused_slug(title, Season.objects.all(), fallback="temps-fort")


@transaction.atomic
def copy_to_next_year(*, key: int, by: User | None = None) -> Season:
    """The same days a year later, without activities; a year that its words name follows. Raises `Season.DoesNotExist`."""
    former = Season.objects.select_for_update().get(pk=key)
    year = former.first_day.year

    def renamed(text: str) -> str:
        return re.sub(rf"\b{year}\b", str(year + 1), text)

    copy = Season(
        first_day=_a_year_later(former.first_day),
        last_day=_a_year_later(former.last_day),
        **{name: renamed(getattr(former, name)) for name in ("title", "title_en", "summary", "summary_en")},
    )
    copy.slug = _unused_slug(copy.title)
    copy.save()
    journal.note(action="copied", kind="season", key=copy.pk, by=by)
    return copy


def _a_year_later(day: date) -> date:
    """The same day of the next year; February 28 for the 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)


@transaction.atomic
def delete_season(*, key: int, by: User | None = None) -> None:
    """Its activities stay. Raises `Season.DoesNotExist`."""
    season = Season.objects.select_for_update().get(pk=key)
    journal.note(action="deleted", kind="season", key=season.pk, by=by)
    season.delete()
