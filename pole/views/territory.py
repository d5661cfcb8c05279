"""The territory, as the direction sets it: a list of municipalities is sent, read again, applied; then MRCs are chosen."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pole.access import role_required
from pole.geo import territory, territory_upload
from pole.geo.levels import current_levels
from pole.geo.territory_file import TerritoryFileError
from pole.search import unaccented
from pole.templatetags.typography import number

# Of each kind, in a preview.
MAX_SHOWN = 300


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """What the territory is; a POST sends a list."""
    reasons: tuple[str, ...] = ()
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise TerritoryFileError(_("Choose a file first."))
            territory_upload.store(upload, file_name=upload.name or "")
        except TerritoryFileError as error:
            reasons = error.reasons
        else:
            return redirect("staff:territory_preview")
    regions = territory.regions()
    chosen = [choice for region in regions for choice in (*region.mrcs, *region.towns) if choice.is_chosen]
    is_set = territory.is_set()
    context = {
        "regions": regions,
        "is_set": is_set,
        "chosen_towns": sum(choice.count for choice in chosen) if is_set else 0,
        "without_position": territory.count_without_position(),
        "outside": territory.rows_outside(),
        "waiting": territory_upload.waiting(),
        "levels": current_levels(),
        "reasons": reasons,
    }
    return render(request, "staff/territory.html", context)


@role_required("direction")
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest) -> HttpResponse:
    """What the waiting list changes; a POST applies it, or forgets it."""
    reasons: tuple[str, ...] = ()
    answers = territory_upload.Answers(
        {
            name.removeprefix("successor-"): value
            for name, value in request.POST.items()
            if name.startswith("successor-") and isinstance(value, str)
        },
        request.POST.getlist("renamed"),
    )
    if request.method == "POST":
        token = request.POST.get("token", "")
        if request.POST.get("action") == "discard":
            territory_upload.discard(token)
            return redirect("staff:territory")
        try:
            changes = territory_upload.apply(token, answers, by=request.user)
        except TerritoryFileError as error:
            reasons = error.reasons
        else:
            messages.success(
                request,
                _("The list is up to date: %(new)s new, %(changed)s changed, %(vanished)s gone.")
                % {
                    "new": number(len(changes.new)),
                    "changed": number(len(changes.changed)),
                    "vanished": number(len(changes.vanished)),
                },
            )
            return redirect("staff:territory")
    upload = territory_upload.waiting()
    if upload is None:
        for reason in reasons:
            messages.error(request, reason)
        return redirect("staff:territory")
    changes = territory_upload.changes_of(upload)
    # What no answer can mend is said before anything is answered.
    context = _preview(changes, answers) | {"upload": upload, "reasons": reasons or tuple(changes.problems)}
    return render(request, "staff/territory_preview.html", context, status=422 if reasons else 200)


def _preview(changes: territory.TerritoryChanges, answers: territory_upload.Answers) -> dict[str, Any]:
    vanished = [
        {
            "code": code,
            "town": town,
            "used": changes.used[code],
            "successor": answers.successors.get(code) or successor,
            "needs_answer": bool(changes.used[code]),
        }
        for code, (town, successor) in changes.vanished.items()
    ]
    vanished.sort(key=lambda each: not each["needs_answer"])
    names = changes.names
    return {
        "changes": changes,
        "total": len(changes.rows),
        "by_region": sorted(Counter(row.region for row in changes.new).items()),
        "new": changes.new[:MAX_SHOWN],
        "changed": changes.changed[:MAX_SHOWN],
        "vanished": vanished,
        "former_names": [(name, names[code]) for name, code in changes.former_names],
        "choices": sorted(names.items(), key=lambda pair: unaccented(pair[1])),
        "conflicts": [
            (code, *pair, code in answers.renamed_mrcs) for code, pair in changes.mrc_conflicts.items()
        ],
        "most": MAX_SHOWN,
        "levels": current_levels(),
    }


@role_required("direction")
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    mrcs, towns = territory.in_regions(request.POST.getlist("region"))
    territory.choose(
        mrcs=mrcs | set(request.POST.getlist("mrc")),
        towns=towns | set(request.POST.getlist("town")),
        by=request.user,
    )
    if not territory.is_set():
        messages.warning(request, _("Nothing is chosen: forms offer no municipality."))
    elif outside := territory.rows_outside():
        used = ", ".join(f"{count} {kind}" for kind, count in outside.items())
        messages.success(
            request,
            _("The territory is up to date. What is elsewhere stays as it is: %(used)s.") % {"used": used},
        )
    else:
        messages.success(request, _("The territory is up to date."))
    return redirect("staff:territory")
