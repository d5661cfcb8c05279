"""Receipts: looking one up, among the ballots of an open round or in a sealed box, and fixing those of the closing.

Never the choices of a ballot.
"""

from __future__ import annotations

from dataclasses import dataclass

from forums.models import Ballot, Round, RoundSecret, SealedBox
from forums.tally.box import receipt_hash, receipts_fingerprint
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


def receipts_in_force(round: Round) -> list[str]:
    """Their sorted hashes, of a round that is not sealed."""
    found = Ballot.objects.filter(round=round, is_withdrawn=False).values_list("receipt_hash", flat=True)
    return sorted(found)


def fix_receipts(round: Round) -> None:
    """Sets what is shown at the closing, and keeps the receipts until the seal. The caller holds the round's lock.

    What was shown before any paper was typed binds whoever could change the ballots between the closing and the seal.
    """
    hashes = receipts_in_force(round)
    round.receipts_fingerprint, round.receipts_count = receipts_fingerprint(hashes), len(hashes)
    RoundSecret.objects.filter(round=round).update(closing_receipts=hashes)


def receipts_to_seal(round: Round) -> tuple[list[str], list[str]]:
    """(those in force, those removed since the closing), sorted. The caller holds the round's lock.

    Raises ValueError for one that was not there at the closing: no ballot is cast after it.
    """
    hashes = receipts_in_force(round)
    # None of a round that closed before they were kept.
    kept = RoundSecret.objects.values_list("closing_receipts", flat=True).get(round=round)
    closing = set(hashes if kept is None else kept)
    if new := set(hashes) - closing:
        raise ValueError(f"{len(new)} receipts of round {round.pk} appeared after its closing")
    return hashes, sorted(closing - set(hashes))
