"""The figures that must agree before a round is sealed, and that are published after.

Nothing here reads the choices of a ballot, but for `totals_by_channel`, which sealing alone calls.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db.models import Count, Q

from forums.models import Ballot, PaperBallot, Question, Registration, RollEntry, Round, RoundEvent, Slip
from forums.vote.casting import online_voter_ids
from forums.vote.methods.registry import method_of
from forums.vote.refusals import VoteSuspended

# With fewer ballots in one of the two channels, totals by channel would tell too much.
MIN_BALLOTS_BY_CHANNEL = 10
# With fewer, the totals are the ballots themselves: turnout and seal only, for the team too.
MIN_BALLOTS_TO_COUNT = 3
# With fewer papers, or fewer in large print, whoever types them may know whose they are: the team is warned.
FEW_PAPERS = 5
# Papers noted after the closing, at most: one for so many that were given in time (ADR 0009).
PAPERS_ISSUED_FOR_ONE_NOTED = 10
# A kind of participant with fewer people on the roll is counted with the others.
MIN_PEOPLE_BY_KIND = 5
# Whoever was taken off with a paper in hand counts still: the paper may be in the box (`forums.vote.casting.turnout`).
ON_ROLL = Q(voided_at=None) | Q(is_on_paper=True)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Numbers of people, slips and ballots of one round."""

    on_roll: int
    added: int
    voided: int
    checked_in: int
    # Slips: these names are the keys of what is stored at sealing.
    cartons_printed: int
    cartons_activated: int
    cartons_voided: int
    online: int
    papers_printed: int
    # Given to someone who is still on the roll or who was taken off it since.
    papers_issued: int
    papers_counted: int
    papers_blank: int
    papers_rejected: int
    papers_lost: int
    # Printed papers that someone typed and that two people have not yet agreed on.
    papers_unsettled: int
    # Of those issued, noted after the closing, each with its public reason.
    papers_noted: int = 0

    @property
    def papers_returned(self) -> int:
        return self.papers_counted + self.papers_blank + self.papers_rejected

    @property
    def ballots(self) -> int:
        return self.online + self.papers_returned

    @property
    def has_too_few_to_count(self) -> bool:
        """One ballot or two: their totals would say who chose what."""
        return 0 < self.ballots < MIN_BALLOTS_TO_COUNT

    @property
    def voted(self) -> int:
        """As the projector shows it: a paper that was given out counts as a vote."""
        return self.online + self.papers_issued

    @property
    def papers_missing(self) -> int:
        """Given, neither returned nor declared lost; negative when more came back than were given."""
        return self.papers_issued - self.papers_returned - self.papers_lost - self.papers_unsettled

    @property
    def is_settled(self) -> bool:
        return self.papers_unsettled == 0 and self.papers_missing == 0

    @property
    def can_note_paper(self) -> bool:
        """All is typed, more came back than were given, and no more were noted late than one in ten, or one."""
        most = max(1, (self.papers_issued - self.papers_noted) // PAPERS_ISSUED_FOR_ONE_NOTED)
        is_one_too_many = self.papers_unsettled == 0 and self.papers_issued < self.papers_returned
        return is_one_too_many and self.papers_noted < most

    def as_json(self) -> dict[str, Any]:
        """Of one ballot or two, whether a paper was blank or rejected is not kept: all are told as counted."""
        counts = self
        if self.has_too_few_to_count:
            counts = replace(self, papers_counted=self.papers_returned, papers_blank=0, papers_rejected=0)
        return asdict(counts)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Reconciliation:
        """From `SealedBox.reconciliation`, which holds more besides; a former one lacks `papers_noted`."""
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})


