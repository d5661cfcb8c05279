"""Checking a receipt. It is posted, so that no log has it, and nothing of it is stored."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from forums.models import RateLimitCounter
from forums.views.vote.pages import forbid_storage
from forums.vote import rate_limits
from forums.vote.codes import CodeMistyped, hyphenated, parse_receipt
from forums.vote.receipts import find_receipt


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return forbid_storage(render(request, "forums/vote/verify.html", {}))
    typed = request.POST.get("recu", "")[:80]
    if rate_limits.count_attempt(
        client_ip=get_adapter().get_client_ip(request), kind=RateLimitCounter.Kind.RECEIPT, now=timezone.now()
    ):
        response = render(request, "forums/vote/verify.html", {"typed": typed, "error": "slowed"}, status=429)
        response.headers["Retry-After"] = str(rate_limits.RETRY_AFTER_SECONDS)
        return forbid_storage(response)
    try:
        found = find_receipt(typed)
    except CodeMistyped:
        error = "mistyped" if typed.strip() else "empty"
        refused = {"typed": typed, "error": error}
        return forbid_storage(render(request, "forums/vote/verify.html", refused, status=422))
    context = {"typed": hyphenated(parse_receipt(typed)), "found": found}
    return forbid_storage(render(request, "forums/vote/verify.html", context))
