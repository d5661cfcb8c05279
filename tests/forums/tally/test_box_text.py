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
from tests.forums.tally.boxes import SEED, approval, box, points
from tests.forums.tally.drawn import TRIED, drawn_boxes

SMALL = box(
    approval([{1, 2}, {2}], among=["Café", "Thé"], to_retain=1, blank=1, title="Boire"),
    points([{1: 4, 2: 3}], among=2, to_retain=2, blank=1, rejected=1, position=2),
    receipts=["ABCD-EFGH", "JKMN-PQRS"],
)

# What anyone who writes a recount of their own can start from; its seal was taken with sha256sum.
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


def test_text_is_known_to_the_byte():
    assert boxes.write(SMALL) == SMALL_TEXT
    assert boxes.seal(SMALL_TEXT) == "f257cf1b2178918d3fea3712c99b6a76fb02749dedfde5ef451068f2b70fccee"
    assert boxes.read(SMALL_TEXT) == SMALL


def test_text_holds_nothing_but_what_is_described():
    data = json.loads(SMALL_TEXT)
    assert data.keys() == {
        *("format", "tie_rule", "hub", "forum_slug", "forum_title", "forum_date", "round_number"),
        *("opened_at", "closed_at", "reading", "seed", "seed_hash", "questions", "receipts"),
    }
    assert data["questions"][0].keys() == {
        *("position", "title", "title_en", "method", "limit", "points", "points_each", "to_retain"),
        *("options", "ballots", "blank", "rejected"),
    }


@given(drawn_boxes())
@TRIED
def test_written_box_is_read_again(drawn):
    text = boxes.write(drawn)
    assert boxes.read(text) == drawn
    assert boxes.write(boxes.read(text)) == text
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
    assert boxes.read(text) == drawn
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
        ("pole-urne/1", "pole-urne/2", "box: its format is not pole-urne/1"),
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
        ('"limit":2', '"limit":NaN', "question 1: limit must be a whole number from 1 up, not nan"),
        ('"receipts":[', '"receipts":[1,', "box: a receipt must be 64 lower-case hexadecimal digits"),
        ('"seed":"5eed', '"seed":"5eee', "box: the seed is not the one whose hash was published at opening"),
    ],
)
def test_any_other_text_is_refused(old, new, message):
    with pytest.raises(BoxError) as refused:
        boxes.read(_changed(SMALL_TEXT, old, new))
    assert str(refused.value)[: len(message)] == message


@pytest.mark.parametrize("text", ["", "null\n", "[]\n", "7\n", "[" * 100_000, '"pole-urne/1"\n'])
def test_what_is_no_box_at_all_is_refused(text):
    with pytest.raises(BoxError, match=r"^box: it is not "):
        boxes.read(text)


def test_box_without_a_ballot_is_one():
    empty = box(approval([], among=2, to_retain=1))
    assert boxes.read(boxes.write(empty)) == empty


def test_seed_is_committed_as_text():
    """What anyone finds with `printf %s SEED | sha256sum`."""
    assert ties.seed_hash(SEED) == hashlib.sha256(SEED.encode("ascii")).hexdigest()
