"""The staff console of activities: prepare, announce, take back, cancel."""

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
from forums.agenda.kinds import KIND_OF_WORD, KINDS
from forums.event import editing
from forums.event.checklist import build_checklist
from forums.event.kinds import offered_kinds, traits_of
from forums.forms.event_page import EventForms, save_typed_event
from forums.forms.notices import AnnounceForm, DuplicateForm
from forums.forms.sessions import with_session_a_week_later
from forums.models import Forum, Kind, Round
from pole.access import role_required
from pole.refusals import Refusal, refusal_shown, say
from pole.server.staff_lists import keeps_filters
from pole.templatetags.typography import day_time, long_date
from pole.text.matching import matching_text, typed_text
from pole.text.typography import one_stop
from pole.views.paging import page_of

FORUMS_A_PAGE = 30
# The button of the form that adds a line to it.
ADDS_SESSION = "add_session"


@role_required("forums")
@require_safe
@keeps_filters
def forum_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    decisive = Round.objects.open_at(now).filter(is_trial=False, forum=OuterRef("pk"))
    forums = Forum.objects.of_team().for_lists().annotate(is_voting=Exists(decisive))
    kind = KIND_OF_WORD.get(request.GET.get("genre", ""))
    if kind:
        forums = forums.filter(kind=kind)
    words = typed_text(request.GET.get("q", ""))
    forums = matching_text(forums, words, "title", "title_en", "municipality__name")
    context = {
        "page": page_of(forums, FORUMS_A_PAGE, request.GET.get("page")),
        "now": now,
        "words": words,
        "kind": kind,
        "kinds": KINDS.items(),
        "kept": [("genre", KINDS[kind].word)] if kind else [],
    }
    return render(request, "forums/console_list.html", context)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def forum_new(request: HttpRequest) -> HttpResponse:
    """The kinds to choose from; of one, `?genre=`, the form."""
    kind = KIND_OF_WORD.get(request.GET.get("genre", ""))
    if kind is None and request.method != "POST":
        return render(request, "forums/console_kinds.html", {"kinds": offered_kinds()})
    forum = Forum(kind=kind or Kind.FORUM)
    publishes = "publish" in request.POST
    if ADDS_SESSION in request.POST:
        return _show_new(request, _with_one_more_session(forum, request), status=200)
    forms = EventForms(forum, request.POST or None, publishes=publishes)
    if request.method == "POST" and forms.is_valid() and forms.save(by=signed_in_user(request)):
        saved = forms.event.instance
        if publishes:
            return _say_announced(request, saved, timezone.now())
        messages.success(request, _("Saved. Visitors will see it once you publish it."))
        return redirect("staff:forum_edit", saved.slug)
    return _show_new(request, forms, status=422 if request.method == "POST" else 200)


def _show_new(request: HttpRequest, forms: EventForms, *, status: int) -> HttpResponse:
    context = {"forms": forms, "new_kind": Kind(forms.forum.kind)}
    return render(request, "forums/console_edit.html", context, status=status)


def _with_one_more_session(forum: Forum, request: HttpRequest) -> EventForms:
    """What was typed, to be gone on with: nothing is saved."""
    forms = EventForms(forum, with_session_a_week_later(request.POST))
    forms.forgive()
    return forms


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def forum_edit(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_object_or_404(Forum, slug=slug)
    if request.method != "POST":
        return show_editing(request, forum)
    if ADDS_SESSION in request.POST:
        return show_editing(request, forum, forms=_with_one_more_session(forum, request))
    now, publishes = timezone.now(), "publish" in request.POST
    forms = save_typed_event(
        forum_id=forum.pk, data=request.POST, now=now, publishes=publishes, by=signed_in_user(request)
    )
    if not forms.is_valid():
        return show_editing(request, forum, forms=forms, status=409 if forms.is_conflict else 422)
    saved = forms.event.instance
    if publishes:
        return _say_announced(request, saved, now)
    messages.success(request, _("It is up to date."))
    return redirect("staff:forum_edit", saved.slug)


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
        "traits": traits_of(stored),
        "sessions": stored.sessions.all(),
        "now": now,
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
    return _say_announced(request, forum, now, at=at)


def _say_announced(
    request: HttpRequest, forum: Forum, now: datetime, *, at: datetime | None = None
) -> HttpResponse:
    if at and at > now:
        when = {"day": long_date(at), "time": day_time(at)}
        said = _("Scheduled: visitors will see it on %(day)s at %(time)s.") % when
        say(request, messages.SUCCESS, one_stop(said), at="annonce")
    else:
        say(request, messages.SUCCESS, _("Announced. Visitors read it now."), at="annonce")
    _report_registration(request, forum, now)
    return _redirect_to_announcement(forum.slug)


def _redirect_to_announcement(slug: str) -> HttpResponse:
    return redirect(f"{reverse('staff:forum_edit', args=[slug])}#annonce")


def _report_registration(request: HttpRequest, forum: Forum, now: datetime) -> None:
    """What announcing leaves to do: an activity without dates of registration looks announced, and takes nobody."""
    opens, closes = forum.registration_opens_at, forum.registration_closes_at
    if now >= forum.starts_at or forum.registration_link or (forum.kind == Kind.OPEN_DAY and opens is None):
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
    message = _("Taken back: visitors no longer see it, nor its results. Nothing is lost.")
    return _apply_change(
        request, slug, lambda forum: editing.withdraw(forum=forum, by=signed_in_user(request)), message
    )


@role_required("forums")
@require_POST
def forum_cancel(request: HttpRequest, slug: str) -> HttpResponse:
    message = _("Cancelled: its page says so, and everyone registered is told by mail.")
    by = signed_in_user(request)
    return _apply_change(
        request, slug, lambda forum: editing.cancel(forum=forum, now=timezone.now(), by=by), message
    )


@role_required("forums")
@require_POST
def forum_restore(request: HttpRequest, slug: str) -> HttpResponse:
    message = _("It is no longer cancelled.")
    by = signed_in_user(request)
    return _apply_change(
        request, slug, lambda forum: editing.restore(forum=forum, now=timezone.now(), by=by), message
    )
