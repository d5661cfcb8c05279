"""The checklist of an activity for staff: what is done and what comes next, computed from its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from forums.event.kinds import traits_of
from forums.models import Forum, Mode, Notice, NoticeKind, Registration, Round
from pole.server.long_lists import bounded_count

type Text = str | Promise


@dataclass(frozen=True, slots=True)
class Step:
    """`detail` is a short text on the progress, for example a count."""

    label: Text
    url: str
    is_done: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    title: Text
    steps: tuple[Step, ...]

    @property
    def is_done(self) -> bool:
        return all(step.is_done for step in self.steps)


@dataclass(frozen=True, slots=True)
class Checklist:
    parts: tuple[Part, ...]

    @property
    def next_step(self) -> Step | None:
        """The first that is not done."""
        return next((step for part in self.parts for step in part.steps if not step.is_done), None)


def build_checklist(forum: Forum, now: datetime) -> Checklist:
    """Ten queries at most; `forum` brings `results` by select_related."""
    if forum.is_after_the_fact(now):
        ends = [_concluding(forum, [], now)] if forum.has_participation else []
        return Checklist((_recording(forum), *ends))
    parts = [_preparing(forum), _inviting(forum, now)]
    if forum.has_participation:
        parts.append(_recommending(forum))
    if _takes_registrations(forum):
        parts.append(_on_the_day(forum, now))
    if forum.has_participation:
        rounds = [each for each in forum.rounds.decisive() if not each.annulled_at]
        parts += [_voting(forum, rounds, now), _concluding(forum, rounds, now)]
    return Checklist(tuple(parts))


def _preparing(forum: Forum) -> Part:
    page = _staff_path("staff:forum_edit", forum)
    steps = [*_describing(forum)]
    if forum.is_forum:
        steps.append(Step(_("Programme"), page, forum.programme.exists()))
    if forum.is_online:
        has_link = bool(forum.online_link) or forum.sessions.exclude(online_link="").exists()
        steps.append(Step(_("Link to take part online"), page, has_link))
    if _takes_registrations(forum):
        steps.append(Step(_("Dates of registration"), page, forum.registration_opens_at is not None))
    return Part(gettext_lazy("Prepare"), tuple(steps))


def _describing(forum: Forum) -> tuple[Step, ...]:
    page = _staff_path("staff:forum_edit", forum)
    described = Step(_("Title, summary and text"), page, bool(forum.summary and forum.body))
    if forum.mode == Mode.ONLINE:
        return (described,)
    return described, Step(_("Venue and municipality"), page, bool(forum.venue and forum.municipality_id))


def _takes_registrations(forum: Forum) -> bool:
    """Here: someone else may take them, or nobody."""
    if forum.registration_link:
        return False
    return traits_of(forum).takes_registrations or forum.is_forum or forum.registration_opens_at is not None


def _recording(forum: Forum) -> Part:
    """Of what nobody registers for any more: what the page shows."""
    page = _staff_path("staff:forum_edit", forum)
    announced = Step(_("Announce"), page + "#annonce", forum.announced_at is not None)
    return Part(gettext_lazy("Prepare"), (*_describing(forum), announced))


def _inviting(forum: Forum, now: datetime) -> Part:
    announced = forum.announced_at is not None
    people = Registration.objects.filter(forum=forum).confirmed().count()
    has_team = forum.day_team.filter(revoked_at=None).exists()
    opens = forum.registration_opens_at
    is_open = announced and opens is not None and opens <= now
    detail = ngettext("%(people)d place taken", "%(people)d places taken", people) % {"people": people}
    steps = [
        Step(_("Preview the page"), _staff_path("staff:forum_preview", forum), announced),
        Step(_("Announce"), _staff_path("staff:forum_edit", forum) + "#annonce", announced),
    ]
    if _takes_registrations(forum):
        steps.append(
            Step(_("Open registration"), _staff_path("staff:people_of_forum", forum), is_open, detail)
        )
    if forum.is_forum:
        steps.append(Step(_("Invite the day team"), _staff_path("staff:day_team", forum), has_team))
    return Part(gettext_lazy("Invite"), tuple(steps))


def _recommending(forum: Forum) -> Part:
    chosen = bounded_count(forum.recommendations.for_ballot())
    waiting = bounded_count(forum.recommendations.awaiting_review())
    detail = ""
    if waiting:
        detail = ngettext("%(count)d awaits review", "%(count)d await review", waiting) % {"count": waiting}
    on_ballot = ngettext("%(count)d chosen", "%(count)d chosen", chosen) % {"count": chosen}
    page = _staff_path("staff:recommendation_list", forum)
    return Part(
        gettext_lazy("Recommendations"),
        (
            Step(_("Review what people propose"), page, not waiting and chosen > 0, detail),
            Step(_("Choose at least two for the ballot"), page, chosen >= 2, on_ballot),
        ),
    )


def _on_the_day(forum: Forum, now: datetime) -> Part:
    reminded = Notice.objects.filter(registration__forum=forum, kind=NoticeKind.REMINDER).count()
    arrived = Registration.objects.filter(forum=forum).checked_in().count()
    reminders = ngettext("%(count)d mail sent", "%(count)d mails sent", reminded) % {"count": reminded}
    arrivals = ngettext("%(count)d person arrived", "%(count)d people arrived", arrived) % {"count": arrived}
    people = _staff_path("staff:people_of_forum", forum)
    steps = [
        Step(
            _("Reminder, by itself two days before"),
            _staff_path("staff:mails_of_forum", forum),
            reminded > 0 or now >= forum.starts_at,
            reminders if reminded else "",
        ),
        Step(_("Check in the people"), _staff_path("staff:door", forum), arrived > 0, arrivals),
    ]
    if traits_of(forum).has_attendance:
        steps.append(Step(_("Show who came on the page"), people, forum.attendance.exists()))
    return Part(gettext_lazy("The day"), tuple(steps))


def _voting(forum: Forum, rounds: list[Round], now: datetime) -> Part:
    states = {round.state_at(now) for round in rounds}
    late = {Round.State.CLOSED, Round.State.SEALED}
    page = _staff_path("staff:round_list", forum)
    is_sealed = bool(states) and states == {Round.State.SEALED}
    return Part(
        gettext_lazy("Vote"),
        (
            Step(_("Prepare the vote"), page, bool(rounds)),
            Step(_("Open the vote"), page, bool(states & {Round.State.OPEN, *late})),
            Step(_("Close the vote"), page, bool(states) and states <= late),
            Step(_("Reconcile, seal and count"), page, is_sealed),
        ),
    )


def _concluding(forum: Forum, rounds: list[Round], now: datetime) -> Part:
    results = getattr(forum, "results", None)
    page = _staff_path("staff:results_edit", forum)
    is_public = bool(results and results.is_public(now))
    is_followed = bool(results and results.priorities.filter(updates__isnull=False).exists())
    return Part(
        gettext_lazy("Conclude"),
        (
            Step(_("Write the results"), page, results is not None),
            Step(_("Publish the results"), page, is_public),
            Step(_("Follow up the priorities"), _staff_path("staff:followup", forum), is_followed),
        ),
    )


def _staff_path(name: str, forum: Forum) -> str:
    return reverse(name, args=[forum.slug])
