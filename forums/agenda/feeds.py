"""Feeds of the agenda: what calendars subscribe to, fetch every few hours, and show beside people's own events.

What is to come, and of the last sixty days: whoever was away sees what was moved; what was cancelled says so for as long after
it was, since a calendar that has just lost an event doesn't say why. Whole days, so that a feed changes by itself at midnight
alone. Never the link to take part online.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from forums.agenda.kinds import KINDS
from forums.mail.calendar import shown_as_cancelled
from forums.mail.events import forum_event, session_event
from forums.mail.ics import CalendarEvent, Feed, feed_file
from forums.models import Forum, Kind, Mode, Season, Session
from forums.models.event import NEVER
from pole.models import Hub

SHOWN_AFTER = timedelta(days=60)
# Google looks again once a day whatever one says, Outlook and Apple as often as they are told.
REFRESH = timedelta(hours=4)
# The nearest: a calendar of more is refused by some programs, and takes long to make.
MOST_ACTIVITIES, MOST_EVENTS = 500, 1000


@dataclass(frozen=True, slots=True)
class FeedOf:
    """Which activities: all, unless something narrows them. `mrc`: its code and its name."""

    kind: Kind | None = None
    mrc: tuple[str, str] | None = None
    season: Season | None = None
    is_free: bool = False
    is_online: bool = False

    @property
    def name(self) -> str:
        """As a calendar lists it among others, in the current language."""
        if self.season:
            return str(self.season.shown_title)
        told = [str(KINDS[self.kind].plural) if self.kind else _("Agenda")]
        told += [self.mrc[1]] if self.mrc else []
        told += [_("free of charge")] if self.is_free else []
        told += [_("online")] if self.is_online else []
        # No comma: several programs show the backslash that one is written with.
        return " – ".join(told)

    @property
    def narrow_name(self) -> str:
        """Among those of one part of the agenda: « Formations », « Roussillon »."""
        return self.mrc[1] if self.mrc and not self.kind else self.name

    @property
    def path(self) -> str:
        """In the current language."""
        word = KINDS[self.kind].word if self.kind else ""
        if self.season:
            address = reverse("forums:feed_of_kind", args=[self.season.slug])
        elif self.mrc:
            mrc = mrc_word(*self.mrc)
            address = reverse("forums:feed_of_mrc", args=[mrc, word] if word else [mrc])
        else:
            address = reverse("forums:feed_of_kind", args=[word]) if word else reverse("forums:feed")
        flags = [("gratuit", self.is_free), ("en-ligne", self.is_online)]
        query = urlencode([(name, "1") for name, is_set in flags if is_set])
        return f"{address}?{query}" if query else address

    @property
    def address(self) -> str:
        return f"{settings.BASE_URL}{self.path}"

    @property
    def subscription(self) -> str:
        """The same address, which the program of calendars opens rather than the browser."""
        return f"webcal://{urlsplit(settings.BASE_URL).netloc}{self.path}"

    def condition(self) -> Q:
        """Of an activity."""
        asked: dict[str, object] = {}
        if self.kind:
            asked["kind"] = self.kind.value
        if self.mrc:
            asked["municipality__mrc"] = self.mrc[0]
        if self.season:
            asked["seasons"] = self.season
        if self.is_free:
            asked["price"] = 0
        if self.is_online:
            asked["mode__in"] = [Mode.ONLINE.value, Mode.BOTH.value]
        return Q(**asked)


def mrc_word(code: str, name: str) -> str:
    """That of its name; of a name that has no letter, its code."""
    return slugify(name) or code


def feed(of: FeedOf, hub: Hub, now: datetime) -> bytes:
    """The iCalendar file, in the current language. Three queries, whatever the agenda holds."""
    told = Feed(name=f"{of.name} – {hub.shown_name}", url=of.address, refresh=REFRESH)
    events = [event for forum in _activities(of, _since(now), now) for event in _events(forum, hub, now)]
    return feed_file(told, events[:MOST_EVENTS])


def _since(now: datetime) -> datetime:
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    # By wall time, whatever the hour did meanwhile.
    return timezone.make_aware(today.replace(tzinfo=None) - SHOWN_AFTER)


def _activities(of: FeedOf, since: datetime, now: datetime) -> list[Forum]:
    """Three conditions, each of an index: together in one, they would have every row read."""
    announced = Forum.objects.announced(now).filter(of.condition()).order_by()
    after = {"gte": since, "lt": NEVER}
    ends = announced.filter(cancelled_at=None, **{f"ends_at__{name}": bound for name, bound in after.items()})
    cancelled = announced.filter(**{f"cancelled_at__{name}": bound for name, bound in after.items()})
    partly = announced.filter(
        pk__in=Session.objects.filter(**{f"cancelled_at__{name}": bound for name, bound in after.items()})
        .order_by()
        .values("forum_id")
    )
    keys = ends.values("pk").union(cancelled.values("pk"), partly.values("pk"))
    found = Forum.objects.filter(pk__in=keys).select_related("municipality")
    found = found.defer("document", "body", "body_en", "online_link").order_by("starts_at", "id")
    sessions = Session.objects.defer("online_link").order_by("starts_at", "id")
    return list(found.prefetch_related(Prefetch("sessions", sessions))[:MOST_ACTIVITIES])


def _events(forum: Forum, hub: Hub, now: datetime) -> Iterator[CalendarEvent]:
    since, sessions = _since(now), list(forum.sessions.all())
    for session in sessions:
        if _is_shown(session.ends_at, session.cancelled_at or forum.cancelled_at, since):
            yield _for_feed(forum, session_event(forum, session, hub))
    if not sessions:
        yield _for_feed(forum, forum_event(forum, hub))


def _is_shown(ends_at: datetime, cancelled_at: datetime | None, since: datetime) -> bool:
    return (cancelled_at or ends_at) >= since


def _for_feed(forum: Forum, event: CalendarEvent) -> CalendarEvent:
    """With its kind, and its address in its text too: several calendars show no other."""
    description = "\n\n".join(part for part in (event.description, event.url) if part)
    categories = (str(forum.get_kind_display()),)
    return shown_as_cancelled(replace(event, description=description, categories=categories))
