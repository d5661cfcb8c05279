"""The writing desk: posts, pages and authors, for the hub's team."""

from __future__ import annotations

from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from blog import editing, model_pages
from blog.forms import AuthorForm, PageForm, PostForm, WorkingCopyForm
from blog.models import Author, Page, Post, Tag
from blog.reading.metadata import shared_description
from blog.views.public import page_context, post_context
from desk import editor_responses, trash, workflow
from desk.models import Document, Picture
from desk.publishing import EditConflict, as_if_published
from pole.access import role_required
from pole.files.kept_uploads import files_of
from pole.forms import with_changed_value
from pole.text.bilingual import LocalizedHtml
from pole.views.paging import page_of

AUTHORS_A_PAGE = 50

FORMS: dict[type[Post | Page], type[WorkingCopyForm]] = {Post: PostForm, Page: PageForm}


def _post_or_404(post_id: int | None) -> Post:
    """With what its form shows; without a key, a new one."""
    found = Post.objects.select_related("draft", "thread", "lead_picture")
    return get_object_or_404(found, pk=post_id) if post_id else Post()


def _page_or_404(page_id: int | None) -> Page:
    return get_object_or_404(Page.objects.select_related("draft"), pk=page_id) if page_id else Page()


@role_required("editorial")
@require_http_methods(["GET", "HEAD", "POST"])
def post_edit(request: HttpRequest, post_id: int | None = None) -> HttpResponse:
    return _edit(request, _post_or_404(post_id))


@role_required("editorial")
@require_http_methods(["GET", "HEAD", "POST"])
def page_edit(request: HttpRequest, page_id: int | None = None) -> HttpResponse:
    return _edit(request, _page_or_404(page_id))


@role_required("editorial")
@require_POST
def post_autosave(request: HttpRequest, post_id: int | None = None) -> HttpResponse:
    return _autosave(request, _post_or_404(post_id))


@role_required("editorial")
@require_POST
def page_autosave(request: HttpRequest, page_id: int | None = None) -> HttpResponse:
    return _autosave(request, _page_or_404(page_id))


def _autosave(request: HttpRequest, owner: Post | Page) -> HttpResponse:
    """Saves the valid fields of what is being typed; the answer lists the others."""
    form = FORMS[type(owner)](request.POST, instance=owner)
    form.is_valid()
    try:
        saved = editing.autosave(
            owner=owner,
            content=form.working_copy(),
            seen_version=form.cleaned_data.get("seen_version") or 0,
            by=request.user,  # type: ignore[arg-type]  # staff_only
            writing_key=editor_responses.read_writing_key(request),
        )
    except EditConflict as error:
        return editor_responses.conflict_response(request, error)
    written = {*type(owner).WORKING_FIELDS, "lead_picture"}
    left_out = {name: errors for name, errors in form.errors.items() if name in written}
    # An empty title will be asked for when the text is saved.
    left_out = {name: errors for name, errors in left_out.items() if form.data.get(name, "").strip()}
    autosave_url = reverse(f"staff:{saved._meta.model_name}_autosave", args=[saved.pk])
    return editor_responses.saved_response(request, saved, autosave_url=autosave_url, left_out=left_out)


def _edit(request: HttpRequest, owner: Post | Page) -> HttpResponse:
    """The editor: saves, publishes, schedules, unpublishes or archives; a conflict shows both texts."""
    # A copy: the page says where the text is, not what was typed and refused.
    form = FORMS[type(owner)](request.POST or None, files_of(request), instance=copy(owner))
    form.initial["publish_at"] = workflow.wished_date(request) or form.initial.get("publish_at")
    conflict = None
    if request.method == "POST" and form.is_valid():
        cleaned, content = form.cleaned_data, form.working_copy()
        key = editor_responses.read_writing_key(request)

        def save() -> Post | Page:
            return editing.save_text(
                text=owner, cleaned=cleaned, content=content, by=request.user, writing_key=key  # type: ignore[arg-type]  # staff_only
            )  # fmt: skip

        try:
            saved = workflow.save_and_apply(request, save, at=cleaned["publish_at"])
        except EditConflict as error:
            conflict = _conflict_context(form, error)
        else:
            return redirect(workflow.address_after(request, saved, at=cleaned["publish_at"]))
    context = _editor_context(owner) | {"form": form, "conflict": conflict}
    return render(request, "blog/desk_edit.html", context, status=409 if conflict else 200)


