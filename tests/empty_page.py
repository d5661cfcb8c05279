"""The portal with one more page, which holds nothing: what it costs is what every page does. A URLconf."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from pole import urls
from pole.caching.public_pages import reading_page


@reading_page()
def empty(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


urlpatterns = [*i18n_patterns(path("vide/", empty), prefix_default_language=False), *urls.urlpatterns]
