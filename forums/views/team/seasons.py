"""Staff gather activities in seasons."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import signed_in_user
from forums.agenda.seasons import copy_to_next_year, delete_season, save_season
from forums.forms.season import SeasonForm
from forums.models import Season
from pole.access import role_required
from pole.refusals import say
from pole.server.staff_lists import keeps_filters
from pole.text.matching import matching_text, typed_text
from pole.views.paging import page_of

SEASONS_A_PAGE = 30


@role_required("forums")
@require_safe
@keeps_filters
def season_list(request: HttpRequest) -> HttpResponse:
    words = typed_text(request.GET.get("q", ""))
    seasons = Season.objects.annotate(gathered=Count("forums")).order_by("-first_day", "id")
    seasons = matching_text(seasons, words, "title", "title_en")
    page = page_of(seasons, SEASONS_A_PAGE, request.GET.get("page"))
    context = {"page": page, "words": words, "today": timezone.localdate()}
    return render(request, "forums/season_list.html", context)


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def season_new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, SeasonForm())
    form = save_season(
        lambda stored: SeasonForm(request.POST, instance=stored), key=None, by=signed_in_user(request)
    )
    if not form.is_valid():
        return _page(request, form)
    say(
        request,
        messages.SUCCESS,
        _("Saved. Choose its activities, if there are some already."),
        at="activites",
    )
    return redirect(f"{form.instance.get_edit_url()}#activites")


@role_required("forums")
@require_http_methods(["GET", "HEAD", "POST"])
def season_edit(request: HttpRequest, key: int) -> HttpResponse:
    season = get_object_or_404(Season, pk=key)
    if request.method != "POST":
        return _page(request, SeasonForm(instance=season))
    try:
        form = save_season(
            lambda stored: SeasonForm(request.POST, instance=stored), key=key, by=signed_in_user(request)
        )
    except Season.DoesNotExist:
        # Someone else deleted it meanwhile.
        return redirect("staff:season_list")
    if not form.is_valid():
        return _page(request, form)
    messages.success(request, _("The season is up to date."))
    return redirect("staff:season_edit", key)


def _page(request: HttpRequest, form: SeasonForm) -> HttpResponse:
    status = (409 if form.is_conflict else 422) if form.errors else 200
    stored = Season.objects.filter(pk=form.instance.pk).first()
    return render(request, "forums/season_edit.html", {"form": form, "season": stored}, status=status)


@role_required("forums")
@require_POST
def season_copy(request: HttpRequest, key: int) -> HttpResponse:
    get_object_or_404(Season, pk=key)
    copy = copy_to_next_year(key=key, by=signed_in_user(request))
    said = _("Here it is a year later, without activities: read its title and its days again.")
    messages.success(request, said)
    return redirect("staff:season_edit", copy.pk)


@role_required("forums")
@require_POST
def season_delete(request: HttpRequest, key: int) -> HttpResponse:
    season = get_object_or_404(Season, pk=key)
    delete_season(key=key, by=signed_in_user(request))
    said = _("“%(title)s” is deleted. Its activities stay in the agenda.")
    messages.success(request, said % {"title": season.title})
    return redirect("staff:season_list")
