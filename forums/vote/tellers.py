"""What tellers add to the seed of the lottery, so that the portal does not draw alone.

Whether they do is fixed before the vote opens. Their part (dice, a sentence) is entered once, after the closing and
before any paper is typed: nobody who gives it knows how the vote stands, nor the seed, of which the hash was published
at the opening. Sealing waits for it.

Locks, in order: the round's advisory lock, exclusive; the round row.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from forums.models import PaperTyping, Round, RoundEvent
from forums.vote.locks import lock_round_exclusive
from forums.vote.log import log_event
from forums.vote.rounds import RoundRefused, close_if_over, database_now
from pole.text.plaintext import clean_line

# Signs, as Round.tellers_part.
MAX_PART = 200


class PartRefused(RoundRefused):
    messages = {
        "part_given": _("The tellers’ part is entered already, otherwise: it never changes."),
        "part_dropped": _(
            "The tellers’ part was dropped, with a public reason: it can’t be entered any more."
        ),
        "part_empty": _("Enter what the tellers drew or said."),
        "part_long": _("This is too long: 200 signs at most. Nothing was entered."),
        "papers_typed": _(
            "Papers are typed already: the tellers’ part would come too late. Drop it, with a public reason."
        ),
    }


@transaction.atomic
def enter_part(*, round_id: int, part: str, by: User | None) -> Round:
    """Keeps the tellers' part, projected at once. The same again: changes nothing, as for a second click.

    Raises `PartRefused`, or `RoundRefused` unless the round is closed, not sealed, and announced it.
    """
    round = _lock_closed_round(round_id)
    part = clean_line(part)
    if round.tellers_part == part != "":
        return round
    if round.tellers_part:
        raise PartRefused("part_given")
    if round.tellers_dropped_because:
        raise PartRefused("part_dropped")
    if not part:
        raise PartRefused("part_empty")
    if len(part) > MAX_PART:
        raise PartRefused("part_long")
    if PaperTyping.objects.filter(paper__round=round).exists():
        raise PartRefused("papers_typed")
    round.tellers_part = part
    round.save(update_fields=["tellers_part"])
    log_event(round.pk, RoundEvent.Kind.TELLERS, database_now(), by, reason=part)
    return round


@transaction.atomic
def drop_part(*, round_id: int, reason: str, by: User | None) -> Round:
    """Goes on without the tellers' part; the reason is public. Again: changes nothing. Raises as `enter_part` does."""
    round = _lock_closed_round(round_id)
    if round.tellers_part:
        raise PartRefused("part_given")
    if not round.tellers_dropped_because:
        if not reason:
            raise RoundRefused
        round.tellers_dropped_because = reason
        round.save(update_fields=["tellers_dropped_because"])
        log_event(round.pk, RoundEvent.Kind.DROPPED, database_now(), by, reason=reason)
    return round


def _lock_closed_round(round_id: int) -> Round:
    close_if_over(round_id)
    lock_round_exclusive(round_id)
    round = Round.objects.select_for_update(no_key=True).get(pk=round_id)
    if not round.tellers_add or not round.closed_at or round.sealed_at or round.annulled_at:
        raise RoundRefused
    return round
