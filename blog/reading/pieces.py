"""Lists of posts, as HTML (pole.text.markup)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from blog.models import Post
from blog.reading.rows import POST, ListedPost
from pole.files.thumbnails import thumbnail_html
from pole.templatetags.typography import TimeWriter, ordinals, time_writer
from pole.text.markup import EMPTY, Markup, joined

MAX_SUMMARY = 160
# Neither Latin letters nor the signs of typography do.
_MAY_COMBINE = re.compile("[^\\x00-\u02ff\u2010-\u203a\u20ac\u2122]")
_ENTRY = Markup(
    '<li class="entry story"{lang}> {picture} <div class="story__words"><h2 class="entry__title"><a href="{address}">{title}</a></h2>'
    ' <p class="entry__meta"{page_lang}>{kind} · {date}</p>{summary}</div></li> '
)
_SUMMARY = Markup("<p>{summary}</p>")
_CARD = Markup(
    '<li class="card card--pictured"{lang}> {picture} <p class="small quiet"{page_lang}>{kind} · {date}</p>'
    ' <h3 class="card__title"><a href="{address}">{title}</a></h3> <p>{summary}</p> </li> '
)
_RELATED = Markup(
    '<li class="story"{lang}> {picture} <div class="story__words"><h3 class="entry__title"><a href="{address}">{title}</a></h3>'
    ' <p class="entry__meta"{page_lang}>{kind} · {date}</p></div></li> '
)
_NO_CARD = Markup('<li class="empty">{text}</li>')
_OF_LEAD = "(min-width: 60rem) 44rem, (min-width: 40rem) 92vw, 7rem"
_OF_ENTRY = "(min-width: 60rem) 24rem, (min-width: 40rem) 46vw, 7rem"
_OF_CARD = "(min-width: 60rem) 24rem, (min-width: 40rem) 46vw, 92vw"
_LANG = Markup(' lang="{language}"')
_KIND = Markup('<li><a class="tags__link" href="{address}"{current}>{name}</a></li>')
_CURRENT = SafeString(' aria-current="true"')


def entries(posts: Iterable[ListedPost], language: str, *, is_first_page: bool = False) -> SafeString:
    """Of the list of posts, among the pages of `language`; the latest of all is larger, where there is room."""
    date = time_writer()
    written: list[SafeString] = []
    for post in posts:
        leads = is_first_page and not written
        written.append(
            _ENTRY(
                **_facts(post, language, date),
                picture=thumbnail_html(
                    post.picture, f"genre-{post.kind}", sizes=_OF_LEAD if leads else _OF_ENTRY,
                    css="thumb story__picture", is_eager=leads,
                ),
                summary=_SUMMARY(summary=post.summary) if post.summary else EMPTY,
            )
        )  # fmt: skip
    return joined(written)


def cards(posts: Sequence[ListedPost], language: str) -> SafeString:
    """Of the home page."""
    if not posts:
        return _NO_CARD(text=_("Nothing is published here yet."))
    date = time_writer()
    return joined(
        [
            _CARD(
                **_facts(post, language, date),
                picture=thumbnail_html(post.picture, f"genre-{post.kind}", sizes=_OF_CARD),
                summary=_cut(post.summary),
            )
            for post in posts
        ]
    )


def related(posts: Sequence[ListedPost], language: str) -> SafeString:
    """What else may be read, under a post."""
    date = time_writer()
    return joined(
        [
            _RELATED(
                **_facts(post, language, date),
                picture=thumbnail_html(
                    post.picture, f"genre-{post.kind}", sizes=_OF_ENTRY, css="thumb story__picture"
                ),
            )
            for post in posts
        ]
    )


def _cut(summary: str) -> str:
    """As `truncatechars`, which looks at each character: only marks that combine with another need it."""
    if _MAY_COMBINE.search(summary):
        return Truncator(summary).chars(MAX_SUMMARY)
    return summary if len(summary) <= MAX_SUMMARY else f"{summary[: MAX_SUMMARY - 1]}…"


def _facts(post: ListedPost, language: str, date: TimeWriter) -> dict[str, str]:
    is_other = post.language != language
    return {
        "lang": _LANG(language=post.language) if is_other and post.title else EMPTY,
        "page_lang": _LANG(language=language) if is_other else EMPTY,
        "address": POST(language, post.slug),
        "title": ordinals(post.title),
        "kind": post.kind_label,
        "date": date(post.published_at),
    }


def kinds(query: QueryDict, chosen: str) -> SafeString:
    """The filter of a list by kind: everything, then each; what else is asked for stays, but for the page."""
    others = query.copy()
    for name in ("genre", "page"):
        others.pop(name, None)
    kept = others.urlencode()
    everything = _KIND(address=f"?{kept}", current=EMPTY if chosen else _CURRENT, name=_("Everything"))
    before = f"?{kept}&" if kept else "?"
    each = [
        _KIND(
            address=f"{before}genre={kind}",
            current=_CURRENT if chosen == kind else EMPTY,
            name=str(kind.plural),
        )
        for kind in Post.Kind
    ]
    return joined([everything, *each])
