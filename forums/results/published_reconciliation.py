"""The published reconciliation of a round: its figures in groups, with the equations that check them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from forums.models import RoundEvent
from forums.tally.outcome import QuestionOutcome
from forums.vote.reconciliation import Reconciliation
from pole.templatetags.typography import number


@dataclass(frozen=True, slots=True)
class ReconciliationGroup:
    """Figures of the reconciliation, as (label, count), and the equations between them, as text."""

    title: str
    lines: tuple[tuple[str, int], ...]
    checks: tuple[str, ...] = ()
    # As staff typed them.
    reasons: tuple[str, ...] = ()


def reconciliation_groups(
    counts: Reconciliation, outcomes: Sequence[QuestionOutcome], log: Sequence[RoundEvent], lost_because: str
) -> list[ReconciliationGroup]:
    """Every figure of the reconciliation, with the reasons in the log and that of lost papers."""
    groups = [
        ReconciliationGroup(
            _("People"),
            (
                (_("On the roll when the vote closed"), counts.on_roll),
                (_("of whom added while it was open"), counts.added),
                (_("Taken off the roll"), counts.voided),
                (_("Arrivals confirmed at the forum"), counts.checked_in),
                (_("Voted"), counts.voted),
            ),
            reasons=voiding_reasons(log),
        )
    ]
    if counts.cartons_printed:
        groups.append(
            ReconciliationGroup(
                _("Voting slips of the forum"),
                (
                    (_("Printed"), counts.cartons_printed),
                    (_("Activated"), counts.cartons_activated),
                    (_("Voided"), counts.cartons_voided),
                ),
            )
        )
    if counts.papers_printed or counts.papers_issued:
        groups.append(_papers(counts, paper_reasons(log, lost_because)))
    groups.append(_ballots(counts, outcomes))
    return groups


def voiding_reasons(log: Sequence[RoundEvent]) -> tuple[str, ...]:
    return _reasons(_("Taken off: %(reason)s"), log, RoundEvent.Kind.VOIDED)


def paper_reasons(log: Sequence[RoundEvent], lost_because: str) -> tuple[str, ...]:
    noted = _reasons(_("Noted after the closing: %(reason)s"), log, RoundEvent.Kind.NOTED)
    lost = (_("Lost: %(reason)s") % {"reason": lost_because},) if lost_because else ()
    return (*noted, *lost)


def _reasons(words: str, log: Sequence[RoundEvent], kind: RoundEvent.Kind) -> tuple[str, ...]:
    """Each distinct reason of events of this kind, with how many times it was given."""
    given = Counter(event.reason for event in log if event.kind == kind)
    sentences = {reason: words % {"reason": reason} for reason in given}
    return tuple(
        f"{sentences[reason]} (× {number(times)})" if times > 1 else sentences[reason]
        for reason, times in given.items()
    )


def _papers(counts: Reconciliation, reasons: tuple[str, ...]) -> ReconciliationGroup:
    check = _("%(returned)s returned + %(lost)s lost = %(issued)s given out") % {
        "returned": number(counts.papers_returned),
        "lost": number(counts.papers_lost),
        "issued": number(counts.papers_issued),
    }
    return ReconciliationGroup(
        _("Paper ballots"),
        (
            (_("Printed"), counts.papers_printed),
            (_("Given out"), counts.papers_issued),
            *([(_("of which noted after the closing"), counts.papers_noted)] if counts.papers_noted else []),
            (_("Returned"), counts.papers_returned),
            (_("of which blank"), counts.papers_blank),
            (_("of which rejected"), counts.papers_rejected),
            (_("Lost"), counts.papers_lost),
        ),
        (check,),
        reasons,
    )


def _ballots(counts: Reconciliation, outcomes: Sequence[QuestionOutcome]) -> ReconciliationGroup:
    checks = [
        _("%(online)s on screen + %(paper)s on paper = %(all)s")
        % {
            "online": number(counts.online),
            "paper": number(counts.papers_returned),
            "all": number(counts.ballots),
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
    return ReconciliationGroup(
        _("Ballots in the box"),
        (
            (_("On screen"), counts.online),
            (_("On paper"), counts.papers_returned),
            (_("In all"), counts.ballots),
        ),
        tuple(checks),
    )
