"""The messages that staff read when an action on a vote is refused: why, and what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _

from forums.vote import casting, codes, paper_entry, paper_issue, preparation, roll, rounds, sealing, slips
from forums.vote.methods.base import sentence
from pole.templatetags.typography import day_time, long_date


def refusal_message(refusal: Exception) -> str:
    """A sentence or two. An exception without a message of its own gets that the round has moved on."""
    match refusal:
        case preparation.Overlaps(other=other) if other is not None:
            times = {
                "number": other.number,
                "day": long_date(other.opens_at),
                "opens": day_time(other.opens_at),
                "closes": day_time(other.closes_at),
            }
            return (
                _(
                    "This time meets that of round %(number)d (%(day)s, from %(opens)s to %(closes)s)."
                    " Two rounds of one forum follow each other: change one of them."
                )
                % times
            )
        case rounds.NothingToVoteOn(question=question) if question is not None:
            return sentence(question, "wrong_count", title=question.title)
        case sealing.Unreconciled():
            return _(
                "The papers do not add up yet: nothing was sealed. The page says what is missing and what to do."
            )
    return _message_by_type(type(refusal))


def _message_by_type(kind: type[Exception]) -> str:
    message_by_type = {
        rounds.NothingToVoteOn: _("This round has no question yet: add one first."),
        rounds.AnotherRoundOpen: _(
            "Another round of this forum takes place at that time. Close it, or choose other times."
        ),
        rounds.ForumCancelled: _("This forum is cancelled. Restore it first, then open the vote."),
        rounds.ClosesTooSoon: _("The closing time must be to come, and later than the one in force."),
        preparation.Overlaps: _(
            "Another round of this forum takes place at that time. Look at the list, then choose other times."
        ),
        preparation.ChangedMeanwhile: _(
            "Someone else changed this while you were looking. Nothing was done: look again, then start over."
        ),
        slips.SlipsPrintedMeanwhile: _(
            "A batch was printed a moment ago, by a second click or by a colleague: nothing was printed again."
            " If nobody has its file, make that batch useless below, then print another."
        ),
        paper_issue.PapersPrintedMeanwhile: _(
            "Papers were printed a moment ago, by a second click or by a colleague: nothing was printed again."
            " If you do not have the file, print as many anew; papers that nobody was given count for nothing."
        ),
        slips.SlipTaken: _("This slip was given to someone else. Take another one."),
        slips.SlipVoided: _("This slip was made useless. Take another one."),
        slips.SlipUnknown: _("No slip of this forum has this number or this code. Read it again."),
        codes.CodeMistyped: _("This is neither the number of a slip nor a code. Read it again."),
        roll.VoidedWithPaper: _(
            "This person was taken off the roll with a paper in hand, which may come back: they can’t be added again."
        ),
        roll.RollRefused: _("The vote is not open: its roll no longer changes."),
        paper_issue.NothingToNote: _(
            "There is nothing to note for now: no paper too many came back, some are not settled yet, or as many were"
            " noted late as may be, one for ten given out."
        ),
        paper_issue.NotedByTypist: _(
            "You typed papers of this vote: for this one, someone else of the team must say who was given it."
        ),
        casting.VoteNotOpen: _("The vote is not open: no paper can be given out."),
        casting.NotOnRoll: _("This person is not on the roll, or was taken off it."),
        paper_entry.TypingClosed: _("Papers are typed once the vote is closed, and until the box is sealed."),
        paper_entry.SerialUnknown: _(
            "No paper of this round has this serial. Read the five characters again, at the foot of the paper."
        ),
        paper_entry.TypedAlready: _(
            "You already typed this paper, otherwise. Someone else must type it now; a difference will be shown."
        ),
        paper_entry.TypedTwice: _("Two people already typed this paper: put it with those that are done."),
        paper_entry.NotInDispute: _("This paper is settled: nothing was changed."),
        paper_entry.TooManyPapersLost: _("More papers can’t be lost than were given out."),
    }
    return message_by_type.get(
        kind, _("The round is no longer at that point: nothing was done. This page shows where it stands.")
    )
