"""Forums, recommendations and priorities for the portal's search."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from forums.agenda.kinds import KINDS
from forums.models import Forum, Kind, Priority, Recommendation
from pole.files.drawings import drawing_html
from pole.search import Search, SearchHit, SearchResults
from pole.search.documents import NAME, OFFER, TEXT, SearchDocument, newest_first, text_of
from pole.search.rows import best_rows
from pole.text.bilingual import ENGLISH, FRENCH

# What stands for each kind, which has no picture of its own.
_DRAWINGS = {Recommendation: "collectif", Priority: "priorites"}


def search_forums(search: Search) -> SearchResults:
    """Announced activities of any kind, each with its kind, in the language of the page when they can be."""
    announced = Forum.objects.announced(search.public_state.now).for_lists()
    found = best_rows(announced, search, scope="forums", tie="-starts_at")
    hits = [
        _hit(forum, forum.shown_summary, forum.starts_at, label=Kind(forum.kind).label)
        for forum in found.rows
    ]
    return SearchResults("forums", _("Activities"), found.total, hits, mistyped=tuple(found.mistyped))


def search_recommendations(search: Search) -> SearchResults:
    """Recommendations that everyone may read, of announced forums."""
    readable = Recommendation.objects.readable(search.public_state.now).for_lists()
    found = best_rows(readable, search, scope="recommendations", tie="-id")
    hits = [_hit(each, Truncator(each.shown_description).words(40), each.created_at) for each in found.rows]
    return SearchResults(
        "recommandations", _("Recommendations"), found.total, hits, mistyped=tuple(found.mistyped)
    )


def search_priorities(search: Search) -> SearchResults:
    """Priorities of published results, each at its place on the results page."""
    readable = Priority.objects.readable(search.public_state.now).for_lists()
    readable = readable.select_related("results__forum__municipality")
    found = best_rows(readable, search, scope="results", tie="-id")
    hits = [_hit(each, each.shown_description, each.results.forum.starts_at) for each in found.rows]
    return SearchResults("priorites", _("Priorities"), found.total, hits, mistyped=tuple(found.mistyped))


def _hit(
    row: Forum | Recommendation | Priority, excerpt: str, dated: datetime, label: str | Promise = ""
) -> SearchHit:
    picture = drawing_html(_drawing_of(row), "thumb thumb--drawn")
    return SearchHit(
        row.shown_title, row.get_absolute_url(), excerpt, row.shown_title.language, dated, picture, label
    )


def _drawing_of(row: Forum | Recommendation | Priority) -> str:
    """Of an activity, that of its kind, as in the agenda."""
    return KINDS[Kind(row.kind)].drawing if isinstance(row, Forum) else _DRAWINGS[type(row)]


def forum_documents(keys: Collection[int] | None, now: datetime) -> Iterator[SearchDocument]:
    """Announced activities: one query. Never the link to take part online."""
    rows = _of(Forum.objects.announced(now), keys)
    columns = (
        *("title", "title_en", "summary", "summary_en", "venue", "body", "body_en"),
        *("trainer", "to_bring", "to_bring_en", "kind"),
    )
    for key, starts_at, *texts in rows.values_list("pk", "starts_at", *columns).iterator():
        title, title_en, summary, summary_en, venue, body, body_en, trainer, to_bring, to_bring_en, kind = (
            texts
        )
        yield SearchDocument(
            key=key,
            order=newest_first(starts_at),
            texts=(
                *_both(NAME, title, title_en),
                *_both(OFFER, summary, summary_en),
                *_both(TEXT, text_of(body), text_of(body_en)),
                *_both(TEXT, to_bring, to_bring_en),
                (TEXT, FRENCH, venue),
                (OFFER, FRENCH, trainer),
                *_words_of(kind),
            ),
            names=(title, title_en),
        )


def recommendation_documents(keys: Collection[int] | None, now: datetime) -> Iterator[SearchDocument]:
    """Recommendations that everyone may read: one query."""
    return _titled(_of(Recommendation.objects.readable(now), keys))


def priority_documents(keys: Collection[int] | None, now: datetime) -> Iterator[SearchDocument]:
    """Priorities of published results: one query."""
    return _titled(_of(Priority.objects.readable(now), keys))


def _of[M: QuerySet[Any]](rows: M, keys: Collection[int] | None) -> M:
    return rows.order_by() if keys is None else rows.order_by().filter(pk__in=keys)


def _titled(rows: QuerySet[Any]) -> Iterator[SearchDocument]:
    columns = ("title", "title_en", "description", "description_en")
    for key, title, title_en, description, description_en in rows.values_list("pk", *columns).iterator():
        yield SearchDocument(
            key=key,
            # The last one first.
            order=f"{10**12 - key:012d}",
            texts=(*_both(NAME, title, title_en), *_both(OFFER, description, description_en)),
            names=(title, title_en),
        )


def _words_of(kind: str) -> tuple[tuple[float, str, str], ...]:
    """Whoever types “formation” finds trainings, whatever their titles; of forums, theirs say it."""
    if kind == Kind.FORUM:
        return ()
    words = []
    for language in (FRENCH, ENGLISH):
        with override(language):
            words.append((TEXT, language, str(Kind(kind).label)))
    return tuple(words)


def _both(telling: float, french: str, english: str) -> tuple[tuple[float, str, str], ...]:
    return (telling, FRENCH, french), (telling, ENGLISH, english)
