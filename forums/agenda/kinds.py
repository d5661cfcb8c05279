"""Kinds of activities as lists name them, and the word of each in addresses."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forums.models import Kind


@dataclass(frozen=True, slots=True)
class KindOfList:
    """`word`: in addresses, of both languages."""

    plural: Promise
    word: str


KINDS: dict[Kind, KindOfList] = {
    Kind.FORUM: KindOfList(_("Forums"), "forums"),
    Kind.TRAINING: KindOfList(_("Trainings"), "formations"),
    Kind.WEBINAR: KindOfList(_("Webinars"), "webinaires"),
    Kind.VISIT: KindOfList(_("Visits"), "visites"),
    Kind.ASSEMBLY: KindOfList(_("Assemblies"), "assemblees"),
    Kind.OPEN_DAY: KindOfList(_("Open days"), "portes-ouvertes"),
    Kind.MEETING: KindOfList(_("Get-togethers"), "rencontres"),
}
KIND_OF_WORD = {of_list.word: kind for kind, of_list in KINDS.items()}
