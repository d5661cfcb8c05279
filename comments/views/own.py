"""Someone's own comments, in their account."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.rules import signed_in_user
from comments.own import as_shown, own_comments
from pole.views.paging import page_of

COMMENTS_A_PAGE = 20


@login_required
@require_safe
def own_list(request: HttpRequest) -> HttpResponse:
    author = signed_in_user(request)
    page = page_of(own_comments(author), COMMENTS_A_PAGE, request.GET.get("page"))
    shown = list(as_shown(page.object_list, author, timezone.now()))  # type: ignore[arg-type]  # a slice of the rows
    return render(request, "comments/own.html", {"page": page, "comments": shown})
