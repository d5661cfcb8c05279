"""The orders in which readers may have the recommendations of a forum."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Collate, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from forums.models import Forum, Recommendation
from forums.models.recommendation import RecommendationQuerySet
from forums.recommendations.history import origin_counts
from pole.server.database.prepared import prepared
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


class Placed(NamedTuple):
    """What a list chooses by."""

    pk: int
    state: str
    kind: str
    track: int | None


def public_in_order(forum: Forum, order: Order) -> list[Placed]:
    """All that readers may see of a forum: one query. Those that are asked for by support are the newest first: see `by_support`."""
    if order == Order.TRACK:
        return _by_track(forum.pk)
    if order == Order.TITLE:
        return _by_english_title(forum.pk) if current_language() == ENGLISH else _by_title(forum.pk)
    return _latest(forum.pk)


def by_support(keys: list[int]) -> list[int]:
    """Those that the most proposals were brought together into first: two queries."""
    counts = origin_counts(keys)
    return sorted(keys, key=lambda key: -counts[key])


def _public(forum: int) -> RecommendationQuerySet:
    return Recommendation.objects.filter(forum=forum).public()


def _placed(rows: QuerySet[Recommendation]) -> QuerySet[Recommendation, Any]:
    return rows.values_list("pk", "state", "kind", "track_id")


@prepared(Placed)
def _by_track(forum: int) -> QuerySet[Recommendation, Any]:
    return _placed(_public(forum).order_by("track__position", "-id"))


@prepared(Placed)
def _latest(forum: int) -> QuerySet[Recommendation, Any]:
    return _placed(_public(forum).order_by("-id"))


@prepared(Placed)
def _by_title(forum: int) -> QuerySet[Recommendation, Any]:
    return _placed(_public(forum).order_by(_title_key(F("title")), "id"))


@prepared(Placed)
def _by_english_title(forum: int) -> QuerySet[Recommendation, Any]:
    title = Coalesce(NullIf("title_en", Value("")), "title")
    return _placed(_public(forum).order_by(_title_key(title), "id"))


def _title_key(title: Combinable) -> Collate:
    """As the title is shown, unaccented and in lower case: in the order in which people look a title up."""
    return Collate(Func(title, function="pole_unaccent_lower", output_field=TextField()), "C")
