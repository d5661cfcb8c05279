"""Voting slips: printed ahead, given to people, replaced when lost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import models
from django.db.models import Count, Max, Min, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.forms.round_life import GiveSlipForm, PrintForm
from forums.models import Forum, Registration, Slip
from forums.printing.slips import slips_pdf
from forums.views.day.day_access import get_forum_or_404
from forums.vote import slips
from pole.access import role_required
from pole.files.downloads import as_file
from pole.refusals import Refusal
from pole.text.matching import first_found, matching_text, typed_text
from pole.views.paging import page_of

SLIPS_A_PAGE = 60
MAX_FOUND = 20


@role_required("forums")
@require_safe
def slip_list(request: HttpRequest, slug: str) -> HttpResponse:
    return _list_page(request, get_forum_or_404(slug))


def _list_page(request: HttpRequest, forum: Forum, form: PrintForm | None = None) -> HttpResponse:
    rows = Slip.objects.filter(forum=forum)
    people = Registration.objects.filter(forum=forum).confirmed().count()
    totals = rows.aggregate(
        printed=Count("pk"),
        last=Max("number"),
        active=Count("pk", filter=Q(activated_at__isnull=False, voided_at=None)),
        void=Count("pk", filter=Q(voided_at__isnull=False)),
        free=Count("pk", filter=Q(activated_at=None, voided_at=None)),
    )
    suggested = max(slips.slips_to_print(people) - totals["free"] - totals["active"], 0)
    initial = {"count": suggested or None, "seen": totals["last"] or 0}
    words = typed_text(request.GET.get("q", ""))
    listed = matching_text(rows, words, "number", "registration__name")
    listed = listed.order_by("number").select_related("registration").fetch_mode(models.FETCH_RAISE)
    context = {
        "forum": forum,
        "page": page_of(listed, SLIPS_A_PAGE, request.GET.get("page")),
        "words": words,
        "totals": totals,
        "people": people,
        "batches": _batches(forum),
        "form": form or PrintForm(initial=initial),
        "reasons": [Slip.Void.LOST, Slip.Void.SPOILED],
    }
    return render(request, "forums/console_cartons.html", context, status=422 if form else 200)


def _batches(forum: Forum) -> Any:
    """Of each batch: when, from which number to which, how many are unused."""
    return (
        Slip.objects.filter(forum=forum)
        .order_by()
        .values("printed_at")
        .annotate(
            first=Min("number"),
            last=Max("number"),
            count=Count("pk"),
            unused=Count("pk", filter=Q(activated_at=None, voided_at=None)),
        )
        .order_by("-printed_at")[:20]
    )


@role_required("forums")
@require_POST
def slip_print(request: HttpRequest, slug: str) -> HttpResponse:
    """Answers the PDF of a new batch: its codes are in it and nowhere else."""
    forum = get_forum_or_404(slug)
    form = PrintForm(request.POST)
    if not form.is_valid():
        return _list_page(request, forum, form)
    count, seen = form.cleaned_data["count"], form.cleaned_data["seen"]
    try:
        made = slips.create_slips(forum=forum, count=count, seen_last_number=seen)
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("staff:carton_list", slug)
    name = f"cartons-{slug}-{made[0][0]}-{made[-1][0]}.pdf"
    return as_file(HttpResponse(slips_pdf(forum, made)), name)


@role_required("forums")
@require_POST
def slip_batch_void(request: HttpRequest, slug: str) -> HttpResponse:
    forum = get_forum_or_404(slug)
    try:
        printed_at = parse_datetime(request.POST.get("printed_at", ""))
    except ValueError:
        printed_at = None
    if printed_at is None or printed_at.tzinfo is None:
        raise Http404
    count = slips.void_unused(forum_id=forum.pk, printed_at=printed_at)
    message = ngettext(
        "%(count)d slip is useless from now on.", "%(count)d slips are useless from now on.", count
    )
    messages.success(request, message % {"count": count})
    return redirect("staff:carton_list", slug)


@role_required("forums")
@require_POST
def slip_void(request: HttpRequest, slug: str, slip_number: int) -> HttpResponse:
    """Lost or spoiled: useless for good. The person is given another one."""
    slip = get_object_or_404(
        Slip.objects.select_related("registration"), forum__slug=slug, number=slip_number
    )
    because = request.POST.get("because", "")
    allowed = {Slip.Void.LOST.value, Slip.Void.SPOILED.value}
    slips.void_slip(slip=slip, because=Slip.Void(because if because in allowed else Slip.Void.LOST))
    message = _("Slip %(number)d is useless from now on.") % {"number": slip.number}
    if slip.registration and slip.activated_at:
        message += " " + _("Give another one to %(name)s.") % {"name": slip.registration.name}
    messages.success(request, message)
    return redirect("staff:carton_list", slug)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def slip_give(request: HttpRequest, slug: str) -> HttpResponse:
    """Searches a person by name; a POST gives them a slip, by its number or its code, and voids the one they had."""
    forum = get_forum_or_404(slug)
    words = typed_text(request.GET.get("q", ""))
    form, status = None, 200
    if request.method == "POST":
        words, status = typed_text(request.POST.get("q", "")), 422
        if registration := _person_asked(request, forum):
            form = GiveSlipForm(request.POST, registration=registration)
            if form.is_valid() and _give_slip(request, forum, form):
                return redirect("staff:carton_give", slug)
        else:
            # Their place was taken back meanwhile.
            messages.error(request, _("Choose someone who has a place at this forum."))
    rows = _search_people(forum, words)
    shown = first_found(rows if words else rows.none(), MAX_FOUND)
    context = {"forum": forum, "words": words, "is_unasked": not words, "refused": form, **shown}
    context["lines"] = _lines(forum, shown["found"], form)
    return render(request, "forums/console_carton_give.html", context, status=status)


def _person_asked(request: HttpRequest, forum: Forum) -> Registration | None:
    key = request.POST.get("registration", "")
    rows = Registration.objects.filter(forum=forum).confirmed()
    return rows.filter(pk=int(key) if key.isdecimal() and len(key) < 19 else 0).first()


def _lines(
    forum: Forum, found: list[Registration], refused: GiveSlipForm | None
) -> list[tuple[Registration, GiveSlipForm]]:
    """Each person found with their form; first the one whose slip was refused, if the words do not find them."""
    asked = refused.registration.pk if refused else 0
    if asked and asked not in {person.pk for person in found}:
        found = [*_search_people(forum, "").filter(pk=asked), *found]
    return [
        (person, refused if refused and person.pk == asked else GiveSlipForm(registration=person))
        for person in found
    ]


def _give_slip(request: HttpRequest, forum: Forum, form: GiveSlipForm) -> bool:
    try:
        slip = slips.find_slip(forum_id=forum.pk, written=form.cleaned_data["carton"])
        held = request.POST.get("replaces", "")
        replaces = int(held) if held.isdecimal() and len(held) < 10 else None
        slips.activate_slip(slip=slip, registration=form.registration, replaces=replaces)
    except Refusal as refusal:
        form.add_error("carton", refusal.message)
        return False
    given = {"number": slip.number, "name": form.registration.name}
    messages.success(request, _("Slip %(number)d is now that of %(name)s.") % given)
    return True


def _search_people(forum: Forum, words: str) -> models.QuerySet[Registration]:
    rows = Registration.objects.filter(forum=forum).confirmed()
    rows = matching_text(rows, words, "name", "organisation")
    active = models.Prefetch("slips", Slip.objects.filter(voided_at=None), to_attr="active_slips")
    return rows.order_by("name", "pk").prefetch_related(active)
