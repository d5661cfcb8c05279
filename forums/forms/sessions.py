"""When an activity takes place: one session, or a series, a line each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forums.event import sessions
from forums.event.wall_time import WEEK
from forums.forms.fields import LIKELY_DAYS, CalendarDateField, LinkField
from forums.forms.row_formset import RowForm, RowFormSet, row_formset
from forums.models import Forum, Session
from pole.forms import TypographyLineField
from pole.text.dates import date_in_words
from pole.text.local_moments import LocalDateTimeField

PREFIX, MAX_SESSIONS = "seances", 40
WHEN = ("day", "begins", "ends")
# Of a session alone: what the activity says of itself otherwise.
OWN = ("title", "title_en", "venue", "online_link", "trainer")

type Span = tuple[datetime, datetime]


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class SessionForm(RowForm):
    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    day = CalendarDateField(label=_("Day"), validators=LIKELY_DAYS)
    begins = forms.TimeField(label=_("Begins"), widget=_clock())
    ends = forms.TimeField(label=_("Ends"), widget=_clock())
    last_day = CalendarDateField(
        label=_("Last day, if it ends on another"), validators=LIKELY_DAYS, required=False
    )
    title = TypographyLineField(label=_("Title of this session"), max_length=160, required=False)
    title_en = TypographyLineField(label=_("Title in English"), max_length=160, required=False)
    venue = TypographyLineField(label=_("Venue, if it is another"), max_length=140, required=False)
    online_link = LinkField(label=_("Link to take part, if it is another"), max_length=500, required=False)
    trainer = TypographyLineField(label=_("Trainer, if it is another"), max_length=160, required=False)

    def __init__(self, *args: Any, stored: Mapping[int, Session | Span], **kwargs: Any) -> None:
        self.stored = stored
        super().__init__(*args, **kwargs)

    def when_fields(self) -> list[BoundField]:
        return [self[name] for name in WHEN]

    def own_fields(self) -> list[BoundField]:
        return [self[name] for name in ("title", "venue", "online_link", "trainer", "title_en", "last_day")]

    def has_own(self) -> bool:
        """Whether something of these is filled in, or refused."""
        return any(field.value() or field.errors for field in self.own_fields())

    @property
    def session(self) -> Session | None:
        """The one that is stored, if the line is of one."""
        typed = str(self["id"].value() or "")
        found = self.stored.get(int(typed)) if typed.isdecimal() else None
        return found if isinstance(found, Session) else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.has_changed() or any(cleaned.get(name) is None for name in WHEN):
            return cleaned
        day: date = cleaned["day"]
        last: date = cleaned.get("last_day") or day
        first_moment = self._moment("begins", day, cleaned["begins"])
        last_moment = self._moment("ends", last, cleaned["ends"])
        if first_moment and last_moment:
            if last_moment <= first_moment:
                self.add_error("ends", _("A session must end after it begins."))
            cleaned |= {"starts_at": first_moment, "ends_at": last_moment}
        return cleaned

    def _moment(self, name: str, day: date, clock: time) -> datetime | None:
        """The stored moment where it is typed again; of an hour that comes twice, the first."""
        text = f"{day.isoformat()}T{clock:%H:%M}"
        stored = self.session or self.stored.get(0)
        if stored is not None:
            span = (stored.starts_at, stored.ends_at) if isinstance(stored, Session) else stored
            moment = span[name == "ends"]
            if timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") == text:
                return moment
        found: datetime | None = None
        try:
            found = LocalDateTimeField().clean(f"{text}#0")
        except ValidationError as error:
            self.add_error(name, error)
        return found


class BaseSessionFormSet(RowFormSet):
    """`rows()` are what is typed; `planned()`, what is stored of it."""

    extra_rows, min_rows = 0, 1

    def __init__(self, data: Any, *, forum: Forum, initial_span: Span | None = None) -> None:
        self.forum = forum
        self.known = {session.pk: session for session in forum.sessions.all()} if forum.pk else {}
        stored: dict[int, Session | Span] = dict(self.known)
        span = (forum.starts_at, forum.ends_at) if forum.pk else initial_span
        if span and not self.known:
            stored[0] = span
        rows = [_typed(each) for each in self.known.values()] or ([_typed_span(*span)] if span else [])
        super().__init__(data, rows=rows, prefix=PREFIX, form_kwargs={"stored": stored})

    def clean(self) -> None:
        super().clean()
        if any(form.errors for form in self.forms):
            return
        planned = self.planned()
        if not planned:
            raise ValidationError(_("Give one day at least."), code="no_session")
        kept = {row["id"] for row in planned}
        self._refuse_to_remove([each for pk, each in self.known.items() if pk not in kept])
        if all(row["id"] and self.known[row["id"]].cancelled_at for row in planned):
            raise ValidationError(_("Every session is cancelled: cancel the whole activity instead."))

    def _refuse_to_remove(self, left_out: list[Session]) -> None:
        held = sessions.kept_sessions(self.forum) if left_out else set()
        for session in left_out:
            if session.pk in held:
                raise ValidationError(
                    _("People count on the session of %(day)s: cancel it instead of removing it."),
                    params={"day": date_in_words(timezone.localdate(session.starts_at))},
                    code="session_held",
                )

    def planned(self) -> list[dict[str, Any]]:
        """The sessions in order. `id` is that of a stored one, else None."""
        found = []
        for row in self.rows():
            if "starts_at" in row:
                pk = row["id"] if row["id"] in self.known else None
                found.append(
                    {"id": pk, "starts_at": row["starts_at"], "ends_at": row["ends_at"]}
                    | {name: row[name] for name in OWN}
                )
        return sorted(found, key=lambda row: (row["starts_at"], row["ends_at"]))

    def is_series(self) -> bool:
        """Else the activity has a beginning and an end alone."""
        planned = self.planned()
        return len(planned) > 1 or any(row["id"] or any(row[name] for name in OWN) for row in planned)

    def span(self) -> Span:
        planned = self.planned()
        held = [row for row in planned if not (row["id"] and self.known[row["id"]].cancelled_at)]
        return sessions.span((row["starts_at"], row["ends_at"]) for row in held or planned)

    def has_changed_stored(self) -> bool:
        """Whether what is typed is not what is stored."""
        stored = [
            {name: getattr(each, name) for name in sessions.TYPED} | {"id": pk}
            for pk, each in self.known.items()
        ]
        return bool(stored) and self.planned() != stored

    def moved(self) -> list[Session]:
        """The stored sessions to which other dates are given."""
        spans = {row["id"]: (row["starts_at"], row["ends_at"]) for row in self.planned()}
        return [
            each
            for pk, each in self.known.items()
            if not each.cancelled_at and pk in spans and spans[pk] != (each.starts_at, each.ends_at)
        ]


SessionFormSet: type[BaseSessionFormSet] = row_formset(  # type: ignore[assignment]  # it derives from `base`
    SessionForm, base=BaseSessionFormSet, can_order=False, max_rows=MAX_SESSIONS
)


def _typed(session: Session) -> dict[str, Any]:
    own = {name: getattr(session, name) for name in OWN}
    return {"id": session.pk, **_typed_span(session.starts_at, session.ends_at), **own}


def _typed_span(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    first, last = timezone.localtime(starts_at), timezone.localtime(ends_at)
    return {
        "day": first.date(),
        "begins": first.time(),
        "ends": last.time(),
        "last_day": None if first.date() == last.date() else last.date(),
    }


def with_session_a_week_later(data: QueryDict) -> QueryDict:
    """What was typed, and one more line: the last one that has a day, a week later on the same hours."""
    changed = data.copy()
    total = changed.get(f"{PREFIX}-TOTAL_FORMS", "")
    count = min(int(total), MAX_SESSIONS) if total.isdecimal() else 0
    if count >= MAX_SESSIONS:
        return changed
    last = _last_line(changed, count)
    for name in (*WHEN, "last_day"):
        value = changed.get(f"{PREFIX}-{last}-{name}", "") if last is not None else ""
        if name.endswith("day") and (day := _day(value)):
            value = (day + WEEK).isoformat() if day <= date.max - timedelta(days=7) else value
        changed[f"{PREFIX}-{count}-{name}"] = value
    changed[f"{PREFIX}-TOTAL_FORMS"] = str(count + 1)
    return changed


def _last_line(data: QueryDict, count: int) -> int | None:
    lines = [n for n in range(count) if _day(data.get(f"{PREFIX}-{n}-day", ""))]
    kept = [n for n in lines if not data.get(f"{PREFIX}-{n}-DELETE")] or lines
    return max(kept, key=lambda n: data.get(f"{PREFIX}-{n}-day", ""), default=None)


def _day(typed: str) -> date | None:
    try:
        return parse_date(typed)
    except ValueError:
        return None


def summary_of(session: Session) -> str:
    """One line, for whoever compares what is stored."""
    first, last = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    texts = [f"{first:%Y-%m-%d %H:%M} – {last:%H:%M}", *(getattr(session, name) for name in OWN)]
    if session.cancelled_at:
        texts.append(gettext("cancelled"))
    return " · ".join(text for text in texts if text)
