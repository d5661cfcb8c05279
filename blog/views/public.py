"""What visitors read: posts, their lists, the feed, and pages."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone

from blog.models import Author, Page, Post, Tag
from blog.reading import metadata
from blog.reading.post import authors_of, find_post, neighbours_of, related_to, siblings_of, tags_of
from blog.reading.rows import OTHERS_A_PAGE, POSTS_A_PAGE, OtherPages, PostList
from pole.caching.public_pages import get_public_state, reading_page
from pole.hub.page_head import PageHead
from pole.hub.team import shown_team
from pole.text.bilingual import current_language
from pole.views.paging import page_of, page_or_404

POSTS_A_FEED = 20
# What XML 1.0 can't hold, whatever a text was imported from.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Each makes a page of its own, with its title.
LIST_FILTERS = ("annee", "etiquette", "genre", "signature")
# The institutional pages that show who is in the team.
TEAM_PAGES = ("contact", "equipe")


@reading_page(reads=("blog", "desk"), parameters=("page", *LIST_FILTERS), when_away=True)
def post_list(request: HttpRequest) -> HttpResponse:
    """All posts of the reader's language; `genre`, `etiquette`, `annee` and `signature` narrow them."""
    chosen = _read_filters(request)
    posts = PostList(current_language(), timezone.now(), **chosen)
    count = get_public_state(request).cached_count(
        "blog", ("posts", current_language(), *chosen.values()), posts.count
    )
    page = page_or_404(posts, POSTS_A_PAGE, request.GET.get("page"), count=count)
    head = PageHead(kept=_kept_filters(chosen), number=page.number)
    context = {"page": page, "page_head": head, "is_narrowed": any(chosen.values()), **chosen}
    return render(request, "blog/list.html", context)


def _read_filters(request: HttpRequest) -> dict[str, Any]:
    """The filters of the address; one that names nothing is a 404, not an empty list."""
    get = request.GET.get
    kind, year, author = get("genre", ""), get("annee", ""), get("signature", "")
    tag = get("etiquette", "").replace("\x00", " ")
    if kind and kind not in Post.Kind.values:
        raise Http404
    if year and not (year.isdecimal() and len(year) == 4):
        raise Http404
    if author and not (author.isdecimal() and len(author) < 10):
        raise Http404
    return {
        "kind": kind,
        "tag": get_object_or_404(Tag, slug=tag) if tag else None,
        "year": int(year) if year else None,
        "author": get_object_or_404(Author, pk=author) if author else None,
    }


def _kept_filters(chosen: dict[str, Any]) -> dict[str, str]:
    """Those of `_read_filters`, by their names in the address, in one spelling."""
    tag, author = chosen["tag"], chosen["author"]
    values = (
        str(chosen["year"] or ""),
        tag.slug if tag else "",
        chosen["kind"],
        str(author.pk) if author else "",
    )
    return dict(zip(LIST_FILTERS, values, strict=True))


@reading_page(reads=("blog", "comments", "desk", "people"), parameters=("commentaires",), when_away=True)
def post(request: HttpRequest, slug: str) -> HttpResponse:
    now, language = timezone.now(), current_language()
    found = find_post(slug, now)
    if found is None:
        raise Http404
    context = post_context(found)
    context["neighbours"] = neighbours_of(found, language, now)
    context["related"] = related_to(found, language, now)
    elsewhere = metadata.path_in_other_language(found, context["translation"], language)
    head = metadata.page_head(found, context["translation"])
    return render(request, "blog/post.html", context | {"other_language_url": elsewhere, "page_head": head})


def post_context(post: Post) -> dict[str, Any]:
    """What the page of a post shows, published or in preview."""
    original = post.translation_of_id or post.pk
    return {
        "post": post,
        "authors": authors_of(post.pk),
        "tags": tags_of(post.pk),
        "documents": list(post.documents.all()) if getattr(post, "has_documents", True) else [],
        "translation": siblings_of.first(post.pk, original, timezone.now()),
    }


@reading_page(reads=("blog",), when_away=True)
def feed(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    posts = Post.objects.published(now).for_readers_of(current_language(), now)
    posts = posts.prefetch_related("authors").defer("document")[:POSTS_A_FEED]
    context = {
        "posts": posts,
        "base_url": settings.BASE_URL,
        "updated_at": max((post.updated_at for post in posts if post.updated_at), default=None),
    }
    feed = _NOT_XML.sub("", render_to_string("blog/feed.xml", context, request))
    return HttpResponse(feed, content_type="application/atom+xml; charset=utf-8")


@reading_page(reads=("comments", "desk", "people"), parameters=("commentaires", "pages"), when_away=True)
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """With what was said under it on the site before this one, if anything was."""
    found = get_object_or_404(Page.objects.published(timezone.now()).select_related("thread"), slug=slug)
    head = PageHead(is_french_only=not found.body_en)
    return render(request, "blog/page.html", page_context(request, found) | {"page_head": head})


def page_context(request: HttpRequest, page: Page) -> dict[str, Any]:
    """What an institutional page shows, published or in preview; the others are named by pages, if they are many."""
    others = get_public_state(request).page_slugs() - {page.slug}
    named = OtherPages(page.pk, timezone.now())
    asked = request.GET.get("pages")
    return {
        "page": page,
        "others": page_of(named, OTHERS_A_PAGE, asked, count=len(others)),
        "team": shown_team() if page.slug in TEAM_PAGES else [],
    }
