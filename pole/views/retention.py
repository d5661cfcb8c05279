"""What is kept, for how long, and when the portal last erased: for visitors, and, with figures, for the direction."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pole.access import role_required
from pole.caching.public_pages import reading_page
from pole.hooks.retention import rules
from pole.models import RetentionRun


@reading_page()
def public(request: HttpRequest) -> HttpResponse:
    """« Ce que nous gardons, et combien de temps »."""
    return render(request, "pole/retention.html", {"rules": [rule for rule in rules() if rule.is_personal]})


@role_required("direction")
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    runs = {run.rule: run for run in RetentionRun.objects.all()}
    return render(
        request, "staff/retention.html", {"lines": [(rule, runs.get(rule.key)) for rule in rules()]}
    )
