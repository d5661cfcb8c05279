"""Looking a receipt up: among the ballots of an open round, or in a sealed box. Never the choices of the ballot."""

from __future__ import annotations

from dataclasses import dataclass

from forums.models import Ballot, Round, SealedBox
from forums.tally.box import receipt_hash
from forums.vote.codes import parse_receipt


@dataclass(frozen=True, slots=True)
class ReceiptLookup:
    """`hash` is what the box lists; `round` has its forum, and is None when no ballot has this receipt."""

    hash: str
    round: Round | None
    is_sealed: bool = False


def find_receipt(written: str) -> ReceiptLookup:
    """Three queries at most. Raises `forums.vote.codes.CodeMistyped`."""
    hashed = receipt_hash(parse_receipt(written))
    rounds = Round.objects.select_related("forum")
    ballot = Ballot.objects.filter(receipt_hash=hashed, is_withdrawn=False).values("round_id")
    if round := rounds.filter(pk__in=ballot).first():
        return ReceiptLookup(hashed, round)
    boxes = SealedBox.objects.filter(receipts__contains=[hashed]).values("pk")
    round = rounds.filter(pk__in=boxes).first()
    return ReceiptLookup(hashed, round, is_sealed=round is not None)
