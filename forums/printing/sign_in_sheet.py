"""The sign-in sheet of the door: everyone who has a place, by name, with a line to sign."""

from __future__ import annotations

from django.utils.translation import gettext as _

from forums import printing
from forums.models import Forum, ParticipantKind, Registration
from forums.printing.documents import venue_and_municipality
from pole.templatetags.typography import date_range, long_date
from pole.text.bilingual import current_language

# For those who come without having registered.
EMPTY_LINES = 12


def sign_in_pdf(forum: Forum) -> bytes:
    """Names, organisations and kinds; neither addresses nor needs. Two queries."""
    people = Registration.objects.filter(forum=forum).confirmed().order_by("name", "id")
    kinds = {kind.value: str(kind.label) for kind in ParticipantKind}
    data = {
        "title": _("Sign-in sheet"),
        "kicker": forum.shown_title,
        "foot": f"{forum.title}, {long_date(forum.starts_at)}",
        "when": date_range(forum.starts_at, forum.ends_at),
        "where": venue_and_municipality(forum),
        "columns": [_("Name"), _("Organisation"), _("Comes as"), _("Signature")],
        "rows": [
            [person.name, person.organisation, kinds[person.kind]]
            for person in people.only("name", "organisation", "kind")
        ],
        "walk_ins": _("Without registration"),
        "empty": EMPTY_LINES,
    }
    return printing.compile("sheet", data, current_language())
