"""The staff home, and the pages by which staff edit the hub."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pole.access import role_required, staff_only
from pole.caching.public_pages import get_public_state
from pole.files.kept_uploads import files_of
from pole.hub.editing import save_hub, save_menus
from pole.hub.first_steps import first_steps, remember
from pole.hub.forms import HubForm, MenuFormSet
from pole.models import Hub, MenuItem

MAX_EVENTS = 12


@staff_only
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the team, what is scheduled, and what has just happened."""
    now = timezone.now()
    planned = [
        moment
        for role, path in settings.STAFF_PLANNED_EVENTS
        if request.user.has_role(role)  # type: ignore[union-attr]  # staff_only
        for moment in import_string(path)(now)
    ]
    happened = [moment for path in settings.STAFF_RECENT_EVENTS for moment in import_string(path)(now)]
    cards = [
        import_string(path)()
        for role, path in settings.STAFF_HOME_CARDS
        if request.user.has_role(role)  # type: ignore[union-attr]  # staff_only
    ]
    context = {
        "cards": [card for card in cards if card.lines or card.is_shown_empty],
        "planned": sorted(planned, key=lambda moment: moment.at)[:MAX_EVENTS],
        "steps_left": _steps_left(request),
        "happened": sorted(happened, key=lambda moment: moment.at, reverse=True)[:MAX_EVENTS],
    }
    return render(request, "staff/home.html", context)


def _steps_left(request: HttpRequest) -> int:
    """How many of the first steps are left, for whoever has the direction."""
    is_direction = request.user.has_role("direction")  # type: ignore[union-attr]  # staff_only
    return len(remember(first_steps(), get_public_state(request).versions)) if is_direction else 0


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_hub(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        form = save_hub(
            lambda stored: HubForm(request.POST, files_of(request), instance=stored), by=request.user
        )
        if form.is_valid():
            messages.success(request, _("The hub is up to date."))
            # Whoever is still on the first steps goes on with them.
            return redirect("staff:first_steps" if _steps_left(request) else "staff:hub")
    else:
        form = HubForm(instance=Hub.objects.first())
    return render(request, "staff/hub.html", {"form": form})


@role_required("editorial")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_menus(request: HttpRequest) -> HttpResponse:
    formset = MenuFormSet(
        request.POST or None, queryset=MenuItem.objects.order_by("-place", "position", "id")
    )
    if request.method == "POST" and formset.is_valid():
        save_menus(formset, by=request.user)
        messages.success(request, _("The menus are up to date."))
        return redirect("staff:menu")
    return render(request, "staff/menu.html", {"formset": formset})
