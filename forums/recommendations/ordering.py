"""The orders in which readers may have the recommendations of a forum."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Coalesce, Collate, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from forums.models import Forum
from forums.models.recommendation import RecommendationQuerySet
from forums.recommendations.history import origin_counts
from pole.text.bilingual import ENGLISH, current_language


class Order(StrEnum):
    TRACK = "axe"
    LATEST = "recentes"
    # What the most proposals were brought together into.
    SUPPORTED = "appuyees"
    TITLE = "titre"


def orders_of(forum: Forum) -> list[Order]:
    """Those that may be asked for; the first is the one of whoever asks for none. Reads `forum.tracks`."""
    orders = [Order.LATEST, Order.SUPPORTED, Order.TITLE]
    return [Order.TRACK, *orders] if forum.tracks.all() else orders


def asked_order(forum: Forum, asked: str) -> Order:
    orders = orders_of(forum)
    return next((order for order in orders if order.value == asked), orders[0])


def order_links(forum: Forum, current: Order) -> list[tuple[str, str, bool]]:
    """(value, label, whether it is in use), for `components/sort.html`."""
    labels = {
        Order.TRACK: _("track"),
        Order.LATEST: pgettext("recommendations", "newest"),
        Order.SUPPORTED: pgettext("recommendations", "most proposals brought together"),
        Order.TITLE: _("title"),
    }
    return [(order.value, labels[order], order == current) for order in orders_of(forum)]


def keys_in_order(rows: RecommendationQuerySet, order: Order) -> list[int]:
    """The primary keys of `rows`, all of one forum: one query, or three by what was brought together."""
    if order == Order.TRACK:
        rows = rows.order_by("track__position", "-id")
    elif order == Order.TITLE:
        rows = rows.order_by(_title_key(), "id")
    else:
        rows = rows.order_by("-id")
    keys = list(rows.values_list("pk", flat=True))
    if order == Order.SUPPORTED:
        counts = origin_counts(keys)
        keys.sort(key=lambda key: -counts[key])
    return keys


def _title_key() -> Collate:
    """As the title is shown, unaccented and in lower case: in the order in which people look a title up."""
    title = Coalesce(NullIf("title_en", Value("")), "title") if current_language() == ENGLISH else F("title")
    return Collate(Func(title, function="pole_unaccent_lower", output_field=TextField()), "C")
