"""Kinds of activities as lists name them, the word of each in addresses, and its drawing."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forums.models import Kind


@dataclass(frozen=True, slots=True)
class KindOfList:
    """`word`: in addresses, of both languages; `drawing`: a name of `static/drawings`."""

    plural: Promise
    word: str
    drawing: str


KINDS: dict[Kind, KindOfList] = {
    Kind.FORUM: KindOfList(_("Forums"), "forums", "forum-table"),
    Kind.TRAINING: KindOfList(_("Trainings"), "formations", "activite-formation"),
    Kind.WEBINAR: KindOfList(_("Webinars"), "webinaires", "activite-webinaire"),
    Kind.VISIT: KindOfList(_("Visits"), "visites", "activite-visite"),
    Kind.ASSEMBLY: KindOfList(_("Assemblies"), "assemblees", "activite-assemblee"),
    Kind.OPEN_DAY: KindOfList(_("Open days"), "portes-ouvertes", "activite-portes-ouvertes"),
    Kind.MEETING: KindOfList(_("Get-togethers"), "rencontres", "activite-rencontre"),
}
KIND_OF_WORD = {of_list.word: kind for kind, of_list in KINDS.items()}
