"""The published reconciliation of a round: its figures in groups, with the equations that check them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
    # False: nothing of the kind served in this vote.
    is_used: bool = True

    def for_print(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "lines": [(label, number(count)) for label, count in self.lines],
            "checks": self.checks,
            "reasons": self.reasons,
        }


def reconciliation_groups(
    counts: Reconciliation, outcomes: Sequence[QuestionOutcome], log: Sequence[RoundEvent], lost_because: str
) -> list[ReconciliationGroup]:
    """Every figure of the reconciliation, in the words of the staff page, the published page and the official
    record, with the reasons in the log and that of lost papers. No outcome before the seal."""
    return [
        ReconciliationGroup(
            _("People"),
            (
                (_("On the roll when the vote closed"), counts.on_roll),
                (_("of whom added while it was open"), counts.added),
                (_("Taken off the roll"), counts.voided),
                (_("Arrivals confirmed at the forum"), counts.checked_in),
                (_("Voted"), counts.voted),
            ),
            reasons=_reasons(_("Taken off: %(reason)s"), log, RoundEvent.Kind.VOIDED),
        ),
        ReconciliationGroup(
            _("Voting slips of the forum"),
            (
                (_("Slips printed"), counts.cartons_printed),
                (_("Slips activated"), counts.cartons_activated),
                (_("Slips voided"), counts.cartons_voided),
            ),
            is_used=bool(counts.cartons_printed),
        ),
        _papers(counts, log, lost_because),
        _ballots(counts, outcomes),
    ]


def _reasons(words: str, log: Sequence[RoundEvent], kind: RoundEvent.Kind) -> tuple[str, ...]:
    """Each distinct reason of events of this kind, with how many times it was given."""
    given = Counter(event.reason for event in log if event.kind == kind)
    sentences = {reason: words % {"reason": reason} for reason in given}
    return tuple(
        f"{sentences[reason]} (× {number(times)})" if times > 1 else sentences[reason]
        for reason, times in given.items()
    )


def _counted(words: str, count: int) -> str:
    return words % {"count": number(count)}


def _sum_of_question(outcome: QuestionOutcome) -> str:
    filled, blank, rejected = outcome.ballots, outcome.blank, outcome.rejected
    parts = [
        _counted(ngettext("%(count)s filled in", "%(count)s filled in", filled), filled),
        _counted(ngettext("%(count)s blank", "%(count)s blank", blank), blank),
        _counted(ngettext("%(count)s rejected", "%(count)s rejected", rejected), rejected),
    ]
    return " + ".join(parts)


def _papers(counts: Reconciliation, log: Sequence[RoundEvent], lost_because: str) -> ReconciliationGroup:
    check = "{} + {} = {}".format(
        _counted(
            ngettext("%(count)s returned", "%(count)s returned", counts.papers_returned),
            counts.papers_returned,
        ),
        _counted(ngettext("%(count)s lost", "%(count)s lost", counts.papers_lost), counts.papers_lost),
        _counted(
            ngettext("%(count)s given out", "%(count)s given out", counts.papers_issued), counts.papers_issued
        ),
    )
    return ReconciliationGroup(
        _("Paper ballots"),
        (
            (_("Papers printed"), counts.papers_printed),
            (_("Papers given out"), counts.papers_issued),
            *([(_("of which noted after the closing"), counts.papers_noted)] if counts.papers_noted else []),
            (_("Papers returned"), counts.papers_returned),
            *(
                []
                if counts.has_too_few_to_count
                else [
                    (_("of which blank throughout"), counts.papers_blank),
                    (_("of which rejected throughout"), counts.papers_rejected),
                ]
            ),
            (_("Papers lost"), counts.papers_lost),
            *([(_("Not settled"), counts.papers_unsettled)] if counts.papers_unsettled else []),
        ),
        # Untrue before the seal, it would be taken for a fact: the staff page says what does not agree.
        (check,) if counts.is_settled else (),
        (
            *_reasons(_("Noted after the closing: %(reason)s"), log, RoundEvent.Kind.NOTED),
            *([_("Lost: %(reason)s") % {"reason": lost_because}] if lost_because else []),
        ),
        is_used=bool(counts.papers_printed or counts.papers_issued),
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
        _("Question %(position)s: %(sum)s = %(all)s")
        % {"position": position, "sum": _sum_of_question(outcome), "all": number(outcome.cast)}
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
