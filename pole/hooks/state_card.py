"""What of the server needs someone, for the staff home; nothing when all is well."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy

from pole.hooks.diagnostics import Level
from pole.hooks.staff_home import CardLine, StaffCard
from pole.models import KeptFinding
from pole.server.backups import CLOCK_MARGIN

# The worker looks every ten minutes.
SILENCE = timedelta(minutes=30)


def card() -> StaffCard:
    """By what the worker kept: two queries."""
    url = reverse("staff:state")
    rows = list(KeptFinding.objects.filter(level=Level.ACT).order_by("pk")[:20])
    language = get_language() or settings.LANGUAGE_CODE
    lines = [CardLine(row.words.get(language, {}).get("title", row.key), url) for row in rows]
    # What is dated in the future was seen before the clock went back.
    seen = Q(looked_at__lte=timezone.now() + CLOCK_MARGIN)
    looks = KeptFinding.objects.aggregate(last=Max("looked_at", filter=seen), count=Count("pk"))
    last = looks["last"]
    if looks["count"] and (last is None or timezone.now() - last > SILENCE):
        lines.insert(0, CardLine(gettext("The worker looks at nothing any more"), url, since=last))
    return StaffCard(gettext_lazy("State of the portal"), url, lines, is_shown_empty=False)
