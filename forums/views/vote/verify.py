"""Checking a receipt. It is posted, so that no log has it, and nothing is kept of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from forums import attempts
from forums.codes import CodeMistyped, grouped, parsed_receipt
from forums.models import Attempts
from forums.receipts import find_receipt
from forums.views.vote.pages import private


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return private(render(request, "forums/vote/verify.html", {}))
    typed = request.POST.get("recu", "")[:80]
    if attempts.is_over_limit(request, Attempts.What.RECEIPT, timezone.now()):
        response = render(request, "forums/vote/verify.html", {"typed": typed, "error": "slowed"}, status=429)
        response.headers["Retry-After"] = str(attempts.RETRY_AFTER_SECONDS)
        return private(response)
    try:
        found = find_receipt(typed)
    except CodeMistyped:
        error = "mistyped" if typed.strip() else "empty"
        refused = {"typed": typed, "error": error}
        return private(render(request, "forums/vote/verify.html", refused, status=422))
    context = {"typed": grouped(parsed_receipt(typed)), "found": found}
    return private(render(request, "forums/vote/verify.html", context))
