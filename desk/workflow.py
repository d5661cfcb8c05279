"""The actions of the writing desk's buttons, the same for every kind of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.rules import signed_in_user
from desk import publishing, trash
from desk.models import Publishable
from pole.files.stored import atomic_with_files
from pole.hub.menus import entries_leading_to
from pole.models import MenuItem
from pole.templatetags.typography import day_time, long_date
from pole.text import richtext
from pole.text.local_moments import FIRST_YEAR, LAST_YEAR
from pole.text.typography import one_stop


class Action(StrEnum):
    SAVE = "save"
    PUBLISH = "publish"
    # After the warnings of the check that precedes publishing.
    PUBLISH_ANYWAY = "publish_anyway"
    UNPUBLISH = "unpublish"
    ARCHIVE = "archive"
    # Though the menus lead there.
    UNPUBLISH_ANYWAY = "unpublish_anyway"
    ARCHIVE_ANYWAY = "archive_anyway"
    UNARCHIVE = "unarchive"
    TRASH = "trash"
    TAKE_BACK = "take_back"

    @property
    def publishes(self) -> bool:
        return self in {Action.PUBLISH, Action.PUBLISH_ANYWAY}


def requested_action(request: HttpRequest) -> Action:
    """The button that was pressed; pressing Enter in a field saves."""
    value = request.POST.get("action", "")
    return Action(value) if value in Action else Action.SAVE


@atomic_with_files()
def save_and_apply[P: Publishable](request: HttpRequest, save: Callable[[], P], *, at: datetime | None) -> P:
    """Saves a text, then does what the pressed button asks: both, or neither. Raises `EditConflict` as `save` does."""
    saved = save()
    apply_action(request, saved, action=requested_action(request), at=at)
    return saved


def apply_action(request: HttpRequest, owner: Publishable, *, action: Action, at: datetime | None) -> None:
    """Publishes, schedules, unpublishes, archives or unarchives a text whose working copy has just been saved.

    The first click on “Publish” does not publish when `problems_of` finds something; neither do “Unpublish” and
    “Archive” hide what the menus lead to.
    """
    if action is Action.PUBLISH and (found := problems_of(owner, owner.draft.content)):
        warning = ngettext(
            "Saved, but not published yet: there is something to look at first.",
            "Saved, but not published yet: there are %(count)d things to look at first.",
            len(found),
        )
        messages.warning(request, warning % {"count": len(found)})
    elif action.publishes:
        _publish(request, owner, at)
    elif action in {Action.UNPUBLISH, Action.ARCHIVE} and (entries := menu_entries(owner)):
        messages.warning(
            request,
            _(
                "Saved, and still public: the menus lead here (%(entries)s). Change them first, or confirm below."
            )
            % {
                "entries": ", ".join(
                    _("%(place)s: %(label)s") % {"place": item.get_place_display(), "label": item.shown_label}
                    for item in entries
                )
            },
        )
    elif action in {Action.UNPUBLISH, Action.UNPUBLISH_ANYWAY}:
        publishing.unpublish(owner=owner, by=signed_in_user(request))
        messages.success(request, _("Taken back: visitors no longer see it. Your text is kept."))
    elif action in {Action.ARCHIVE, Action.ARCHIVE_ANYWAY}:
        publishing.archive(owner=owner, now=timezone.now(), by=signed_in_user(request))
        messages.success(request, _("Archived: visitors no longer see it, and it left your lists."))
    elif action is Action.TRASH and (entries := menu_entries(owner)):
        messages.warning(request, _("Saved, and not thrown away: the menus lead here. Change them first."))
    elif action is Action.TRASH:
        trash.throw_away(owner=owner, now=timezone.now(), by=signed_in_user(request))
        messages.success(request, _("In the trash: it can be taken back for thirty days."))
    elif action is Action.TAKE_BACK:
        trash.take_back(owner=owner, by=signed_in_user(request))
        messages.success(request, _("Back among your drafts."))
    elif action is Action.UNARCHIVE:
        publishing.unarchive(owner=owner, by=signed_in_user(request))
        messages.success(request, _("Back among your drafts."))
    else:
        messages.success(request, _("Saved. What visitors read has not changed."))


def _publish(request: HttpRequest, owner: Publishable, at: datetime | None) -> None:
    now = timezone.now()
    published = publishing.publish(owner=owner, at=at, now=now, by=signed_in_user(request))
    if published.is_scheduled(now):
        when = {"day": long_date(published.published_at), "time": day_time(published.published_at)}
        said = _("Scheduled: it will appear on %(day)s at %(time)s.") % when
        messages.success(request, one_stop(said))
    else:
        messages.success(request, _("Published. Visitors read it now."))


# Of the editor's address: the date that was typed and that nothing stores yet.
_WISHED = "parution"


def address_after(request: HttpRequest, owner: Publishable, *, at: datetime | None) -> str:
    """The editor's address once the text is saved.

    A date typed on a text that was not published stays in its field: publishing next would otherwise take another.
    """
    address = owner.get_edit_url()
    if at is None or requested_action(request) not in {Action.SAVE, Action.PUBLISH}:
        return address
    stored = type(owner)._default_manager.values_list("published_at", flat=True).get(pk=owner.pk)
    if stored and stored.replace(second=0, microsecond=0) == at:  # as the form showed it
        return address
    return f"{address}?{urlencode({_WISHED: at.isoformat()})}"


def wished_date(request: HttpRequest) -> datetime | None:
    """The date that `address_after` left in the address."""
    try:
        wished = datetime.fromisoformat(request.GET.get(_WISHED, ""))
    except ValueError:
        return None
    return wished if timezone.is_aware(wished) and FIRST_YEAR <= wished.year <= LAST_YEAR else None


def menu_entries(owner: Publishable) -> list[MenuItem]:
    """The entries of the menus that would lead to nothing if this text were hidden."""
    return entries_leading_to(owner.known_paths())


def problems_of(owner: Publishable, content: dict[str, Any]) -> Sequence[richtext.Problem]:
    """What `pole.text.richtext.problems` finds in the HTML fields of a working copy."""
    texts = [str(content.get(field) or "") for field in owner.HTML_FIELDS]
    return [problem for text in texts for problem in richtext.problems(text)]
