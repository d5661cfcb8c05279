"""The numbers of a published reconciliation, in groups, with the sums that must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from forums.models import RoundEvent
from forums.tally.count import QuestionOutcome
from forums.vote.reconciliation import Reconciliation
from pole.templatetags.typography import number


@dataclass(frozen=True, slots=True)
class Sums:
    """Some numbers of the reconciliation, and the sums of them that must agree."""

    title: str
    lines: tuple[tuple[str, int], ...]
    checks: tuple[str, ...] = ()
    # Why, in the words of those who did it.
    reasons: tuple[str, ...] = ()


def sums(
    found: Reconciliation, outcomes: Sequence[QuestionOutcome], log: Sequence[RoundEvent], lost_because: str
) -> list[Sums]:
    """Every number of the reconciliation, in groups, with the reasons that the log and the loss of papers give."""
    groups = [
        Sums(
            _("People"),
            (
                (_("On the roll when the vote closed"), found.on_roll),
                (_("of whom added while it was open"), found.added),
                (_("Taken off the roll"), found.voided),
                (_("Arrivals confirmed at the forum"), found.checked_in),
                (_("Voted"), found.voted),
            ),
            reasons=why_taken_off(log),
        )
    ]
    if found.cartons_printed:
        groups.append(
            Sums(
                _("Voting slips of the forum"),
                (
                    (_("Printed"), found.cartons_printed),
                    (_("Activated"), found.cartons_activated),
                    (_("Voided"), found.cartons_voided),
                ),
            )
        )
    if found.papers_printed or found.papers_issued:
        groups.append(_papers(found, why_noted_or_lost(log, lost_because)))
    groups.append(_ballots(found, outcomes))
    return groups


def why_taken_off(log: Sequence[RoundEvent]) -> tuple[str, ...]:
    return _reasons(_("Taken off: %(reason)s"), log, RoundEvent.Kind.VOIDED)


def why_noted_or_lost(log: Sequence[RoundEvent], lost_because: str) -> tuple[str, ...]:
    noted = _reasons(_("Noted after the closing: %(reason)s"), log, RoundEvent.Kind.NOTED)
    lost = (_("Lost: %(reason)s") % {"reason": lost_because},) if lost_because else ()
    return (*noted, *lost)


def _reasons(words: str, log: Sequence[RoundEvent], kind: RoundEvent.Kind) -> tuple[str, ...]:
    """Each reason once, with how many times it was given."""
    given = Counter(event.reason for event in log if event.kind == kind)
    said = {reason: words % {"reason": reason} for reason in given}
    return tuple(
        f"{said[reason]} (× {number(times)})" if times > 1 else said[reason]
        for reason, times in given.items()
    )


def _papers(found: Reconciliation, reasons: tuple[str, ...]) -> Sums:
    check = _("%(returned)s returned + %(lost)s lost = %(issued)s given out") % {
        "returned": number(found.papers_returned),
        "lost": number(found.papers_lost),
        "issued": number(found.papers_issued),
    }
    return Sums(
        _("Paper ballots"),
        (
            (_("Printed"), found.papers_printed),
            (_("Given out"), found.papers_issued),
            *([(_("of which noted after the closing"), found.papers_noted)] if found.papers_noted else []),
            (_("Returned"), found.papers_returned),
            (_("of which blank"), found.papers_blank),
            (_("of which rejected"), found.papers_rejected),
            (_("Lost"), found.papers_lost),
        ),
        (check,),
        reasons,
    )


def _ballots(found: Reconciliation, outcomes: Sequence[QuestionOutcome]) -> Sums:
    checks = [
        _("%(online)s on screen + %(paper)s on paper = %(all)s")
        % {
            "online": number(found.online),
            "paper": number(found.papers_returned),
            "all": number(found.ballots),
        }
    ]
    checks += [
        _("Question %(position)s: %(filled)s filled in + %(blank)s blank + %(rejected)s rejected = %(all)s")
        % {
            "position": position,
            "filled": number(outcome.ballots),
            "blank": number(outcome.blank),
            "rejected": number(outcome.rejected),
            "all": number(outcome.cast),
        }
        for position, outcome in enumerate(outcomes, start=1)
    ]
    return Sums(
        _("Ballots in the box"),
        (
            (_("On screen"), found.online),
            (_("On paper"), found.papers_returned),
            (_("In all"), found.ballots),
        ),
        tuple(checks),
    )
