"""The lists of the writing desk: posts, what is done with several of them at once, and pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.rules import signed_in_user
from accounts.views.returning import next_address
from blog.models import Author, Page, Post, PostQuerySet
from blog.offered import offer, typed_keys
from blog.original import MAX_FOUND, address_of, originals
from blog.together import Done, Together, do_together
from desk.trash import KEPT_FOR
from pole.access import role_required
from pole.forms import SingleLineField
from pole.refusals import say
from pole.server.staff_lists import keeps_filters
from pole.text.matching import matching_text, typed_text
from pole.views.paging import page_of

POSTS_A_PAGE = 30
PAGES_A_PAGE = 50
AT = "resultats"

# The lists of the desk by the word in their address, and what each holds at `now`.
STATES: dict[str, Callable[[PostQuerySet, datetime], PostQuerySet]] = {
    "": lambda posts, _now: posts.archived(is_archived=False),
    "brouillons": lambda posts, _now: posts.drafts(),
    "planifies": lambda posts, now: posts.scheduled(now),
    "publies": lambda posts, now: posts.published(now),
    "archives": lambda posts, _now: posts.archived(),
    "corbeille": lambda posts, _now: posts.in_trash(),
}
ACTIONS = {
    Together.PUBLISH: gettext_lazy("Publish"),
    Together.UNPUBLISH: gettext_lazy("Unpublish"),
    Together.TAG: gettext_lazy("Add a tag"),
    Together.ARCHIVE: pgettext_lazy("verb", "Archive"),
    Together.TRASH: gettext_lazy("Put in the trash"),
}
MOST_KEYS = 200


class PostFilter(forms.Form):
    """What narrows the list; a value that nothing has narrows nothing."""

    genre = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    signature = forms.ModelChoiceField(
        Author.objects.all(),
        label=gettext_lazy("Signed by"),
        required=False,
        empty_label=gettext_lazy("Everyone"),
    )
    langue = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        any_of = [("", _("Everything"))]
        self.fields["genre"].choices = [*any_of, *Post.Kind.choices]  # type: ignore[attr-defined]  # ChoiceField
        self.fields["langue"].choices = [*any_of, *Post.Language.choices]  # type: ignore[attr-defined]  # ChoiceField
        # The page of any other signature leads to its posts.
        signature = cast("forms.ModelChoiceField[Author]", self.fields["signature"])
        offer(signature, typed_keys(self.data, "signature"))
        signature.choices = [
            ("", str(signature.empty_label)),
            *cast("list[tuple[Any, Any]]", signature.choices),
        ]

    def narrow(self, posts: PostQuerySet) -> PostQuerySet:
        """By what is on the desk: who signs and which kind may not be published yet."""
        self.is_valid()
        chosen = self.cleaned_data
        if kind := chosen.get("genre"):
            posts = posts.alias(desk_kind=KeyTextTransform("kind", "draft__content"))
            posts = posts.filter(models.Q(desk_kind=kind) | models.Q(desk_kind__isnull=True, kind=kind))
        if language := chosen.get("langue"):
            posts = posts.filter(language=language)
        if author := chosen.get("signature"):
            posts = posts.filter(
                models.Q(draft__content__authors__contains=[author.pk])
                | models.Q(draft__content__authors__isnull=True, bylines__author=author)
            )
        return posts


class TogetherForm(forms.Form):
    action = forms.ChoiceField(
        choices=[(each.value, each.value) for each in Together],
        error_messages={"required": gettext_lazy("Choose what to do with them.")},
    )
    textes = forms.TypedMultipleChoiceField(
        coerce=int, error_messages={"required": gettext_lazy("Tick the texts that it is about.")}
    )
    tag = SingleLineField(required=False, max_length=60)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        keys = [key for key in data.getlist("textes")[:MOST_KEYS] if key.isdecimal() and len(key) < 18]
        self.fields["textes"].choices = [(key, key) for key in keys]  # type: ignore[attr-defined]  # TypedMultipleChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("action") == Together.TAG and not cleaned.get("tag"):
            self.add_error("tag", _("Write the tag to add."))
        return cleaned


@role_required("editorial")
@require_safe
@keeps_filters
def post_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    state = request.GET.get("etat", "")
    state = state if state in STATES else ""
    asked = PostFilter(request.GET)
    posts = Post.objects.select_related("draft").defer("body", "document").order_by("-draft__saved_at", "-pk")
    words = typed_text(request.GET.get("q", ""))
    posts = matching_text(posts, words, KeyTextTransform("title", "draft__content"))
    posts = asked.narrow(STATES[state](posts.fetch_mode(models.FETCH_RAISE), now))
    page = page_of(posts, POSTS_A_PAGE, request.GET.get("page"))
    rows = [
        (post, post.is_scheduled(now), post.draft.trashed_at and post.draft.trashed_at + KEPT_FOR)
        for post in page
    ]
    context = {
        "page": page, "rows": rows, "state": state, "words": words, "filter": asked,
        "is_filtered": any(asked.cleaned_data.values()),
        "actions": {Together.TAKE_BACK: _("Take out of the trash")} if state == "corbeille" else ACTIONS,
    }  # fmt: skip
    return render(request, "blog/desk_posts.html", context)


@role_required("editorial")
@require_POST
def posts_together(request: HttpRequest) -> HttpResponse:
    """Publishes, hides, tags, archives, throws away or takes back the posts that are ticked."""
    form = TogetherForm(request.POST)
    back = next_address(request, reverse("staff:post_list")).partition("#")[0]
    if form.is_valid():
        action, tag = Together(form.cleaned_data["action"]), form.cleaned_data["tag"]
        by = signed_in_user(request)
        done = do_together(action, form.cleaned_data["textes"], tag=tag, by=by, now=timezone.now())
        _say_done(request, action, done)
    else:
        for errors in form.errors.values():
            say(request, messages.ERROR, str(errors[0]), at=AT)
    return redirect(f"{back}#{AT}")


@role_required("editorial")
@require_safe
def post_originals(request: HttpRequest) -> JsonResponse:
    """Those that a translation may be of, by the words `q` of their title; not `sauf`, the text itself."""
    but = request.GET.get("sauf", "")
    words = typed_text(request.GET.get("q", ""))
    found = originals(words, but=int(but) if but.isdecimal() and len(but) < 18 else None)[:MAX_FOUND]
    return JsonResponse({"posts": [{"address": address_of(post), "title": post.title} for post in found]})


def _say_done(request: HttpRequest, action: Together, done: Done) -> None:
    if done.count:
        say(request, messages.SUCCESS, _what_was_done(action, done.count) % {"count": done.count}, at=AT)
    if done.left:
        why = {
            Together.PUBLISH: _("Not published, there is something to look at first: %(titles)s"),
        }.get(action, _("Left as they are, the menus lead there: %(titles)s"))
        say(request, messages.WARNING, why % {"titles": " · ".join(done.left)}, at=AT)


def _what_was_done(action: Together, count: int) -> str:
    match action:
        case Together.PUBLISH:
            return ngettext("%(count)d post is published.", "%(count)d posts are published.", count)
        case Together.UNPUBLISH:
            return ngettext("%(count)d post is hidden.", "%(count)d posts are hidden.", count)
        case Together.ARCHIVE:
            return ngettext("%(count)d post is archived.", "%(count)d posts are archived.", count)
        case Together.TAG:
            return ngettext("%(count)d post has this tag.", "%(count)d posts have this tag.", count)
        case Together.TRASH:
            return ngettext(
                "%(count)d post is in the trash, for thirty days.",
                "%(count)d posts are in the trash, for thirty days.",
                count,
            )
        case Together.TAKE_BACK:
            return ngettext(
                "%(count)d post is back among the drafts.",
                "%(count)d posts are back among the drafts.",
                count,
            )


@role_required("editorial")
@require_safe
def page_list(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("etat", "")
    pages = Page.objects.select_related("draft")
    shown = pages.in_trash() if state == "corbeille" else pages.archived(is_archived=state == "archives")
    page = page_of(
        shown.order_by("position", "title", "pk").defer("body", "body_en"),
        PAGES_A_PAGE,
        request.GET.get("page"),
    )
    return render(request, "blog/desk_pages.html", {"page": page, "state": state})
