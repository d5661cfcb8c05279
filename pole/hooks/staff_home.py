"""What each package offers to the staff home."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext


@dataclass(frozen=True, slots=True)
class CardLine:
    """A linked line of a card: something that waits for the team, perhaps many times."""

    text: str
    url: str
    count: int | None = None
    # Since when the oldest waits.
    since: datetime | None = None
    # Whether someone waits for the team to decide; a draft, or a vote under way, waits for nobody.
    is_pending: bool = True

    @property
    def age(self) -> str:
        """For how long the oldest has been waiting, in days of the calendar; empty when that is not known."""
        if self.since is None:
            return ""
        days = (timezone.localdate() - timezone.localdate(self.since)).days
        if days < 1:
            return gettext("since today")
        if days == 1:
            return gettext("since yesterday")
        return ngettext("for %(days)d day", "for %(days)d days", days) % {"days": days}


@dataclass(frozen=True, slots=True)
class StaffCard:
    """A package's card: its page, the button to create something, and what waits there."""

    title: str | Promise
    url: str
    lines: list[CardLine] = field(default_factory=list)
    new_label: str | Promise = ""
    new_url: str = ""
    # Whether it is shown when nothing waits: one of what is the server's business says nothing then.
    is_shown_empty: bool = True

    def waiting(self) -> StaffCard:
        """The card with nothing but the lines that wait for a decision."""
        return replace(self, lines=[line for line in self.lines if line.is_pending])


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that happened, or is scheduled: when, what, and the page about it."""

    at: datetime
    text: str
    url: str = ""
