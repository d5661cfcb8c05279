"""What the portal is compared with: the least that Django needs to write the same rows.

Each page selects the rows that the portal's own page shows, with the same models and the joins that avoid
other queries, and writes their texts as they are: no layout, menu, permission, cookie or ETag.
"""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.bare_settings"
application = get_wsgi_application()

from blog.models import Post  # noqa: E402 - models want Django set up
from comments.models import Comment  # noqa: E402
from enterprises.models import Listing  # noqa: E402
from forums.models import Forum, Priority  # noqa: E402

POSTS_A_PAGE, LISTINGS_A_PAGE = 12, 24


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def post(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(
        Post.objects.select_related("thread", "lead_picture").defer("document"),
        slug=slug,
        published_at__lte=timezone.now(),
    )
    others = Post.objects.exclude(pk=found.pk).filter(published_at__lte=timezone.now())
    original = found.translation_of_id or found.pk
    comments = Comment.objects.filter(thread=found.thread_id, state="published").select_related("author")
    context = {
        "post": found,
        "authors": found.authors.select_related("portrait").order_by("bylines__position"),
        "tags": found.tags.all(),
        "translation": others.filter(Q(pk=original) | Q(translation_of=original)).only("slug").first(),
        "comments": comments.order_by("created_at", "id"),
    }
    return render(request, "post.html", context)


def post_list(request: HttpRequest) -> HttpResponse:
    posts = Post.objects.filter(published_at__lte=timezone.now(), language="fr")
    rows = posts.defer("body", "document")[:POSTS_A_PAGE]
    return render(request, "posts.html", {"posts": rows, "total": posts.count()})


def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    posts = Post.objects.filter(published_at__lte=now, language="fr")
    forums = Forum.objects.filter(announced_at__lte=now, ends_at__gt=now, cancelled_at=None)
    priorities = Priority.objects.filter(results__published_at__lte=now).select_related("results__forum")
    context = {
        "posts": posts.defer("body", "document")[:3],
        "forum": forums.select_related("municipality")
        .defer("body", "document")
        .order_by("starts_at")
        .first(),
        "priorities": priorities.defer("document", "results__forum__document").order_by(
            F("results__forum__starts_at").desc(), "position"
        )[:5],
    }
    return render(request, "home.html", context)


def listings(request: HttpRequest) -> HttpResponse:
    """The listings whose keys are given: what it costs to show a page of them once they are found."""
    keys = [int(key) for key in request.GET.get("keys", "").split(",") if key]
    rows = Listing.objects.select_related("municipality").prefetch_related("sectors")
    shown = rows.defer("document", "description", "description_en").filter(pk__in=keys)
    return render(request, "listings.html", {"listings": shown})


urlpatterns = [
    path("", home),
    path("empty/", empty),
    path("billets/", post_list),
    path("billets/<slug:slug>/", post),
    path("repertoire/", listings),
]
