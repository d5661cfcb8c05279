"""What awaits the team in forums, for the staff home."""

from __future__ import annotations

from django.db.models import Count, Min
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from forums.models import ActivityProposal, Answer, Forum, Kind, Recommendation, Round
from forums.vote import rate_limits
from pole.hooks.staff_home import CardLine, StaffCard
from pole.server import long_lists
from pole.server.long_lists import bounded_count, count_and_first

# Others come up as these are settled.
MAX_LINES = 10


def recommendations_card() -> StaffCard:
    """Proposals to read, forum by forum. One query."""
    waiting = (
        Recommendation.objects.awaiting_review()
        .order_by()
        .values("forum__slug", "forum__title")
        .annotate(total=Count("id"), since=Min("created_at"))
        .order_by("forum__starts_at")[:5]
    )
    lines = [
        CardLine(
            _("%(what)s – %(forum)s")
            % {
                "what": ngettext("proposal to read", "proposals to read", row["total"]),
                "forum": row["forum__title"],
            },
            reverse("staff:recommendation_list", args=[row["forum__slug"]]),
            row["total"],
            row["since"],
        )
        for row in waiting
    ]
    return StaffCard(gettext_lazy("Recommendations"), reverse("staff:forum_list"), lines)


def forums_card() -> StaffCard:
    """What waits: activities not announced, past ones without results, codes tried by the hundred, votes, and answers.

    Six queries.
    """
    now = timezone.now()
    url = reverse("staff:forum_list")
    drafts = bounded_count(Forum.objects.of_team().filter(announced_at=None))
    held = Forum.objects.past(now).filter(kind=Kind.FORUM).awaiting_results()
    unfinished = bounded_count(held.exclude(rounds__in=Round.objects.open_at(now).filter(is_trial=False)))
    alarms = rate_limits.minutes_over_limit(now)
    counted = [
        (drafts, ngettext("activity to announce", "activities to announce", drafts)),
        (unfinished, ngettext("past forum without results", "past forums without results", unfinished)),
    ]
    bursts = ngettext(
        "burst of unknown voting codes since yesterday",
        "bursts of unknown voting codes since yesterday",
        alarms,
    )
    lines = [*_round_lines(), *_answer_lines(), *_activity_lines()]
    lines += [CardLine(words, url, count, is_pending=False) for count, words in counted if count]
    if alarms:
        lines.append(CardLine(bursts, url, alarms))
    return StaffCard(
        gettext_lazy("Activities"), url, lines, gettext_lazy("New activity"), reverse("staff:forum_new")
    )


def _round_lines() -> list[CardLine]:
    """For the staff home: votes open, to close, to reconcile or seal. One query, one line a round."""
    now = timezone.now()
    labels = {
        Round.State.OPEN: _("Vote open: %(forum)s"),
        Round.State.CLOSED: _("Vote to reconcile and seal: %(forum)s"),
    }
    overdue = _("Vote to close: %(forum)s")
    rounds = Round.objects.unsealed().select_related("forum").order_by("closes_at")[:10]
    lines = []
    for round in rounds:
        is_overdue = not round.closed_at and now >= round.closes_at
        is_open = not round.closed_at and not is_overdue
        text = (overdue if is_overdue else labels[round.state_at(now)]) % {"forum": round.forum.title}
        address = reverse("staff:round", args=[round.forum.slug, round.number])
        since = None if is_open else round.closed_at or round.closes_at
        lines.append(CardLine(text, address, since=since, is_pending=not is_open))
    return lines


def _activity_lines() -> list[CardLine]:
    """What enterprises propose for the agenda, or ask of what it holds: one query."""
    waiting = ActivityProposal.objects.waiting().annotate(waits=Coalesce("asked_at", "proposed_at"))
    found = count_and_first(waiting, "waits")
    words = ngettext("proposed activity to read", "proposed activities to read", found["count"])
    return [CardLine(words, reverse("staff:moderation"), **found)] if found["count"] else []


def _answer_lines() -> list[CardLine]:
    """Answers that wait for the team, the earliest, a line for each of the first forums that have some: one query."""
    earliest = Answer.objects.to_confirm().order_by("answered_at")[: long_lists.MAX_COUNTED]
    waiting = (
        Answer.objects.filter(pk__in=earliest.values("pk"))
        .order_by()
        .values("priority__results__forum__slug")
        .annotate(count=Count("pk"), since=Min("answered_at"))
        .order_by("priority__results__forum__slug")[:MAX_LINES]
    )
    return [
        CardLine(
            ngettext("answer to confirm", "answers to confirm", row["count"]),
            reverse("staff:followup", args=[row["priority__results__forum__slug"]]),
            row["count"],
            row["since"],
        )
        for row in waiting
    ]