def reconcile(round: Round) -> Reconciliation:
    """The figures of a round that is not sealed. Six queries."""
    roll = RollEntry.objects.filter(round=round).aggregate(
        on_roll=Count("pk", filter=ON_ROLL),
        added=Count("pk", filter=Q(is_late=True)),
        voided=Count("pk", filter=Q(voided_at__isnull=False)),
        papers_issued=Count("pk", filter=Q(is_on_paper=True)),
    )
    slips = Slip.objects.filter(forum_id=round.forum_id).aggregate(
        cartons_printed=Count("pk"),
        cartons_activated=Count("pk", filter=Q(activated_at__isnull=False)),
        cartons_voided=Count("pk", filter=Q(voided_at__isnull=False)),
    )
    outcomes = PaperBallot.Outcome
    papers = PaperBallot.objects.filter(round=round).aggregate(
        papers_printed=Count("pk", distinct=True),
        papers_counted=Count("pk", filter=Q(outcome=outcomes.TYPED), distinct=True),
        papers_blank=Count("pk", filter=Q(outcome=outcomes.BLANK), distinct=True),
        papers_rejected=Count("pk", filter=Q(outcome=outcomes.REJECTED), distinct=True),
        papers_unsettled=Count("pk", filter=Q(outcome="", typings__isnull=False), distinct=True),
    )
    return Reconciliation(
        **roll,
        **slips,
        **papers,
        checked_in=Registration.objects.filter(forum_id=round.forum_id).checked_in().count(),
        online=Ballot.objects.filter(round=round, is_withdrawn=False).count(),
        papers_lost=round.papers_lost or 0,
        papers_noted=RoundEvent.objects.filter(round=round, kind=RoundEvent.Kind.NOTED).count(),
    )


def turnout_by_kind(round: Round) -> list[dict[str, Any]]:
    """[{"kind", "on_roll", "voted"}] by kind of participant; small kinds are together under "".

    Read while the secret exists. Who voted, never what. Without the key of the round nobody knows: none is published,
    and the ballots, which need no key, are counted all the same.
    """
    entries = list(RollEntry.objects.filter(ON_ROLL, round=round).values_list("pk", "kind", "is_on_paper"))
    try:
        voters = online_voter_ids(round.pk)
    except VoteSuspended:
        return []
    people = Counter(kind for _pk, kind, _paper in entries)
    names = _published_kinds(people)
    on_roll = Counter(names[kind] for _pk, kind, _paper in entries)
    voted = Counter(names[kind] for pk, kind, is_on_paper in entries if is_on_paper or pk in voters)
    return [{"kind": kind, "on_roll": on_roll[kind], "voted": voted[kind]} for kind in sorted(on_roll)]


def _published_kinds(people: Counter[str]) -> dict[str, str]:
    """The kind under which each kind is published: itself, or "" for the smallest ones together, as many of them
    as it takes to reach MIN_PEOPLE_BY_KIND, so that no figure identifies someone."""
    names = {}
    together = 0
    for kind, count in sorted(people.items(), key=lambda item: (item[1], item[0])):
        is_small = count < MIN_PEOPLE_BY_KIND or 0 < together < MIN_PEOPLE_BY_KIND
        together += count if is_small else 0
        names[kind] = "" if is_small else kind
    return names


def totals_by_channel(round: Round) -> list[dict[str, Any]] | None:
    """Totals of each row online and on paper, by its key; None when either channel has too few ballots."""
    online = Ballot.objects.filter(round=round, is_withdrawn=False)
    papers = PaperBallot.objects.filter(round=round).exclude(outcome__in=["", PaperBallot.Outcome.REJECTED])
    if min(online.count(), papers.count()) < MIN_BALLOTS_BY_CHANNEL:
        return None
    questions = {str(question.position): question for question in round.questions.prefetch_related("options")}
    totals = {"online": _totals(online, questions), "paper": _totals(papers, questions)}
    return [
        {
            "question": question.position,
            "option": key,
            **{name: total[position, key] for name, total in totals.items()},
        }
        for position, question in questions.items()
        for key in method_of(question).keys(question)
    ]


def _totals(rows: Any, questions: dict[str, Question]) -> Counter[tuple[str, int | str]]:
    totals: Counter[tuple[str, int | str]] = Counter()
    for choices in rows.values_list("choices", flat=True).iterator(chunk_size=5000):
        for position, chosen in choices.items():
            for key, amount in method_of(questions[position]).amounts(chosen):
                totals[position, key] += amount
    return totals
