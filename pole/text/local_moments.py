"""Dates and hours typed in the local time of the hub, also in the nights when clocks change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import get_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

# A year outside these is a typing error, and may not even have a UTC equivalent.
FIRST_YEAR, LAST_YEAR = 1990, 2100
# After what was typed, which of two equal hours was chosen: the first or the second.
_MARK = "#"


class LocalMomentInput(forms.DateTimeInput):
    """An input; and, of an hour that comes twice, which of the two it is."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        typed, which = super().value_from_datadict(data, files, name), data.get(f"{name}_which")
        return f"{typed}{_MARK}{which}" if typed and which in {"0", "1"} else typed

    def format_value(self, value: Any) -> str | None:
        return super().format_value(value.partition(_MARK)[0] if isinstance(value, str) else value)

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        box = super().render(name, value, attrs, renderer)
        which = _which_of_two(value)
        if which is None:
            return box
        context = {"name": f"{name}_which", "id": f"{(attrs or {}).get('id', name)}_which", "which": which}
        return mark_safe(box + render_to_string("components/which_hour.html", context))  # noqa: S308 - two templates


def _which_of_two(value: Any) -> str | None:
    """ "0" or "1", "" when it was not said, None when the hour comes once."""
    if isinstance(value, datetime):
        return str(value.fold) if _comes_twice(value) else None
    typed, _mark, which = str(value or "").partition(_MARK)
    moment = _read(typed)
    return which if moment and _comes_twice(moment) else None


def _read(typed: str) -> datetime | None:
    """As the field reads it."""
    try:
        if moment := parse_datetime(typed.strip()):
            return moment
    except ValueError:
        return None
    for each in get_format("DATETIME_INPUT_FORMATS"):
        try:
            return datetime.strptime(typed.strip(), each)  # noqa: DTZ007 - local, as it is typed
        except ValueError:
            continue
    return None


def _comes_twice(moment: datetime) -> bool:
    if timezone.is_aware(moment):
        return False
    first, second = (_in_zone(moment, fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def _in_zone(moment: datetime, fold: int) -> datetime:
    return moment.replace(tzinfo=timezone.get_current_timezone(), fold=fold)


class LocalDateTimeField(forms.DateTimeField):
    """A date and an hour, typed in the local time of the hub.

    Of an hour that comes twice, in November, which one is asked; one that March lacks is refused. The moment that the
    form showed is kept as it is, so that it can be saved again.
    """

    widget = LocalMomentInput
    shown: datetime | None = None

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        bound = super().get_bound_field(form, field_name)
        if isinstance(bound.initial, datetime) and timezone.is_aware(bound.initial):
            self.shown = bound.initial
        return bound

    def to_python(self, value: Any) -> datetime | None:
        typed, _mark, which = value.partition(_MARK) if isinstance(value, str) else (value, "", "")
        try:
            moment = super().to_python(typed)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            moment = self._moment_of(cast("dict[str, Any]", error.params)["datetime"], which)
        if moment and not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValidationError(
                _("Give a year between %(first)d and %(last)d."),
                params={"first": FIRST_YEAR, "last": LAST_YEAR},
                code="year",
            )
        return moment

    def _moment_of(self, typed: datetime, which: str) -> datetime:
        """In UTC: Python never finds an ambiguous local time equal to a time of another zone."""
        if _comes_twice(typed):
            if which:
                return _in_zone(typed, int(which)).astimezone(UTC)
            if self.shown and timezone.localtime(self.shown).strftime("%Y%m%d%H%M") == f"{typed:%Y%m%d%H%M}":
                return self.shown.astimezone(UTC).replace(second=0, microsecond=0)
            raise ValidationError(
                _("This hour comes twice: clocks are put back that night. Say which of the two it is."),
                code="comes_twice",
            )
        raise ValidationError(
            _(
                "This hour does not exist: clocks are put forward that night (time zone %(zone)s)."
                " Give an hour before %(first)d:00, or from %(next)d:00 on."
            ),
            params={"zone": settings.TIME_ZONE, "first": typed.hour, "next": typed.hour + 1},
            code="imaginary",
        )
