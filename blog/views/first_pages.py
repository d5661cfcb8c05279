"""The step of « Premiers pas » about the pages that the law or visitors expect."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from blog.hooks.first_steps import pages
from blog.model_pages import create_missing, expected_pages
from pole.access import role_required


@role_required("direction", "editorial")
@require_http_methods(["GET", "HEAD", "POST"])
def first_pages(request: HttpRequest) -> HttpResponse:
    """Each expected page and its state; a POST writes a draft of those that are missing, from their models."""
    if request.method == "POST":
        made = len(create_missing(by=request.user))  # type: ignore[arg-type]  # role_required
        if made:
            said = ngettext(
                "%(count)d draft is ready to be read.", "%(count)d drafts are ready to be read.", made
            )
            messages.success(request, said % {"count": made})
        return redirect("staff:first_step_pages")
    now = timezone.now()
    rows = [(slug, title, page, page and page.is_public(now)) for slug, title, page in expected_pages()]
    context = {"rows": rows, "step": pages(), "are_missing": any(page is None for _s, _t, page, _p in rows)}
    return render(request, "blog/first_pages.html", context)
