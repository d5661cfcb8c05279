"""The writing desk: posts, pages and authors, for the hub's team."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blog import editing
from blog.forms import AuthorForm, PageForm, PostForm, WorkingCopyForm
from blog.models import Author, Page, Post
from blog.views.public import page_context, post_context
from desk import workflow
from desk.publishing import EditConflict, as_if_published
from pole.access import staff_only
from pole.forms import replaced
from pole.language import ShownHtml
from pole.staffhome import Card, Line

POSTS_A_PAGE = 30


def staff_card() -> Card:
    now = timezone.now()
    url = reverse("staff:post_list")
    drafts = Post.objects.filter(published_at=None).count()
    scheduled = Post.objects.scheduled(now).count()
    lines = []
    if drafts:
        lines.append(Line(ngettext("draft", "drafts", drafts), f"{url}?etat=brouillons", drafts))
    if scheduled:
        lines.append(
            Line(ngettext("scheduled post", "scheduled posts", scheduled), f"{url}?etat=planifies", scheduled)
        )
    return Card(_("News"), url, lines, _("Write a post"), reverse("staff:post_new"))


@staff_only
@require_safe
def post_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    posts = Post.objects.select_related("draft").defer("body", "document").order_by("-draft__saved_at")
    state = request.GET.get("etat", "")
    if state == "brouillons":
        posts = posts.filter(published_at=None)
    elif state == "planifies":
        posts = posts.scheduled(now)
    page = Paginator(posts, POSTS_A_PAGE).get_page(request.GET.get("page"))
    rows = [(post, post.is_scheduled(now)) for post in page]
    return render(request, "blog/desk_posts.html", {"page": page, "rows": rows, "state": state})


@staff_only
@require_safe
def page_list(request: HttpRequest) -> HttpResponse:
    return render(request, "blog/desk_pages.html", {"pages": Page.objects.select_related("draft")})


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def post_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, Post(), PostForm, _save_post, "staff:post_edit")


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def post_edit(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.select_related("draft", "thread", "lead_picture"), pk=post_id)
    return _edit(request, post, PostForm, _save_post, "staff:post_edit")


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def page_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, Page(), PageForm, _save_page, "staff:page_edit")


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def page_edit(request: HttpRequest, page_id: int) -> HttpResponse:
    page = get_object_or_404(Page.objects.select_related("draft"), pk=page_id)
    return _edit(request, page, PageForm, _save_page, "staff:page_edit")


def _save_post(request: HttpRequest, post: Post, form: PostForm) -> Post:
    return editing.save_post(post=post, cleaned=form.cleaned_data, content=form.content(), by=request.user)  # type: ignore[arg-type]  # staff_only


def _save_page(request: HttpRequest, page: Page, form: PageForm) -> Page:
    return editing.save_page(page=page, cleaned=form.cleaned_data, content=form.content(), by=request.user)  # type: ignore[arg-type]  # staff_only


def _edit(
    request: HttpRequest,
    owner: Post | Page,
    form_class: type[WorkingCopyForm],
    save: Callable[[HttpRequest, Any, Any], Post | Page],
    edit_url: str,
) -> HttpResponse:
    """The editor: saves, publishes, schedules or takes back; a conflict shows both texts."""
    form = form_class(request.POST or None, request.FILES or None, instance=owner)
    conflict = None
    if request.method == "POST" and form.is_valid():
        action = workflow.asked(request)
        try:
            with transaction.atomic():
                saved = save(request, owner, form)
                workflow.carry_out(request, saved, action=action, at=form.cleaned_data["publish_at"])
        except EditConflict as error:
            conflict = _show_conflict(form, error)
        else:
            workflow.warn_of_problems(
                request, *(form.content().get(field, "") for field in ("body", "body_en"))
            )
            return redirect(edit_url, saved.pk)
    context = {
        "form": form,
        "owner": owner,
        "is_post": isinstance(owner, Post),
        "conflict": conflict,
        "is_public": owner.pk and owner.is_public(timezone.now()),
        "is_scheduled": owner.pk and owner.is_scheduled(timezone.now()),
    }
    return render(request, "blog/desk_edit.html", context, status=409 if conflict else 200)


def _show_conflict(form: WorkingCopyForm, error: EditConflict) -> dict[str, Any]:
    """What was typed stays in the form, now based on the stored version, which is shown beside it."""
    form.data = replaced(form.data, "seen_version", str(error.stored.version))
    stored = error.stored
    texts = [
        (form.fields[field].label, ShownHtml(text, "") if field.startswith("body") else text)
        for field, text in stored.content.items()
        if text and field in form.fields
    ]
    return {"texts": texts, "saved_by": stored.saved_by, "saved_at": stored.saved_at}


def _owner_id(request: HttpRequest) -> int:
    """The id of the text being previewed; 0, which no row has, for a new one."""
    typed = request.POST.get("owner", "")
    return int(typed) if typed.isdecimal() and len(typed) < 18 else 0


@staff_only
@require_POST
def post_preview(request: HttpRequest) -> HttpResponse:
    """The typed text in the real page, without saving anything."""
    post = Post.objects.filter(pk=_owner_id(request)).select_related("thread").first() or Post()
    form = PostForm(request.POST, instance=post)
    form.is_valid()
    content = {field: form.cleaned_data.get(field, "") for field in Post.WORKING_FIELDS}
    shown = as_if_published(post, content)
    shown.kind = form.cleaned_data.get("kind", Post.Kind.POST)
    shown.language = form.cleaned_data.get("language", Post.Language.FRENCH)
    shown.published_at = form.cleaned_data.get("publish_at") or post.published_at or timezone.now()
    context = {
        "post": shown,
        "authors": form.cleaned_data.get("authors", []),
        "tags": form.cleaned_data.get("tags", []),
    }
    if post.pk:
        context = post_context(shown) | context
    return render(request, "blog/post.html", context | {"is_preview": True})


@staff_only
@require_POST
def page_preview(request: HttpRequest) -> HttpResponse:
    page = Page.objects.filter(pk=_owner_id(request)).first() or Page()
    form = PageForm(request.POST, instance=page)
    form.is_valid()
    shown = as_if_published(page, {field: form.cleaned_data.get(field, "") for field in Page.WORKING_FIELDS})
    return render(request, "blog/page.html", page_context(shown) | {"is_preview": True})


@staff_only
@require_safe
def author_list(request: HttpRequest) -> HttpResponse:
    return render(request, "blog/desk_authors.html", {"authors": Author.objects.all()})


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def author_edit(request: HttpRequest, author_id: int | None = None) -> HttpResponse:
    author = get_object_or_404(Author, pk=author_id) if author_id else Author()
    form = AuthorForm(request.POST or None, instance=author)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("staff:author_list")
    return render(request, "blog/desk_author.html", {"form": form, "author": author})
