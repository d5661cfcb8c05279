"""The staff console of forums: prepare, announce, take back, cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from forums.event import editing
from forums.event.checklist import build_checklist
from forums.forms.event import EventForms, save_typed_event
from forums.forms.notices import AnnounceForm, DuplicateForm
from forums.models import Forum, Round
from pole.access import role_required
from pole.refusals import Refusal, refusal_shown, say
from pole.server.staff_lists import keeps_filters
from pole.templatetags.typography import day_time, long_date
from pole.text.matching import matching_text, typed_text
from pole.text.typography import one_stop
from pole.views.paging import page_of

FORUMS_A_PAGE = 30


@role_required("forums")
@require_safe
@keeps_filters
def forum_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    decisive = Round.objects.open_at(now).filter(is_trial=False, forum=OuterRef("pk"))
    forums = Forum.objects.of_team().for_lists().annotate(is_voting=Exists(decisive))
    words = typed_text(request.GET.get("q", ""))
    forums = matching_text(forums, words, "title", "title_en", "municipality__name")
    page = page_of(forums, FORUMS_A_PAGE, request.GET.get("page"))
    return render(request, "forums/console_list.html", {"page": page, "now": now, "words": words})


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def forum_new(request: HttpRequest) -> HttpResponse:
    forms = EventForms(Forum(), request.POST or None)
    if request.method == "POST" and forms.is_valid() and forms.save(by=signed_in_user(request)):
        messages.success(request, _("Saved. Visitors will see this forum once you announce it."))
        return redirect("staff:forum_edit", forms.event.instance.slug)
    return render(request, "forums/console_edit.html", {"forms": forms})


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def forum_edit(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_object_or_404(Forum, slug=slug)
    if request.method == "POST":
        forms = save_typed_event(
            forum_id=forum.pk, data=request.POST, now=timezone.now(), by=signed_in_user(request)
        )
        if forms.is_valid():
            messages.success(request, _("The forum is up to date."))
            return redirect("staff:forum_edit", forms.event.instance.slug)
    else:
        forms = EventForms(forum)
    return show_editing(request, forum, forms=forms, status=409 if forms.is_conflict else 200)


def show_editing(
    request: HttpRequest,
    forum: Forum,
    *,
    forms: EventForms | None = None,
    announce_form: AnnounceForm | None = None,
    duplicate_form: DuplicateForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page that edits a forum, also with the one of its forms that was refused."""
    stored = Forum.objects.for_page().get(pk=forum.pk)
    now = timezone.now()
    context = {
        "forms": forms or EventForms(forum),
        "forum": stored,
        "stage": stored.stage_at(now),
        "is_scheduled": stored.announced_at is not None and stored.announced_at > now,
        "announce_form": announce_form or AnnounceForm(),
        "duplicate_form": duplicate_form or DuplicateForm(),
        "checklist": build_checklist(stored, now),
        "is_over": now >= stored.ends_at,
    }
    return render(request, "forums/console_edit.html", context, status=status)


@role_required("forums")
@require_POST
def forum_announce(request: HttpRequest, slug: str) -> HttpResponse:
    """Now, or at the moment given."""
    forum = get_object_or_404(Forum, slug=slug)
    form = AnnounceForm(request.POST)
    if not form.is_valid():
        return show_editing(request, forum, announce_form=form, status=422)
    now = timezone.now()
    at = form.cleaned_data["at"] or now
    try:
        editing.announce(forum=forum, at=at, by=signed_in_user(request))
    except Refusal as refusal:
        say(request, messages.ERROR, refusal.message, at="annonce")
        return _redirect_to_announcement(slug)
    if at > now:
        when = {"day": long_date(at), "time": day_time(at)}
        said = _("Scheduled: visitors will see this forum on %(day)s at %(time)s.") % when
        say(request, messages.SUCCESS, one_stop(said), at="annonce")
    else:
        say(request, messages.SUCCESS, _("Announced. Visitors read it now."), at="annonce")
    _report_registration(request, forum, now)
    return _redirect_to_announcement(slug)


def _redirect_to_announcement(slug: str) -> HttpResponse:
    return redirect(f"{reverse('staff:forum_edit', args=[slug])}#annonce")


def _report_registration(request: HttpRequest, forum: Forum, now: datetime) -> None:
    """What announcing leaves to do: a forum without dates of registration looks announced, and takes nobody."""
    opens, closes = forum.registration_opens_at, forum.registration_closes_at
    if now >= forum.starts_at:
        return
    if opens is None:
        level = messages.WARNING
        said = _("No date opens registration: nobody can register. Give one under “Registration”, then save.")
    elif closes and closes <= now:
        level, said = messages.WARNING, _("Nobody can register: the time to do so is over.")
    elif opens > now:
        when = {"day": long_date(opens), "time": day_time(opens)}
        level = messages.INFO
        said = one_stop(_("Next: registration opens by itself on %(day)s at %(time)s.") % when)
    else:
        level, said = messages.INFO, _("Next: registrations come in on the page “Registrations”.")
    say(request, level, said, at="annonce")


def _apply_change(
    request: HttpRequest, slug: str, change: Callable[[Forum], None], message: str
) -> HttpResponse:
    with refusal_shown(request, message, at="annonce"):
        change(get_object_or_404(Forum, slug=slug))
    return _redirect_to_announcement(slug)


@role_required("forums")
@require_POST
def forum_withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    message = _("Taken back: visitors no longer see this forum nor its results. Nothing is lost.")
    return _apply_change(
        request, slug, lambda forum: editing.withdraw(forum=forum, by=signed_in_user(request)), message
    )


@role_required("forums")
@require_POST
def forum_cancel(request: HttpRequest, slug: str) -> HttpResponse:
    message = _("Cancelled: the page of the forum says so, and everyone registered is told by mail.")
    by = signed_in_user(request)
    return _apply_change(
        request, slug, lambda forum: editing.cancel(forum=forum, now=timezone.now(), by=by), message
    )


@role_required("forums")
@require_POST
def forum_restore(request: HttpRequest, slug: str) -> HttpResponse:
    message = _("The forum is no longer cancelled.")
    by = signed_in_user(request)
    return _apply_change(
        request, slug, lambda forum: editing.restore(forum=forum, now=timezone.now(), by=by), message
    )
