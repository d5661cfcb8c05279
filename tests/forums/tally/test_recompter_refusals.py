"""recompter.py refuses the boxes that the portal would never write, and no other: both read the same altered texts."""

from __future__ import annotations

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from forums.tally import box as boxes
from forums.tally import canonical, recompter
from forums.tally.box import BoxError
from tests.forums.tally.boxes import METHODS
from tests.forums.tally.drawn import TRIED, drawn_boxes

VALUES = st.sampled_from(
    [
        *(
            None,
            True,
            False,
            -1,
            0,
            1,
            2,
            3,
            1.0,
            10**30,
            "",
            "zz",
            "1",
            [],
            {},
            [[]],
            [1],
            ["for"],
            [[1, 1]],
            [2, 1],
        ),
        *(
            "points",
            "approval",
            "decision",
            "ranking",
            "balanced",
            "pole-urne/1",
            "pole-urne/2",
            "0" * 64,
            "A" * 64,
        ),
        *("2026-05-19T18:30:00Z", "2026-05-19T19:00:01Z", "2026-05-19 19:00", "2026-05-20", "2026-5-20"),
    ]
)


def places(value, at=()):
    """The ways to each value that a box holds, itself aside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield (*at, key)
        yield from places(each, (*at, key))


@st.composite
def altered(draw):
    """A box of which one to three values were changed, taken away, doubled or added."""
    data = json.loads(boxes.write(draw(drawn_boxes())))
    for _change in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(sorted(places(data), key=repr)))
        holder = data
        for key in way:
            holder = holder[key]
        act = draw(st.sampled_from(["change", "change", "take", "double", "add"]))
        if act == "change":
            holder[last] = draw(VALUES)
        elif act == "take":
            del holder[last]
        elif isinstance(holder, list):
            holder.insert(last, copy.deepcopy(holder[last]) if act == "double" else draw(VALUES))
        else:
            holder[
                draw(
                    st.sampled_from(
                        [
                            "limits",
                            "limit",
                            "points_each",
                            "extra",
                            "on_roll",
                            "removed_receipts",
                            "tellers_part",
                        ]
                    )
                )
            ] = draw(VALUES)
    return data


def is_refused_by_portal(text):
    try:
        boxes.read(text, METHODS)
    except BoxError:
        return True
    return False


def is_refused_by_recompter(text):
    try:
        return bool(list(recompter.box_faults(text, json.loads(text))))
    except (KeyError, TypeError, ValueError, AttributeError):
        return True


@given(altered())
@settings(TRIED, max_examples=120)
def test_recompter_and_portal_refuse_the_same_boxes(data):
    # The words of the rule bind nobody: its name does.
    rules = {each["id"]: each["words"] for each in (boxes.TIE_RULE, boxes.TIE_RULE_WITH_TELLERS)}
    rule = data.get("tie_rule")
    if isinstance(rule, dict) and isinstance(rule.get("words"), str) and isinstance(rule.get("id"), str):
        rule["words"] = rules.get(rule["id"], "")
    text = canonical.dump(data) + "\n"
    assert is_refused_by_recompter(text) is is_refused_by_portal(text)
