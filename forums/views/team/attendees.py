"""Staff see who registered, add someone who called, give places, export."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import FETCH_RAISE, Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from forums.forms.registration import StaffDetailsForm, StaffRegistrationForm, initial_values
from forums.models import Forum, ParticipantKind, Registration
from forums.models.registration import PERSON_KINDS
from forums.registration import attestations, export, registering
from forums.registration.attendance import has_table
from forums.registration.capacity import RegistrationRefused, free_places
from forums.registration.sessions import own_agenda
from forums.registration.shared_addresses import SOMEONE_ELSE, AddressKnown
from forums.views.day.day_access import get_forum_or_404
from pole.access import role_required
from pole.files.downloads import as_file
from pole.forms import SearchedTextField
from pole.server.staff_lists import keeps_filters
from pole.text.matching import matching_text
from pole.views.paging import page_of

PEOPLE_A_PAGE = 50
State = Registration.State


class PeopleFilter(forms.Form):
    """What staff look for; anything unknown counts as nothing."""

    q = SearchedTextField(label=gettext_lazy("Name, organisation or address"))
    etat = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All")), *State.choices, ("arrived", gettext_lazy("arrived"))],
    )
    genre = forms.ChoiceField(
        label=gettext_lazy("Comes as"), required=False, choices=[("", gettext_lazy("All")), *PERSON_KINDS]
    )


def get_person_or_404(slug: str, person_id: int) -> Registration:
    rows = Registration.objects.select_related("forum", "user")
    return get_object_or_404(rows, pk=person_id, forum__slug=slug)


@role_required("forums")
@require_safe
@keeps_filters
def people(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_forum_or_404(slug)
    form = PeopleFilter(request.GET)
    form.is_valid()
    asked = {name: form.cleaned_data.get(name, "") for name in form.fields}
    rows = matching_text(
        Registration.objects.filter(forum=forum), asked["q"], "name", "organisation", "email"
    )
    if asked["etat"] == "arrived":
        rows = rows.checked_in()
    elif asked["etat"]:
        rows = rows.filter(state=asked["etat"])
    if asked["genre"]:
        rows = rows.filter(kind=asked["genre"])
    rows = rows.waitlisted() if asked["etat"] == State.WAITLISTED else rows.order_by("name", "id")
    page = page_of(rows.fetch_mode(FETCH_RAISE), PEOPLE_A_PAGE, request.GET.get("page"))
    context = {
        "forum": forum,
        "form": form,
        "page": page,
        "words": asked["q"],
        "is_filtered": any(asked.values()),
        "has_table": has_table(forum),
        "has_sessions": forum.sessions.exists(),
        "has_attestations": attestations.are_available(forum, timezone.now()),
    } | registration_counts(forum)
    return render(request, "forums/attendees.html", context)


def registration_counts(forum: Forum) -> dict[str, Any]:
    """How many are in each state, and of each kind among those who have a place. Three queries."""
    rows = Registration.objects.filter(forum=forum)
    has_place = Q(state=State.CONFIRMED)
    counts = rows.aggregate(
        confirmed=Count("pk", filter=has_place),
        waitlisted=Count("pk", filter=Q(state=State.WAITLISTED)),
        pending=Count("pk", filter=Q(state=State.PENDING)),
        arrived=Count("pk", filter=has_place & Q(checked_in_at__isnull=False)),
    )
    by_kind = dict(rows.confirmed().order_by().values_list("kind").annotate(Count("pk")))
    kinds = [(kind.label, by_kind[kind.value]) for kind in ParticipantKind if kind.value in by_kind]
    return {"counts": counts, "kinds": kinds, "left": free_places(forum)}


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: HttpRequest, slug: str) -> HttpResponse:
    """For someone who called."""
    forum = get_forum_or_404(slug)
    form = StaffRegistrationForm(forum, request.POST or None)
    known: Sequence[Registration] = ()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            person = registering.add_by_hand(
                forum=forum,
                email=data["email"],
                details=form.details(),
                idempotency_key=data["key"],
                even_if_full=data["even_if_full"],
                now=timezone.now(),
                same_as=request.POST.get("same_as", ""),
                by=signed_in_user(request),
            )
        except AddressKnown as refusal:
            known = refusal.people
        except RegistrationRefused as refusal:
            form.add_error(None, refusal.message_to_team)
        else:
            _report_state(request, person)
            return redirect("staff:people_of_forum", slug)
    context = {
        "forum": forum,
        "form": form,
        "left": free_places(forum),
        "known": known,
        "someone_else": SOMEONE_ELSE,
    }
    return render(request, "forums/attendee_new.html", context, status=422 if form.is_bound else 200)


def _report_state(request: HttpRequest, person: Registration) -> None:
    if person.state == State.WAITLISTED:
        messages.info(request, _("%(name)s is on the waitlist.") % {"name": person.name})
    else:
        messages.success(request, _("%(name)s has a place.") % {"name": person.name})


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, slug: str, person_id: int) -> HttpResponse:
    """All that is known of one registration."""
    found = get_person_or_404(slug, person_id)
    form = StaffDetailsForm(found.forum, request.POST or None, initial=initial_values(found))
    if request.method == "POST" and form.is_valid():
        try:
            registering.update_details(registration=found, details=form.details(), by=signed_in_user(request))
        except RegistrationRefused as refusal:
            form.add_error(None, refusal.message_to_team)
        else:
            messages.success(request, _("The registration is up to date."))
            return redirect("staff:person_of_forum", slug, person_id)
    context = {
        "forum": found.forum,
        "person": found,
        "form": form,
        "awaits_vouching": found.state == State.CONFIRMED and found.awaits_vouching,
        "notices": found.notices.order_by("sent_at"),
        "has_attestation": attestations.attested(found, timezone.now()) is not None,
        "sessions": own_agenda(found, timezone.now()),
    }
    return render(request, "forums/attendee.html", context, status=422 if form.is_bound else 200)


def _change_registration(
    request: HttpRequest, slug: str, person_id: int, act: Callable[..., Registration]
) -> HttpResponse:
    found = get_person_or_404(slug, person_id)
    try:
        changed = act(registration=found, now=timezone.now(), by=signed_in_user(request))
    except RegistrationRefused as refusal:
        messages.error(request, refusal.message_to_team)
    else:
        if changed.state == State.CANCELLED:
            messages.success(request, _("The registration of %(name)s is cancelled.") % {"name": found.name})
        else:
            _report_state(request, changed)
    return redirect("staff:person_of_forum", slug, person_id)


@role_required("forums")
@require_POST
def person_place(request: HttpRequest, slug: str, person_id: int) -> HttpResponse:
    """Confirms, promotes, or brings back."""
    return _change_registration(request, slug, person_id, registering.give_place)


@role_required("forums")
@require_POST
def person_cancel(request: HttpRequest, slug: str, person_id: int) -> HttpResponse:
    return _change_registration(request, slug, person_id, registering.cancel)


@role_required("direction")
@require_safe
def export_registrations(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """`form` is "csv" or "xlsx"."""
    forum = get_forum_or_404(slug)
    content = export.export_people(forum=forum, form=form, by=signed_in_user(request))
    return as_file(HttpResponse(content), f"inscriptions-{forum.slug}.{form}")