def _editor_context(owner: Post | Page) -> dict[str, Any]:
    now = timezone.now()
    autosave = f"staff:{owner._meta.model_name}_autosave"
    content = owner.draft.content if owner.pk else {}
    picture = Picture.objects.filter(pk=content.get("lead_picture") or 0).first()
    return {
        "owner": owner,
        "title": content.get("title", ""),
        "shared_description": shared_description(content),
        "is_described": bool(str(content.get("summary" if isinstance(owner, Post) else "body", "")).strip()),
        "shared_kicker": owner.kind_label if isinstance(owner, Post) else "",
        "is_post": isinstance(owner, Post),
        "is_expected": isinstance(owner, Page) and owner.slug in model_pages.SLUGS,
        "autosave_url": reverse(autosave, args=[owner.pk]) if owner.pk else reverse(f"{autosave}_new"),
        "problems": workflow.problems_of(owner, content),
        "menu_entries": workflow.menu_entries(owner) if owner.pk else [],
        "lead_picture": picture,
        "is_public": owner.pk and owner.is_public(now),
        "is_scheduled": owner.pk and owner.is_scheduled(now),
        "is_archived": owner.pk and owner.draft.archived_at,
        "trashed_until": owner.pk and owner.draft.trashed_at and owner.draft.trashed_at + trash.KEPT_FOR,
    }


def _conflict_context(form: WorkingCopyForm, error: EditConflict) -> dict[str, Any]:
    """What was typed stays in the form, now based on the stored version, which is shown beside it."""
    form.data = with_changed_value(form.data, "seen_version", str(error.stored.version))
    stored = error.stored
    texts = [
        (form.fields[field].label, LocalizedHtml(text, "") if field.startswith("body") else text)
        for field, text in stored.content.items()
        if text and field in form.fields
    ]
    return {"texts": texts, "saved_by": stored.saved_by, "saved_at": stored.saved_at}


def _previewed_id(request: HttpRequest) -> int:
    """The id of the text being previewed; 0, which no row has, for a new one."""
    typed = request.POST.get("owner", "")
    return int(typed) if typed.isdecimal() and len(typed) < 18 else 0


@role_required("editorial")
@require_POST
def post_preview(request: HttpRequest) -> HttpResponse:
    """The typed text in the real page, without saving anything."""
    post = Post.objects.select_related("thread", "draft").filter(pk=_previewed_id(request)).first() or Post()
    form = PostForm(request.POST, instance=post)
    form.is_valid()
    post.language = form.cleaned_data.get("language", Post.Language.FRENCH)
    post.published_at = form.cleaned_data.get("publish_at") or post.published_at or timezone.now()
    return preview_of_post(request, post, form.working_copy())


def preview_of_post(request: HttpRequest, post: Post, content: dict[str, Any]) -> HttpResponse:
    """A working copy in the page that visitors will read, with what it refers to."""
    shown = as_if_published(post, content)
    shown.lead_picture = Picture.objects.filter(pk=content.get("lead_picture") or 0).first()
    authors = Author.objects.select_related("portrait").in_bulk(content.get("authors", []))
    context = post_context(shown) if post.pk else {"post": shown}
    context |= {
        "authors": [authors[key] for key in content.get("authors", []) if key in authors],
        "tags": list(Tag.objects.filter(pk__in=content.get("tags", []))),
        "documents": list(Document.objects.filter(pk__in=content.get("documents", []))),
        "is_preview": True,
    }
    return render(request, "blog/post.html", context)


@role_required("editorial")
@require_POST
def page_preview(request: HttpRequest) -> HttpResponse:
    page = Page.objects.select_related("draft").filter(pk=_previewed_id(request)).first() or Page()
    form = PageForm(request.POST, instance=page)
    form.is_valid()
    return preview_of_page(request, page, form.working_copy())


def preview_of_page(request: HttpRequest, page: Page, content: dict[str, Any]) -> HttpResponse:
    shown = as_if_published(page, content)
    return render(request, "blog/page.html", page_context(request, shown) | {"is_preview": True})


@role_required("editorial")
@require_safe
def author_list(request: HttpRequest) -> HttpResponse:
    page = page_of(Author.objects.order_by("name", "pk"), AUTHORS_A_PAGE, request.GET.get("page"))
    return render(request, "blog/desk_authors.html", {"page": page})


@role_required("editorial")
@require_http_methods(["GET", "HEAD", "POST"])
def author_edit(request: HttpRequest, author_id: int | None = None) -> HttpResponse:
    author = get_object_or_404(Author, pk=author_id) if author_id else Author()
    is_sent = request.method == "POST"
    form = AuthorForm(request.POST if is_sent else None, files_of(request), instance=author)
    if is_sent and form.is_valid():
        editing.save_author(form=form, by=signed_in_user(request))
        messages.success(request, _("The signature is saved."))
        return redirect("staff:author_list")
    context = {"form": form, "author": author}
    return render(request, "blog/desk_author.html", context, status=422 if form.errors else 200)
