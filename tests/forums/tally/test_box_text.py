"""One box has one text, and no other text is read."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forums.tally import box as boxes
from forums.tally import ties
from forums.tally.box import BoxError, Option
from tests.forums.tally.boxes import METHODS, SEED, approval, box, decision, former, points
from tests.forums.tally.drawn import TRIED, drawn_boxes

QUESTIONS = (
    approval([{1, 2}, {2}], among=["Café", "Thé"], to_retain=1, blank=1, title="Boire"),
    points([{1: 4, 2: 3}], among=2, to_retain=2, blank=1, rejected=1, position=2),
)
DECISION = decision(["for", "abstention"], threshold=(2, 3), quorum=(1, 4), blank=1, position=3)
RECEIPTS = ["ABCD-EFGH", "JKMN-PQRS"]
SMALL = former(box(*QUESTIONS, receipts=RECEIPTS))
TWIN = box(*QUESTIONS, DECISION, receipts=RECEIPTS, on_roll=12)

# What anyone who writes a recount of their own can start from; their seals were taken with sha256sum.
SMALL_TEXT = (
    '{"closed_at":"2026-05-19T19:00:00Z","format":"pole-urne/1","forum_date":"2026-05-19",'
    '"forum_slug":"forum-d-essai","forum_title":"Forum d’essai","hub":"Pôle d’essai",'
    '"opened_at":"2026-05-19T18:30:00Z","questions":['
    '{"ballots":[[1,2],[2]],"blank":1,"limit":2,"method":"approval",'
    '"options":[{"number":1,"title":"Café","title_en":""},{"number":2,"title":"Thé","title_en":""}],'
    '"points":null,"points_each":null,"position":1,"rejected":0,"title":"Boire","title_en":"","to_retain":1},'
    '{"ballots":[[[1,4],[2,3]]],"blank":1,"limit":null,"method":"points",'
    '"options":[{"number":1,"title":"Option 1","title_en":""},{"number":2,"title":"Option 2","title_en":""}],'
    '"points":10,"points_each":4,"position":2,"rejected":1,"title":"Question","title_en":"","to_retain":2}],'
    '"reading":"most_supported","receipts":['
    '"426db3440a58c7f53ec884e08f9c5f46063c81368091df7b98342e3062b14040",'
    '"9ac2197d9258257b1ae8463e4214e4cd0a578bc1517f2415928b91be4283fc48"],"round_number":1,'
    f'"seed":"{SEED}","seed_hash":"9619e2c3275e1e8be9ca29f0d7e0668cfdc675efcac99dbfa3ed48872c69809f",'
    f'"tie_rule":{{"id":"{ties.RULE}","words":"{ties.RULE_IN_WORDS}"}}}}\n'
)
TWIN_TEXT = (
    '{"closed_at":"2026-05-19T19:00:00Z","format":"pole-urne/2","forum_date":"2026-05-19",'
    '"forum_slug":"forum-d-essai","forum_title":"Forum d’essai","hub":"Pôle d’essai","on_roll":12,'
    '"opened_at":"2026-05-19T18:30:00Z","questions":['
    '{"ballots":[[1,2],[2]],"blank":1,"limits":{"limit":2},"method":"approval",'
    '"options":[{"number":1,"title":"Café","title_en":""},{"number":2,"title":"Thé","title_en":""}],'
    '"position":1,"rejected":0,"title":"Boire","title_en":"","to_retain":1},'
    '{"ballots":[[[1,4],[2,3]]],"blank":1,"limits":{"points":10,"points_each":4},"method":"points",'
    '"options":[{"number":1,"title":"Option 1","title_en":""},{"number":2,"title":"Option 2","title_en":""}],'
    '"position":2,"rejected":1,"title":"Question","title_en":"","to_retain":2},'
    '{"ballots":[["abstention"],["for"]],"blank":1,"limits":{"quorum_denominator":4,"quorum_numerator":1,'
    '"threshold_denominator":3,"threshold_numerator":2},"method":"decision",'
    '"options":[{"number":1,"title":"La proposition","title_en":""}],'
    '"position":3,"rejected":0,"title":"Question","title_en":"","to_retain":1}],'
    '"reading":"most_supported","receipts":['
    '"426db3440a58c7f53ec884e08f9c5f46063c81368091df7b98342e3062b14040",'
    '"9ac2197d9258257b1ae8463e4214e4cd0a578bc1517f2415928b91be4283fc48"],"round_number":1,'
    f'"seed":"{SEED}","seed_hash":"9619e2c3275e1e8be9ca29f0d7e0668cfdc675efcac99dbfa3ed48872c69809f",'
    f'"tie_rule":{{"id":"{ties.RULE}","words":"{ties.RULE_IN_WORDS}"}}}}\n'
)


def read(text):
    return boxes.read(text, METHODS)


def test_text_is_known_to_the_byte():
    assert boxes.write(SMALL) == SMALL_TEXT
    assert boxes.seal(SMALL_TEXT) == "f257cf1b2178918d3fea3712c99b6a76fb02749dedfde5ef451068f2b70fccee"
    assert read(SMALL_TEXT) == SMALL


def test_text_with_a_decision_is_known_to_the_byte():
    assert boxes.write(TWIN) == TWIN_TEXT
    assert boxes.seal(TWIN_TEXT) == "408b09b745ebc21d04972b5990048ccab995dbf77a9fd0a2037ef6ffdec44454"
    assert read(TWIN_TEXT) == TWIN


def test_former_text_holds_nothing_but_what_was_described():
    data = json.loads(SMALL_TEXT)
    assert data.keys() == {
        *("format", "tie_rule", "hub", "forum_slug", "forum_title", "forum_date", "round_number"),
        *("opened_at", "closed_at", "reading", "seed", "seed_hash", "questions", "receipts"),
    }
    assert data["questions"][0].keys() == {
        *("position", "title", "title_en", "method", "limit", "points", "points_each", "to_retain"),
        *("options", "ballots", "blank", "rejected"),
    }


def test_text_holds_nothing_but_what_is_described():
    data = json.loads(TWIN_TEXT)
    assert data.keys() == {
        *("format", "tie_rule", "hub", "forum_slug", "forum_title", "forum_date", "round_number"),
        *("opened_at", "closed_at", "reading", "seed", "seed_hash", "questions", "receipts", "on_roll"),
    }
    for question in data["questions"]:
        assert question.keys() == {
            *("position", "title", "title_en", "method", "limits", "to_retain"),
            *("options", "ballots", "blank", "rejected"),
        }


@given(drawn_boxes())
@TRIED
def test_written_box_is_read_again(drawn):
    text = boxes.write(drawn)
    assert read(text) == drawn
    assert boxes.write(read(text)) == text
    assert unicodedata.is_normalized("NFC", text)
    assert (
        text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    )


@given(st.text(st.characters(codec="utf-8")))
@TRIED
def test_any_title_can_be_written_and_read(title):
    """A round is never stuck for what someone put in a title."""
    drawn = box(approval([], among=[title], to_retain=1, title=title))
    text = boxes.write(drawn)
    assert read(text) == drawn
    assert unicodedata.is_normalized("NFC", text)
    assert not any(unicodedata.category(each) == "Cc" for each in text[:-1])


def test_text_is_the_same_however_accents_were_typed():
    titles = ["Épicerie coopérative", "Économie d’usage", "Ầ la carte"]
    texts = {
        boxes.write(
            box(approval([], among=[unicodedata.normalize(form, each) for each in titles], to_retain=1))
        )
        for form in ("NFC", "NFD")
    }
    assert len(texts) == 1


def test_control_characters_of_a_title_become_spaces():
    assert Option(1, "Une\x1b[2Jligne\r\n\x9bautre").title == "Une [2Jligne autre"
    assert Option(1, "Thé\u00a0: noir\u202f!").title == "Thé\u00a0: noir\u202f!"


def test_moments_are_of_utc_to_the_second():
    quebec = timezone(timedelta(hours=-4))
    assert boxes.moment(datetime(2026, 5, 19, 14, 30, 59, 999_999, tzinfo=quebec)) == "2026-05-19T18:30:59Z"
    assert boxes.moment(datetime(2026, 5, 19, 18, 30, tzinfo=UTC)) == "2026-05-19T18:30:00Z"


def test_receipt_is_the_same_however_it_is_typed():
    assert boxes.receipt_hash("0123456789") == hashlib.sha256(b"0123456789").hexdigest()
    typed = {
        boxes.receipt_hash(each) for each in ("AB01-11CD", "abo1 lIcd", " ab01\u00a01Lcd\n", "AB01–11–CD")
    }
    assert typed == {hashlib.sha256(b"AB0111CD").hexdigest()}
    assert boxes.receipt_hash("AB0111CE") not in typed


def test_reader_knows_the_methods_that_it_is_given():
    with pytest.raises(BoxError, match=r"^question 3: unknown method 'decision'$"):
        boxes.read(TWIN_TEXT, {name: each for name, each in METHODS.items() if name != "decision"})


def _changed(text, old, new):
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


NOT_CANONICAL = "box: the text is not canonical: a key comes twice, or spaces or escapes are odd"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"blank":1', '"blank": 1', NOT_CANONICAL),
        ('"blank":1', '"blank":7,"blank":1', NOT_CANONICAL),
        ("Café", "Caf\\u00e9", NOT_CANONICAL),
        ("Café", "Cafe\u0301", NOT_CANONICAL),
        ("Café", "Ca\\tfé", NOT_CANONICAL),
        ("}\n", "}", NOT_CANONICAL),
        ("}\n", "}\r\n", NOT_CANONICAL),
        ('{"closed_at"', '\ufeff{"closed_at"', "box: it is not JSON: "),
        ("}\n", "}}\n", "box: it is not JSON: "),
        ("À égalité", "A égalité", f"box: its tie rule is not {ties.RULE}"),
        (ties.RULE, "alphabetical", f"box: its tie rule is not {ties.RULE}"),
        ('"hub":', '"voter":1,"hub":', "box: missing or unknown: voter"),
        ('"blank":1,', "", "a question: missing or unknown: blank"),
        ('"title_en":""},{', '"voter":1},{', "question 1, an option: missing or unknown: title_en, voter"),
        ('"ballots":[[1,2],[2]]', '"ballots":{}', "question 1: ballots is not a list"),
        ("[[1,2],[2]]", "[[1,2],2]", "question 1: a ballot is not a list"),
        ("[[1,2],[2]]", "[[1,2],[true]]", "question 1: a ballot holds something else than numbers"),
        ("[[1,2],[2]]", "[[1,2],[2.0]]", "question 1: a ballot holds something else than numbers"),
        ("[[1,2],[2]]", "[[1,2],[{}]]", "question 1: a ballot holds something else than numbers"),
        ("[[1,2],[2]]", "[[1,2],[[[2]]]]", "question 1: a ballot holds something else than numbers"),
        ("[[1,2],[2]]", "[[1,2],[3]]", "question 1, ballot 2: unknown option 3"),
        ("[[1,2],[2]]", "[[2],[1,2]]", "question 1, ballot 2: ballots must be sorted by content"),
        ("[[1,2],[2]]", "[[1,2],[2],[2]]", "question 2: it has 3 ballots, and question 1 has 4"),
        ('"limit":2', '"limit":2.0', "question 1: limit must be a whole number from 1 up, not 2.0"),
        ('"limit":2', '"limit":' + "9" * 5000, "box: it is not JSON: "),
        ('"method":"approval"', '"method":"borda"', "question 1: unknown method 'borda'"),
        ('"method":"approval"', '"method":["approval"]', "question 1: unknown method ['approval']"),
        ('"limit":2', '"limit":null', "question 1: limit must be a whole number from 1 up, not None"),
        ('"limit":2', '"limit":NaN', "question 1: limit must be a whole number from 1 up, not nan"),
        ('"receipts":[', '"receipts":[1,', "box: a receipt must be 64 lower-case hexadecimal digits"),
        ('"seed":"5eed', '"seed":"5eee', "box: the seed is not the one whose hash was published at opening"),
    ],
)
@pytest.mark.parametrize("text", [SMALL_TEXT, TWIN_TEXT], ids=["former format", "format"])
def test_any_other_text_is_refused(text, old, new, message):
    with pytest.raises(BoxError) as refused:
        read(_changed(text, old, new))
    assert str(refused.value)[: len(message)] == message


@pytest.mark.parametrize(
    ("text", "old", "new", "message"),
    [
        (SMALL_TEXT, "pole-urne/1", "pole-urne/2", "box: missing or unknown: on_roll"),
        (SMALL_TEXT, '"opened_at"', '"on_roll":5,"opened_at"', "box: missing or unknown: on_roll"),
        (
            SMALL_TEXT,
            '"points":null,',
            '"points":3,',
            "question 1: points has no meaning for its method",
        ),
        (SMALL_TEXT, '"points":null,', "", "a question: missing or unknown: points"),
        (SMALL_TEXT, '"limit":2', '"limits":{"limit":2}', "a question: missing or unknown: limit, limits"),
        (
            SMALL_TEXT,
            '"limit":2,"method":"approval"',
            '"limit":null,"method":"decision"',
            "question 1: a decision is about one proposal, not 2",
        ),
        (TWIN_TEXT, "pole-urne/2", "pole-urne/1", "box: missing or unknown: on_roll"),
        (TWIN_TEXT, "pole-urne/2", "pole-urne/3", "box: its format is not pole-urne/2"),
        (TWIN_TEXT, '"pole-urne/2"', '["pole-urne/2"]', "box: its format is not pole-urne/2"),
        (TWIN_TEXT, '"on_roll":12,', "", "box: missing or unknown: on_roll"),
        (TWIN_TEXT, '"on_roll":12', '"on_roll":null', "box: on_roll must be a whole number from 0 up, not None"),
        (TWIN_TEXT, '"on_roll":12', '"on_roll":12.0', "box: on_roll must be a whole number from 0 up, not 12.0"),
        (TWIN_TEXT, '{"limit":2}', "[]", "question 1: its limits are not an object"),
        (TWIN_TEXT, '{"limit":2}', "null", "question 1: its limits are not an object"),
        (TWIN_TEXT, '{"limit":2}', '{"limit":2,"limit":2}', NOT_CANONICAL),
        (TWIN_TEXT, '{"limit":2}', '{"limit":2,"most":1}', "question 1: most has no meaning for its method"),
        (TWIN_TEXT, '"quorum_numerator":1', '"quorum_numerator":5', "question 3: the quorum is not a fraction"),
        (TWIN_TEXT, '"quorum_numerator":1,', "", "question 3: the quorum is not a fraction"),
        (TWIN_TEXT, '["for"]', '["pour"]', "question 3, ballot 2: it is not one of for, against, abstention"),
        (TWIN_TEXT, '["for"]', "[1]", "question 3, ballot 2: it is not one of for, against, abstention"),
        (TWIN_TEXT, '["for"]', "[null]", "question 3: a ballot holds something else than numbers and texts"),
    ],
)  # fmt: skip
def test_each_format_has_its_own_keys(text, old, new, message):
    with pytest.raises(BoxError) as refused:
        read(_changed(text, old, new))
    assert str(refused.value) == message


def test_former_format_has_no_decision():
    """Even one that its keys could say: without limits."""
    question = (
        '{"ballots":[["for"],["for"]],"blank":1,"limit":null,"method":"decision",'
        '"options":[{"number":1,"title":"La proposition","title_en":""}],"points":null,"points_each":null,'
        '"position":3,"rejected":0,"title":"","title_en":"","to_retain":1}'
    )
    text = _changed(SMALL_TEXT, '}],"reading"', "}," + question + '],"reading"')
    with pytest.raises(BoxError, match=r"^question 3: pole-urne/1 has no method 'decision'$"):
        read(text)


@pytest.mark.parametrize("text", ["", "null\n", "[]\n", "7\n", "[" * 100_000, '"pole-urne/1"\n'])
def test_what_is_no_box_at_all_is_refused(text):
    with pytest.raises(BoxError, match=r"^box: it is not "):
        read(text)


def test_box_without_a_ballot_is_one():
    empty = box(approval([], among=2, to_retain=1))
    assert read(boxes.write(empty)) == empty


def test_seed_is_committed_as_text():
    """What anyone finds with `printf %s SEED | sha256sum`."""
    assert ties.seed_hash(SEED) == hashlib.sha256(SEED.encode("ascii")).hexdigest()
