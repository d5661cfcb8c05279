"""The people of the hub, as visitors read them. Every write locks the row of the member."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from pole.files.stored import atomic_with_files, delete_at_commit
from pole.hooks.journal import note
from pole.hub.team_form import TeamMemberForm
from pole.models import TeamMember
from pole.server.database.prepared import prepared
from pole.text.bilingual import LocalizedText, localized

# A hub with more people than that shows the first ones.
MOST = 40


class ShownMember(NamedTuple):
    name: str
    role: str
    role_en: str
    about: str
    about_en: str
    portrait: str
    email: str
    phone: str
    phone_extension: str

    @property
    def shown_role(self) -> LocalizedText:
        return localized(self.role, self.role_en)

    @property
    def shown_about(self) -> LocalizedText:
        return localized(self.about, self.about_en)

    @property
    def portrait_url(self) -> str:
        return default_storage.url(self.portrait) if self.portrait else ""


@prepared(ShownMember)
def shown_team() -> QuerySet[TeamMember, Any]:
    return TeamMember.objects.values_list(*ShownMember._fields)[:MOST]


@atomic_with_files()
def save_member(
    build: Callable[[TeamMember], TeamMemberForm], *, key: int | None, by: Any = None
) -> TeamMemberForm:
    """Saves the form that `build` makes on the locked member, or on a new one, when it is valid.

    Raises `TeamMember.DoesNotExist` when someone else removed it.
    """
    form = build(TeamMember.objects.select_for_update().get(pk=key) if key else TeamMember())
    if form.is_valid():
        member = form.save()
        note(action="save" if key else "add", kind="team_member", key=member.pk, by=by)
    return form


@atomic_with_files()
def remove_member(*, key: int, by: Any = None) -> None:
    """With the portrait; nothing if it is gone already."""
    member = TeamMember.objects.select_for_update().filter(pk=key).first()
    if member is None:
        return
    if member.portrait.name:
        delete_at_commit([member.portrait.name])
    member.delete()
    note(action="delete", kind="team_member", key=key, by=by)
