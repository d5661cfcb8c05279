"""Addresses that were something else's, here or on the site before: a package may know where it is now."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.module_loading import import_string

# No old address of anything is longer.
MAX_QUERY_LENGTH = 1000


def moved_to(request: HttpRequest) -> str | None:
    """The address in use of what was once at this one."""
    if request.method not in {"GET", "HEAD"}:
        return None
    # As it was sent: a reading page sees its own parameters alone.
    sent = getattr(request, "asked_query", request.META.get("QUERY_STRING", ""))
    query = QueryDict(sent[:MAX_QUERY_LENGTH]).dict()
    for hook in settings.OLD_ADDRESSES:
        found: str | None = import_string(hook)(request.path, query, timezone.now())
        if found and found != request.get_full_path():
            return found
    return None
