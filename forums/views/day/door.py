"""The door: who has arrived, who comes in, by list, by QR, or without having registered."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import (
    FETCH_RAISE,
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.event.editing import count_checked_in
from forums.forms.registration import WalkInForm
from forums.models import Forum, ParticipantKind, Registration, Session, SessionAttendance, Slip
from forums.registration import check_in
from forums.registration.check_in import ArrivalRefused
from forums.registration.sessions import is_awaited
from forums.registration.shared_addresses import SOMEONE_ELSE, AddressKnown
from forums.views.day.day_access import (
    Helper,
    day_team_or_staff_only,
    get_forum_or_404,
    get_helper,
    helper_name,
)
from forums.views.day.session_day import arrival_of, session_day
from forums.vote.refusals import VoteSuspended
from forums.vote.roll import is_kept_off_a_roll
from forums.vote.slips import SlipHeld
from pole.refusals import Refusal, refusal_shown
from pole.templatetags.typography import day_time
from pole.text import plaintext
from pole.text.matching import first_found, matching_text, typed_text
from pole.text.typography import one_stop

# A screenful on a phone; typing three letters shows everyone of that name.
MAX_PEOPLE_SHOWN = 40
State = Registration.State


def get_person_or_404(forum: Forum, key: uuid.UUID) -> Registration:
    return get_object_or_404(Registration.objects.select_related("forum"), forum=forum, key=key)


def door_list(forum: Forum, words: str, session: Session | None = None) -> QuerySet[Registration]:
    """Whom the list shows: those who are awaited first, then those who are in; by name.

    Every word is looked for in the name and the organisation, whatever the accents. No address is
    read: the day team sees none. Those who are cancelled, or who come to other sessions, show only when they are
    looked for. Each has `arrived_at`, and `is_awaited_here` is false of who chose other sessions.
    """
    rows = matching_text(Registration.objects.filter(forum=forum), words, "name", "organisation")
    rows = rows.defer("email", "access_needs", "consent_wording")
    slips = Slip.objects.filter(voided_at=None)
    holds_slip = Exists(slips.filter(registration=OuterRef("pk")))
    # Only where slips were printed.
    rows = rows.annotate(
        arrived_at=_arrival(session),
        is_awaited_here=is_awaited(forum, session),
        lacks_slip=Q(arrived_at__isnull=False) & Exists(Slip.objects.filter(forum=forum)) & ~holds_slip,
    )
    if not words:
        rows = rows.exclude(state__in=[State.CANCELLED, State.PENDING])
        rows = rows.filter(is_awaited(forum, session))
    order = Case(
        When(arrived_at__isnull=False, then=Value(1)),
        When(state=State.CONFIRMED, then=Value(0)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return rows.order_by(order, Lower("name"), "pk").fetch_mode(FETCH_RAISE)


def _arrival(session: Session | None) -> Combinable:
    """When the person arrived: at the session, where there are some."""
    if session is None:
        return F("checked_in_at")
    came = SessionAttendance.objects.filter(registration=OuterRef("pk"), session=session)
    return Subquery(came.values("checked_in_at")[:1])


def arrival_counts(forum: Forum, session: Session | None = None) -> dict[str, object]:
    """How many are in, of how many awaited, and of which kinds. Two queries."""
    kinds = count_checked_in(forum, session)
    confirmed = Registration.objects.filter(forum=forum).confirmed()
    labels = dict(ParticipantKind.choices)
    return {
        "arrived": sum(kinds.values()),
        "expected": confirmed.filter(is_awaited(forum, session)).count(),
        "kinds": [(str(labels[kind]), count) for kind, count in kinds.items()],
    }


@day_team_or_staff_only
@require_safe
def door(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_forum_or_404(slug)
    words = typed_text(request.GET.get("q", ""))
    day = session_day(request, forum, timezone.now())
    context = {
        "forum": forum,
        "helper": get_helper(request),
        "words": words,
        "day": day,
        **first_found(door_list(forum, words, day.session), MAX_PEOPLE_SHOWN),
        **arrival_counts(forum, day.session),
    }
    return render(request, "forums/door.html", context)


@day_team_or_staff_only
@require_safe
def door_counts(request: HttpRequest, slug: str) -> HttpResponse:
    """The figures alone, for the page that is open at the door."""
    forum = get_forum_or_404(slug)
    return JsonResponse(arrival_counts(forum, session_day(request, forum, timezone.now()).session))


@day_team_or_staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def door_person(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    """What a person's QR opens: who it is, and one button. GET changes nothing."""
    forum = get_forum_or_404(slug)
    person = get_person_or_404(forum, key)
    written, error = plaintext.clean_line(request.POST.get("carton", ""))[:200], ""
    helper, now = get_helper(request), timezone.now()
    day = session_day(request, forum, now)
    if request.method == "POST":
        replaces = request.POST.get("replaces", "")
        try:
            person = check_in.check_in(
                registration=person,
                now=now,
                slip=written,
                replaces=int(replaces) if replaces.isdecimal() and len(replaces) < 10 else None,
                by=helper.typist,
                session=day.wanted,
            )
        except ArrivalRefused as refusal:
            messages.error(request, refusal.message)
            return redirect("staff:door_person", slug, key)
        except Refusal as refusal:
            error = refusal.message
            person.refresh_from_db()
        else:
            _report_arrival(request, person, helper, written, now, day.session)
            return redirect(day.address_of("staff:door", slug))
    arrived_at, arrived_with = arrival_of(person, day.session)
    context = {
        "forum": forum,
        "helper": get_helper(request),
        "person": person,
        "day": day,
        "arrived_at": arrived_at,
        "arrived_with": helper_name(arrived_with),
        "written": written or plaintext.clean_line(request.GET.get("carton", ""))[:200],
        "error": error,
        "slip": person.slips.filter(voided_at=None).first(),
        "has_slips": forum.slips.exists(),
    }
    return render(request, "forums/door_person.html", context, status=422 if error else 200)


