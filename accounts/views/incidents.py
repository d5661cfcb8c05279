"""The register of privacy incidents, for the direction and the privacy officer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Incident, IncidentEntry, User
from accounts.team import incidents
from accounts.team.incident_forms import IncidentForm
from pole.access import staff_only
from pole.files.downloads import as_file
from pole.refusals import say
from pole.spreadsheets import csv_bytes


def keepers_only[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not incidents.may_keep_register(_user(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)  # type: ignore[arg-type]  # request comes first

    restricted = staff_only(kept)
    # Links lead the direction there; the officer has one of their own.
    restricted.roles = ("direction",)  # type: ignore[attr-defined]  # read by `pole.access.may_open`
    return restricted  # type: ignore[return-value]  # P is the view's own


def _user(request: HttpRequest) -> User:
    user: User = User.objects.get(pk=request.user.pk)
    return user


@keepers_only
@require_safe
def incident_list(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/incidents.html", {"lines": _lines()})


@keepers_only
@require_safe
def incident_copy(request: HttpRequest) -> HttpResponse:
    """The whole register on one page, to print or to send to the Commission."""
    return render(request, "accounts/incidents_copy.html", {"lines": _lines(), "today": timezone.localdate()})


@keepers_only
@require_safe
def incident_csv(request: HttpRequest) -> HttpResponse:
    return as_file(HttpResponse(csv_bytes(incidents.csv_rows())), "registre-des-incidents.csv")


def _lines() -> list[dict[str, Any]]:
    return [_line(entry) for entry in incidents.newest_entries()]


def _line(entry: IncidentEntry) -> dict[str, Any]:
    return {
        "entry": entry,
        "values": list(incidents.values_of(entry)),
        "missing": incidents.missing_of(entry),
        "notices_due": incidents.notices_due(entry),
        "days_known": incidents.days_known(entry),
        "kept_until": incidents.kept_until(entry),
    }


@keepers_only
@require_safe
def incident(request: HttpRequest, key: int) -> HttpResponse:
    found = get_object_or_404(Incident, pk=key)
    history = incidents.history_of(found)
    if not history:
        raise Http404
    line = _line(history[0].entry)
    return render(request, "accounts/incident.html", line | {"line": line, "history": history})


@keepers_only
@require_http_methods(["GET", "HEAD", "POST"])
def incident_edit(request: HttpRequest, key: int | None = None) -> HttpResponse:
    """A new incident, or a correction of one, which is another version."""
    if request.method != "POST":
        entry = get_object_or_404(Incident, pk=key).entries.first() if key is not None else None
        return _form_page(request, IncidentForm(instance=entry), key)
    try:
        form = incidents.save_incident(
            lambda stored: IncidentForm(request.POST, instance=stored), key=key, by=_user(request)
        )
    except Incident.DoesNotExist:
        raise Http404 from None
    if form.errors:
        return _form_page(request, form, key)
    say(request, messages.SUCCESS, _("The register is up to date."))
    return redirect("staff:incident", form.instance.incident_id)


def _form_page(request: HttpRequest, form: IncidentForm, key: int | None) -> HttpResponse:
    return render(
        request,
        "accounts/incident_edit.html",
        {"form": form, "key": key},
        status=422 if form.errors else 200,
    )
