"""The default texts of mails about a forum, and the placeholders in them for the person and the event."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forums.mail.events import place_of
from forums.models import Forum, Kind, Mode, NoticeKind, Registration, Session
from pole.templatetags.typography import date_range
from pole.text.typography import one_stop


@dataclass(frozen=True, slots=True)
class MailText:
    """`subject` is one line; empty lines separate the paragraphs of `body`. Both may hold `PLACEHOLDERS`."""

    subject: str
    body: str


EDITABLE_KINDS = (
    NoticeKind.CONFIRMATION,
    NoticeKind.PROMOTION,
    NoticeKind.REMINDER,
    NoticeKind.VOTE_OPEN,
    NoticeKind.RESULTS,
)

# With what each stands for. Staff write them as they are, whatever the language of the text.
PLACEHOLDERS: dict[str, Promise] = {
    "{nom}": _("the person’s name"),
    "{forum}": _("the title of the forum"),
    "{date}": _("when it takes place"),
    "{lieu}": _("where it takes place"),
}

_DEFAULTS: dict[NoticeKind, tuple[Promise, Promise]] = {
    NoticeKind.TO_CONFIRM: (
        _("Confirm your registration: {forum}"),
        _("One more step and your registration for “{forum}” is done: open this page and confirm."),
    ),
    NoticeKind.ALREADY: (
        _("You are registered already: {forum}"),
        _("Someone, probably you, has just asked to register somebody for “{forum}” with this address. {nom} is registered with it already, and nothing has changed. For another person with this address, type their own name."),
    ),
    NoticeKind.CONFIRMATION: (
        _("Your place is confirmed: {forum}"),
        _("Hello {nom},\n\nYour registration for “{forum}” is confirmed. We look forward to meeting you."),
    ),
    NoticeKind.WAITLISTED: (
        _("You are on the waitlist: {forum}"),
        _("Hello {nom},\n\nEvery place at “{forum}” is taken: you are on the waitlist. As soon as a place comes free and your turn has come, it is yours and we write to you."),
    ),
    NoticeKind.PROMOTION: (
        _("A place has come free, and it is yours: {forum}"),
        _("Hello {nom},\n\nGood news: you leave the waitlist and have a place at “{forum}”. If you can’t come any more, please cancel on your page: the place goes to the next person."),
    ),
    NoticeKind.REMINDER: (
        _("In two days: {forum}"),
        _("Hello {nom},\n\nWe meet in two days at “{forum}”. At the door, show the QR code of this message: you will be in within a moment. If you can’t come any more, please cancel on your page: someone is perhaps waiting for your place."),
    ),
    NoticeKind.CANCELLED: (
        _("Your registration is cancelled: {forum}"),
        _("Hello {nom},\n\nYour registration for “{forum}” is cancelled. Thank you for telling us. You can register again for as long as registration is open."),
    ),
    NoticeKind.POSTPONED: (
        _("New date: {forum}"),
        _("Hello {nom},\n\n“{forum}” is postponed. It will take place {date}. Your registration stays good for the new date. If you can’t come, please cancel on your page."),
    ),
    NoticeKind.CALLED_OFF: (
        _("Cancelled: {forum}"),
        _("Hello {nom},\n\nWe are sorry: “{forum}”, which was to take place {date}, is cancelled. You have nothing to do."),
    ),
    NoticeKind.RESTORED: (
        _("It takes place after all: {forum}"),
        _("Hello {nom},\n\nWe had written that “{forum}” was cancelled: it takes place after all, {date}. Your registration is still good. If you can’t come, please cancel on your page."),
    ),
    NoticeKind.SESSION_OFF: (
        _("A session is cancelled: {forum}"),
        _("Hello {nom},\n\nWe are sorry: a session of “{forum}” is cancelled. The others take place as planned, and the page of the activity tells which."),
    ),
    NoticeKind.SESSION_MOVED: (
        _("A session is moved: {forum}"),
        _("Hello {nom},\n\nA session of “{forum}” is held at another time or place. The page of the activity tells which. Your registration stays good."),
    ),
    NoticeKind.SESSION_BACK: (
        _("A session takes place after all: {forum}"),
        _("Hello {nom},\n\nWe had written that a session of “{forum}” was cancelled: it takes place after all. The page of the activity tells when."),
    ),
    NoticeKind.VOTE_OPEN: (
        _("The vote is open: {forum}"),
        _("Hello {nom},\n\nThe vote of “{forum}” is open. Your voice counts."),
    ),
    NoticeKind.SEALED: (
        _("The seal of the box: {forum}"),
        _("Hello {nom},\n\nThe box of the vote of “{forum}” is sealed. Everyone who registered receives this message, whether they voted or not. Keep it: nobody can change it any more, the hub included, and it will tell whether the box that is published is the one that was sealed."),
    ),
    NoticeKind.RESULTS: (
        _("The results are published: {forum}"),
        _("Hello {nom},\n\nThe results of “{forum}” are published: what the participants retained, and what happens next. Thank you for taking part."),
    ),
}  # fmt: skip


# Of what is no forum, or of a forum that has no door: the words name what it is.
_OF_ACTIVITIES: dict[NoticeKind, tuple[Promise, Promise]] = {
    NoticeKind.CONFIRMATION: (
        _("Your place is confirmed: {forum}"),
        _("Hello {nom},\n\nYour registration is confirmed for {activity}."),
    ),
    NoticeKind.WAITLISTED: (
        _("You are on the waitlist: {forum}"),
        _("Hello {nom},\n\nEvery place is taken for {activity}: you are on the waitlist. As soon as a place comes free and your turn has come, it is yours and we write to you."),
    ),
    NoticeKind.PROMOTION: (
        _("A place has come free, and it is yours: {forum}"),
        _("Hello {nom},\n\nGood news: you leave the waitlist and have a place for {activity}. If you can’t come any more, please cancel on your page: the place goes to the next person."),
    ),
    NoticeKind.REMINDER: (
        _("In two days: {forum}"),
        _("Hello {nom},\n\nIt is in two days: we expect you for {activity}. If you can’t come any more, please cancel on your page: someone is perhaps waiting for your place."),
    ),
    NoticeKind.CANCELLED: (
        _("Your registration is cancelled: {forum}"),
        _("Hello {nom},\n\nYour registration is cancelled for {activity}. Thank you for telling us. You can register again for as long as registration is open."),
    ),
    NoticeKind.POSTPONED: (
        _("New date: {forum}"),
        _("Hello {nom},\n\nThe date changes for {activity}. This activity will take place {date}. Your registration stays good for the new date. If you can’t come, please cancel on your page."),
    ),
    NoticeKind.CALLED_OFF: (
        _("Cancelled: {forum}"),
        _("Hello {nom},\n\nWe are sorry: we have to call off {activity}. This activity was to take place {date}. You have nothing to do."),
    ),
    NoticeKind.RESTORED: (
        _("It takes place after all: {forum}"),
        _("Hello {nom},\n\nWe had written that we were calling off {activity}. This activity takes place after all, {date}. Your registration is still good. If you can’t come, please cancel on your page."),
    ),
    NoticeKind.SESSION_OFF: (
        _("Session cancelled: {forum}"),
        _("Hello {nom},\n\nWe are sorry: the session planned {date} is cancelled, for {activity}. Your registration stays good for the others."),
    ),
    NoticeKind.SESSION_MOVED: (
        _("A session changes: {forum}"),
        _("Hello {nom},\n\nA session changes, for {activity}: it will take place {date}. Your registration stays good. If you can’t come any more, please say so on your page."),
    ),
    NoticeKind.SESSION_BACK: (
        _("The session takes place after all: {forum}"),
        _("Hello {nom},\n\nWe had written that a session was cancelled, for {activity}: it takes place after all, {date}. Your registration is still good."),
    ),
    NoticeKind.SESSION_ADDED: (
        _("A session is added: {forum}"),
        _("Hello {nom},\n\nA session is added, for {activity}: it will take place {date}. Your registration is good for it too. If you can’t come any more, please say so on your page."),
    ),
}  # fmt: skip

# With its article, in the middle of a sentence, after “for” or a verb.
_NAMED: dict[Kind, Promise] = {
    Kind.FORUM: _("the forum “{forum}”"),
    Kind.TRAINING: _("the training “{forum}”"),
    Kind.WEBINAR: _("the webinar “{forum}”"),
    Kind.VISIT: _("the visit “{forum}”"),
    Kind.ASSEMBLY: _("the assembly “{forum}”"),
    Kind.OPEN_DAY: _("the open day “{forum}”"),
    Kind.MEETING: _("the get-together “{forum}”"),
}


def default_text(kind: NoticeKind, forum: Forum | None = None) -> MailText:
    """The portal's own text, in the current language: of a forum where people meet, unless `forum` is something else."""
    is_usual = forum is None or (forum.is_forum and forum.mode != Mode.ONLINE)
    first, other = (_DEFAULTS, _OF_ACTIVITIES) if is_usual else (_OF_ACTIVITIES, _DEFAULTS)
    subject, body = first.get(kind) or other[kind]
    name = str(_NAMED[Kind(forum.kind) if forum else Kind.FORUM])
    return MailText(str(subject), str(body).replace("{activity}", name))


def fill_placeholders(text: MailText, registration: Registration, session: Session | None = None) -> MailText:
    """`text` with each placeholder replaced by what it stands for, in the current language: of a session, its own date and place."""
    forum = registration.forum
    when = session or forum
    values = {
        "{nom}": registration.name,
        "{forum}": str(forum.shown_title),
        "{date}": date_range(when.starts_at, when.ends_at),
        "{lieu}": place_of(forum, session),
    }

    def filled(text: str) -> str:
        # In one pass: a name that contains a placeholder is not expanded.
        return one_stop(re.sub(r"\{\w+\}", lambda match: values.get(match[0], match[0]), text))

    return MailText(filled(text.subject), filled(text.body))


def unknown_placeholders(text: str) -> list[str]:
    """What is written like a placeholder and is none."""
    return [found for found in re.findall(r"\{[^{}\n]*\}", text) if found not in PLACEHOLDERS]
