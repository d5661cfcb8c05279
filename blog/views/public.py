"""What visitors read: posts, their lists, the feed, and pages."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone

from blog import metadata
from blog.models import Author, Page, Post, Tag
from pole.caching.public_pages import get_public_state, reading_page
from pole.hub.page_head import PageHead
from pole.text.bilingual import current_language
from pole.views.neighbours import Neighbours, neighbours_by_moment
from pole.views.paging import page_or_404

POSTS_A_PAGE = 12
POSTS_A_FEED = 20
# What XML 1.0 can't hold, whatever a text was imported from.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Each makes a page of its own, with its title.
LIST_FILTERS = ("annee", "etiquette", "genre", "signature")


@reading_page(reads=("blog", "desk"), parameters=("page", *LIST_FILTERS), when_away=True)
def post_list(request: HttpRequest) -> HttpResponse:
    """All posts of the reader's language; `genre`, `etiquette`, `annee` and `signature` narrow them."""
    now = timezone.now()
    posts = Post.objects.published(now).for_readers_of(current_language(), now).for_lists()
    chosen = _read_filters(request)
    if kind := chosen["kind"]:
        posts = posts.filter(kind=kind)
    if tag := chosen["tag"]:
        posts = posts.filter(tags=tag)
    if year := chosen["year"]:
        posts = posts.filter(published_at__year=year)
    if author := chosen["author"]:
        posts = posts.filter(authors=author)
    count = get_public_state(request).cached_count(
        "blog", ("posts", current_language(), *chosen.values()), posts.count
    )
    page = page_or_404(posts, POSTS_A_PAGE, request.GET.get("page"), count=count)
    head = PageHead(kept=_kept_filters(chosen), number=page.number)
    context = {"page": page, "kinds": list(Post.Kind), "page_head": head, **chosen}
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
    found = get_object_or_404(
        Post.objects.published(now)
        .select_related("lead_picture", "thread")
        .annotate(
            has_documents=models.Exists(Post.documents.through.objects.filter(post=models.OuterRef("pk")))
        )
        .defer("document")
        .fetch_mode(models.FETCH_RAISE),
        slug=slug,
    )
    context = post_context(found)
    context["neighbours"] = _neighbours(found, language, now)
    elsewhere = metadata.path_in_other_language(found, context["translation"], current_language())
    head = metadata.page_head(found, context["translation"])
    return render(request, "blog/post.html", context | {"other_language_url": elsewhere, "page_head": head})


def _neighbours(post: Post, language: str, now: datetime) -> Neighbours:
    """Those of the same kind, as the list of this language has them; neither is the same text in another one."""
    original = post.translation_of_id or post.pk
    listed = Post.objects.published(now).for_readers_of(language, now).for_lists().filter(kind=post.kind)
    others = listed.exclude(pk=original).exclude(translation_of=original, translation_of__isnull=False)
    return neighbours_by_moment(others, post, "published_at")


def post_context(post: Post) -> dict[str, Any]:
    """What the page of a post shows, published or in preview."""
    original = post.translation_of_id or post.pk
    siblings = Post.objects.published(timezone.now()).exclude(pk=post.pk).only("slug", "language")
    return {
        "post": post,
        "authors": list(post.authors.select_related("portrait").order_by("bylines__position")),
        "tags": list(post.tags.all()),
        "documents": list(post.documents.all()) if getattr(post, "has_documents", True) else [],
        "translation": siblings.filter(models.Q(pk=original) | models.Q(translation_of=original)).first(),
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


@reading_page(reads=("comments", "desk", "people"), parameters=("commentaires",), when_away=True)
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """With what was said under it on the site before this one, if anything was."""
    found = get_object_or_404(Page.objects.published(timezone.now()).select_related("thread"), slug=slug)
    head = PageHead(is_french_only=not found.body_en)
    return render(request, "blog/page.html", page_context(found) | {"page_head": head})


def page_context(page: Page) -> dict[str, Any]:
    others = Page.objects.published(timezone.now()).exclude(pk=page.pk)
    return {"page": page, "others": list(others.defer("body", "body_en"))}
