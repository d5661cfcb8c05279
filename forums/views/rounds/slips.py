"""Voting slips: printed ahead, given to people, replaced when lost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.forms.round import PrintForm
from forums.models import Carton, Forum, Registration
from forums.printing.cartons import cartons_pdf
from forums.views.rounds.board import forum_of
from forums.views.rounds.refusals import words_of
from forums.vote import slips
from forums.vote.codes import CodeMistyped
from pole.access import staff_only
from pole.text.plaintext import clean_line

CARTONS_A_PAGE = 60
MOST_FOUND = 20


@staff_only
@require_safe
def carton_list(request: HttpRequest, slug: str) -> HttpResponse:
    return _show_list(request, forum_of(slug))


def _show_list(request: HttpRequest, forum: Forum, form: PrintForm | None = None) -> HttpResponse:
    rows = Carton.objects.filter(forum=forum)
    people = Registration.objects.filter(forum=forum).holding_a_place().count()
    totals = rows.aggregate(
        printed=Count("pk"),
        last=Max("number"),
        active=Count("pk", filter=Q(activated_at__isnull=False, voided_at=None)),
        void=Count("pk", filter=Q(voided_at__isnull=False)),
        free=Count("pk", filter=Q(activated_at=None, voided_at=None)),
    )
    suggested = max(slips.with_spares(people) - totals["free"] - totals["active"], 0)
    initial = {"count": suggested or None, "seen": totals["last"] or 0}
    listed = rows.order_by("number").select_related("registration").fetch_mode(models.FETCH_RAISE)
    context = {
        "forum": forum,
        "page": Paginator(listed, CARTONS_A_PAGE).get_page(request.GET.get("page")),
        "totals": totals,
        "people": people,
        "batches": _batches(forum),
        "form": form or PrintForm(initial=initial),
        "reasons": [Carton.Void.LOST, Carton.Void.SPOILED],
    }
    return render(request, "forums/console_cartons.html", context, status=422 if form else 200)


def _batches(forum: Forum) -> Any:
    """Of each batch: when, from which number to which, how many are unused."""
    return (
        Carton.objects.filter(forum=forum)
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


@staff_only
@require_POST
def carton_print(request: HttpRequest, slug: str) -> HttpResponse:
    """Answers the PDF of a new batch: its codes are in it and nowhere else."""
    forum = forum_of(slug)
    form = PrintForm(request.POST)
    if not form.is_valid():
        return _show_list(request, forum, form)
    count, seen = form.cleaned_data["count"], form.cleaned_data["seen"]
    try:
        made = slips.print_cartons(forum=forum, count=count, seen=seen)
    except slips.PrintedMeanwhile as refusal:
        messages.error(request, words_of(refusal))
        return redirect("staff:carton_list", slug)
    name = f"cartons-{slug}-{made[0][0]}-{made[-1][0]}.pdf"
    return pdf_response(cartons_pdf(forum, made), name)


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """A file to print, that no cache keeps."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@staff_only
@require_POST
def carton_batch_void(request: HttpRequest, slug: str) -> HttpResponse:
    forum = forum_of(slug)
    try:
        printed_at = parse_datetime(request.POST.get("printed_at", ""))
    except ValueError:
        printed_at = None
    if printed_at is None or printed_at.tzinfo is None:
        messages.error(request, _("Choose a batch."))
        return redirect("staff:carton_list", slug)
    count = slips.void_unused(forum_id=forum.pk, printed_at=printed_at)
    said = ngettext(
        "%(count)d slip is useless from now on.", "%(count)d slips are useless from now on.", count
    )
    messages.success(request, said % {"count": count})
    return redirect("staff:carton_list", slug)


@staff_only
@require_POST
def carton_void(request: HttpRequest, slug: str, carton_number: int) -> HttpResponse:
    """Lost or spoiled: useless for good. The person is given another one."""
    carton = get_object_or_404(
        Carton.objects.select_related("registration"), forum__slug=slug, number=carton_number
    )
    because = request.POST.get("because", "")
    allowed = {Carton.Void.LOST.value, Carton.Void.SPOILED.value}
    slips.void(carton=carton, because=Carton.Void(because if because in allowed else Carton.Void.LOST))
    said = _("Slip %(number)d is useless from now on.") % {"number": carton.number}
    if carton.registration and carton.activated_at:
        said += " " + _("Give another one to %(name)s.") % {"name": carton.registration.name}
    messages.success(request, said)
    return redirect("staff:carton_list", slug)


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def carton_give(request: HttpRequest, slug: str) -> HttpResponse:
    """A name, then the number of a slip, or what its code reads; a person's former slip becomes useless."""
    forum = forum_of(slug)
    words = clean_line(request.GET.get("q", ""))[:80]
    status = 200
    if request.method == "POST":
        words = clean_line(request.POST.get("q", ""))[:80]
        if _give(request, forum):
            return redirect("staff:carton_give", slug)
        status = 422
    context = {"forum": forum, "words": words, "people": _people(forum, words) if words else []}
    return render(request, "forums/console_carton_give.html", context, status=status)


def _give(request: HttpRequest, forum: Forum) -> bool:
    key = request.POST.get("registration", "")
    rows = Registration.objects.filter(forum=forum).holding_a_place()
    registration = rows.filter(pk=int(key) if key.isdecimal() and len(key) < 19 else 0).first()
    if registration is None:
        messages.error(request, _("Choose someone who has a place at this forum."))
        return False
    try:
        carton = slips.find_carton(forum_id=forum.pk, written=request.POST.get("carton", ""))
        slips.activate(carton=carton, registration=registration)
    except (slips.CartonRefused, CodeMistyped) as refusal:
        messages.error(request, words_of(refusal))
        return False
    given = {"number": carton.number, "name": registration.name}
    messages.success(request, _("Slip %(number)d is now that of %(name)s.") % given)
    return True


def _people(forum: Forum, words: str) -> list[Registration]:
    rows = Registration.objects.filter(forum=forum).holding_a_place()
    for word in words.split():
        rows = rows.filter(Q(name__unaccent__icontains=word) | Q(organisation__unaccent__icontains=word))
    active = models.Prefetch("cartons", Carton.objects.filter(voided_at=None), to_attr="active_cartons")
    return list(rows.order_by("name", "pk").prefetch_related(active)[:MOST_FOUND])
