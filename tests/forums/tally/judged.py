"""Judgments counted for tests: by the tally, and by the recount for strangers."""

from __future__ import annotations

import json

from forums.tally import box as boxes
from forums.tally import recompter
from forums.tally.count import count
from forums.tally.outcome import as_json
from tests.forums.tally.boxes import box


def counted(question, **about):
    """By the tally, once the recount for strangers has said the same."""
    whole = box(question, **about)
    text, outcome = boxes.write(whole), count(whole)
    assert list(recompter.box_faults(text, json.loads(text))) == []
    assert recompter.recount(json.loads(text)) == as_json(outcome)
    return outcome.questions[0]


def ranked(outcome):
    """Options from the best to the last, equals together."""
    ranks = {}
    for each in outcome.totals:
        ranks.setdefault(each.rank, set()).add(each.number)
    return [ranks[rank] for rank in sorted(ranks)]
