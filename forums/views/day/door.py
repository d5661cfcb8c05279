"""The door: who has arrived, who comes in, by list, by QR, or without having registered."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.db.models import FETCH_RAISE, Case, IntegerField, QuerySet, Value, When
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.event.editing import count_checked_in
from forums.forms.registration import WalkInForm
from forums.models import Forum, ParticipantKind, Registration
from forums.registration import check_in
from forums.registration.check_in import ArrivalRefused
from forums.registration.day_team import door_closes_at
from forums.views.day.day_access import day_team_or_staff_only, get_forum_or_404, get_helper
from pole.refusals import Refusal, refusal_shown
from pole.text import plaintext

# A screenful on a phone; typing three letters shows everyone of that name.
MAX_PEOPLE_SHOWN = 40
State = Registration.State


def get_person_or_404(forum: Forum, key: uuid.UUID) -> Registration:
    return get_object_or_404(Registration.objects.select_related("forum"), forum=forum, key=key)


def door_list(forum: Forum, words: str) -> QuerySet[Registration]:
    """Whom the list shows: those who are awaited first, then those who are in; by name.

    Every word is looked for in the name and the organisation, whatever the accents. No address is
    read: the day team sees none. Cancelled ones show only when they are looked for.
    """
    rows = Registration.objects.filter(forum=forum).search(words, "name", "organisation")
    rows = rows.defer("email", "access_needs", "consent_wording")
    if not words:
        rows = rows.exclude(state__in=[State.CANCELLED, State.PENDING])
    order = Case(
        When(checked_in_at__isnull=False, then=Value(1)),
        When(state=State.CONFIRMED, then=Value(0)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return rows.order_by(order, Lower("name"), "pk").fetch_mode(FETCH_RAISE)


def arrival_counts(forum: Forum) -> dict[str, object]:
    """How many are in, of how many awaited, and of which kinds. Two queries."""
    kinds = count_checked_in(forum)
    expected = Registration.objects.filter(forum=forum).confirmed().count()
    labels = dict(ParticipantKind.choices)
    return {
        "arrived": sum(kinds.values()),
        "expected": expected,
        "kinds": [(str(labels[kind]), count) for kind, count in kinds.items()],
    }


@day_team_or_staff_only
@require_safe
def door(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_forum_or_404(slug)
    words = plaintext.clean_line(request.GET.get("q", ""))[:80]
    found = list(door_list(forum, words)[: MAX_PEOPLE_SHOWN + 1])
    context = {
        "forum": forum,
        "helper": get_helper(request),
        "words": words,
        "people": found[:MAX_PEOPLE_SHOWN],
        "has_more": len(found) > MAX_PEOPLE_SHOWN,
        "is_over": bool(forum.cancelled_at) or timezone.now() >= door_closes_at(forum),
        **arrival_counts(forum),
    }
    return render(request, "forums/door.html", context)


@day_team_or_staff_only
@require_safe
def door_counts(request: HttpRequest, slug: str) -> HttpResponse:
    """The figures alone, for the page that is open at the door."""
    return JsonResponse(arrival_counts(get_forum_or_404(slug)))


@day_team_or_staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def door_person(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """What a person's QR opens: who it is, and one button. GET changes nothing."""
    forum = get_forum_or_404(slug)
    person = get_person_or_404(forum, key)
    written, error = plaintext.clean_line(request.POST.get("carton", ""))[:200], ""
    if request.method == "POST":
        try:
            person = check_in.check_in(registration=person, now=timezone.now(), slip=written)
        except ArrivalRefused as refusal:
            messages.error(request, refusal.message)
            return redirect("staff:door_person", slug, key)
        except Refusal as refusal:
            error = refusal.message
        else:
            messages.success(request, _("%(name)s has arrived.") % {"name": person.name})
            return redirect("staff:door", slug)
    context = {
        "forum": forum,
        "helper": get_helper(request),
        "person": person,
        "written": written,
        "error": error,
        "slip": person.slips.filter(voided_at=None).first(),
        "has_slips": forum.slips.exists(),
        "is_over": bool(forum.cancelled_at) or timezone.now() >= door_closes_at(forum),
    }
    return render(request, "forums/door_person.html", context, status=422 if error else 200)


@day_team_or_staff_only
@require_POST
def door_undo(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    person = get_person_or_404(get_forum_or_404(slug), key)
    with refusal_shown(request, _("%(name)s is awaited again.") % {"name": person.name}):
        check_in.undo_check_in(registration=person, now=timezone.now())
    return redirect("staff:door_person", slug, key)


@day_team_or_staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def door_walk_in(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_forum_or_404(slug)
    form = WalkInForm(request.POST or None, initial={"name": request.GET.get("q", "")[:80]})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            person = check_in.walk_in(
                forum=forum,
                email=data["email"],
                details=form.details(),
                idempotency_key=data["key"],
                now=timezone.now(),
                slip=data["carton"],
            )
        except Refusal as refusal:
            form.add_error(None if isinstance(refusal, ArrivalRefused) else "carton", refusal.message)
        else:
            messages.success(request, _("%(name)s has arrived.") % {"name": person.name})
            return redirect("staff:door", slug)
    if not forum.slips.exists():
        del form.fields["carton"]
    context = {"forum": forum, "helper": get_helper(request), "form": form}
    return render(request, "forums/door_walk_in.html", context, status=422 if form.is_bound else 200)
