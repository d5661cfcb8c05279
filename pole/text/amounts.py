"""Sizes and lengths of time in words, in the language of whoever reads them."""

from __future__ import annotations

from datetime import timedelta

from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.translation import gettext, ngettext

_MIB, _GIB = 1024**2, 1024**3


def _size(size: float) -> str:
    """`1,2 Go`, `35 Mo`: of less than a megabyte, one."""
    if size >= _GIB:
        return gettext("%(number)s GB") % {"number": number_format(size / _GIB, 1 if size < 10 * _GIB else 0)}
    return gettext("%(number)s MB") % {"number": number_format(max(size / _MIB, 1), 0)}


def _span(span: timedelta) -> str:
    """In its largest unit: how long something lasts, or is old, to a reader who wonders whether that is long."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = seconds // 60
    if minutes < 120 and minutes != 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = hours // 24
    if days >= 365 and not days % 365:
        return ngettext("%(count)d year", "%(count)d years", days // 365) % {"count": days // 365}
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


size = lazy(_size, str)
span = lazy(_span, str)
