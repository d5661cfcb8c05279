"""Where a text that has moved is now."""

from __future__ import annotations

from datetime import datetime

from blog.models import OldAddress


def current_address(path: str, now: datetime) -> str | None:
    """The address in use of the public text that was once at `path`, written without its language."""
    if "\x00" in path:
        return None
    paths = {path, f"{path.rstrip('/')}/"}
    found = OldAddress.objects.select_related("post", "page").filter(path__in=paths).first()
    text = found and (found.post or found.page)
    return text.get_absolute_url() if text and text.is_public(now) else None
