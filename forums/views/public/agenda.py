"""The agenda: every activity to come."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from forums.agenda.pieces import activities_html
from forums.agenda.season_reading import coming_activities
from pole.caching.public_pages import reading_page


@reading_page(reads=("forums",))
def agenda(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    context = {"coming": activities_html(coming_activities(now), now)}
    return render(request, "forums/agenda.html", context)