def _report_arrival(
    request: HttpRequest,
    person: Registration,
    helper: Helper,
    slip: str,
    now: datetime,
    session: Session | None,
) -> None:
    """Says so when the person was let in before: two doors, which may share an account, or one person taken for another.

    Not to who had let them in and comes back with a slip.
    """
    arrived_at, arrived_with = arrival_of(person, session)
    is_told = arrived_at != now and (arrived_with != helper.typist or not slip)
    held = person.slips.filter(voided_at=None).first()
    said = {
        "name": person.name,
        "time": day_time(arrived_at) if arrived_at else "",
        "by": helper_name(arrived_with),
        "number": held.number if held else 0,
    }
    if is_told and said["by"]:
        met = _("%(name)s had arrived at %(time)s already, let in by %(by)s.")
        messages.warning(request, one_stop(met % said))
    elif is_told:
        messages.warning(request, _("%(name)s had arrived at %(time)s already.") % said)
    elif not slip:
        messages.success(request, _("%(name)s has arrived.") % said)
    if slip and held:
        messages.success(request, _("%(name)s has arrived with slip %(number)d.") % said)
    if is_kept_off_a_roll(person):
        off = _(
            "%(name)s can’t vote yet: this person, or another with the same address, was taken off the list of the open vote."
            " The team can add them, on its page."
        )
        messages.warning(request, off % said)


@day_team_or_staff_only
@require_POST
def door_undo(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    forum, now = get_forum_or_404(slug), timezone.now()
    person, day = get_person_or_404(forum, key), session_day(request, forum, now)
    with refusal_shown(request, _("%(name)s is awaited again.") % {"name": person.name}):
        check_in.undo_check_in(registration=person, now=now, session=day.wanted)
    return redirect(day.address_of("staff:door_person", slug, key))


@day_team_or_staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def door_walk_in(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_forum_or_404(slug)
    form = WalkInForm(request.POST or None, initial={"name": request.GET.get("q", "")[:80]})
    helper, day = get_helper(request), session_day(request, forum, timezone.now())
    known: Sequence[Registration] = ()
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        try:
            person = check_in.walk_in(
                forum=forum,
                email=data["email"],
                details=form.details(),
                idempotency_key=data["key"],
                now=now,
                slip=data["carton"],
                same_as=request.POST.get("same_as", ""),
                by=helper.typist,
                session=day.wanted,
            )
        except AddressKnown as refusal:
            known = refusal.people
        except SlipHeld as refusal:
            # Someone known, or this same form sent before: their page replaces it.
            messages.error(request, refusal.message)
            page = reverse("staff:door_person", args=[slug, refusal.values["key"]])
            return redirect(f"{page}?{urlencode({'carton': data['carton']})}")
        except Refusal as refusal:
            is_of_slip = bool(data["carton"]) and not isinstance(refusal, ArrivalRefused | VoteSuspended)
            form.add_error("carton" if is_of_slip else None, refusal.message)
        else:
            _report_arrival(request, person, helper, data["carton"], now, day.session)
            return redirect(day.address_of("staff:door", slug))
    if not forum.slips.exists():
        del form.fields["carton"]
    context = {"forum": forum, "helper": helper, "form": form, "known": known, "someone_else": SOMEONE_ELSE}
    context["day"] = day
    return render(request, "forums/door_walk_in.html", context, status=422 if form.is_bound else 200)
