"""No character loses a document: any sign is printed, or a visible mark in its place, and the PDF stays PDF/UA."""

from __future__ import annotations

import json
import os
import sys
import unicodedata

import pytest
import typst
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forums import printing
from forums.printing import fonts
from pole.text.fonts import FOLDERS
from tests.factories import ForumFactory, RegistrationFactory
from tests.forums.printing.conftest import claims_ua, read, structure, text_of

# Every one with UNICODE_STEP=1, which takes half an hour.
STEP = int(os.environ.get("UNICODE_STEP", "1999"))
# What is no text of people: drawings, layouts, kinds and settings of a template.
NOT_TEXT = {"qr", "layout", "kind", "language", "colour", "accent"}
# Emoji, scripts, marks that pile up, joined signs, keycaps, flags, direction, and what is no character at all.
SIGNS = (
    "😀", "🌱 Semer", "李雷 🌿", "王\u0301", "1\u20e3", "👩‍👩‍👧", "👍🏽", "🇨🇦", "🏴\U000e0067\U000e0062\U000e007f", "e\u0301\u20e3",
    "مرحبا", "नमस्ते", "\u202eabc\u202c", "\ufeffa", "\x00\x01\x0b\x7f", "\ud800", "\ue000", "\uffff", "\U0010ffff",
    "\u0301", "\u200d", "a\u200d", "\u3164", "\u2028", "#panic()", "𝔘", "ﷺ", "\ufffc", "\u00ad",
)  # fmt: skip


def everywhere(value, sign):
    """`value` with `sign` after each text of people."""
    if isinstance(value, dict):
        return {name: each if name in NOT_TEXT else everywhere(each, sign) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [everywhere(each, sign) for each in value]
    return f"{value} {sign}" if isinstance(value, str) and value else value


def printed(template, data):
    reader = read(printing.compile(template, data, "fr"))
    assert claims_ua(reader)
    return reader


def test_every_printed_field_takes_any_sign(documents, font_folders):
    for template, data in documents:
        for start in range(0, len(SIGNS), 8):
            printed(template, everywhere(data, " ".join(SIGNS[start : start + 8])))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), sign=st.text(st.characters(codec=None), min_size=1, max_size=8))
def test_every_printed_field_takes_any_text(documents, data, sign):
    template, given_data = data.draw(st.sampled_from(documents))
    printed(template, everywhere(given_data, sign))


def test_characters_of_unicode_are_shown_or_marked(documents, font_folders):
    """Alone, then all on one sheet: what is shown is in the text of the PDF."""
    points = range(STEP % 7, sys.maxunicode + 1, STEP)
    characters = [
        chr(point) for point in points if unicodedata.category(chr(point)) not in {"Cs", "Cn", "Co"}
    ]
    template, data = next(each for each in documents if each[0] == "sheet")
    for start in range(0, len(characters), 400):
        lines = [[f"a{each}b", "", ""] for each in characters[start : start + 400]]
        printed(template, data | {"rows": lines})


def test_plain_characters_need_no_trial(font_folders):
    plain = [chr(point) for point in range(sys.maxunicode + 1) if fonts.PLAIN.fullmatch(chr(point))]
    assert len(plain) > 300
    assert fonts._missing(plain) == set()


@pytest.mark.parametrize(
    ("text", "with_noto", "without"),
    [
        ("李雷 🌿", "李雷 □", "□□ □"),
        ("Été, œuf – 9 h", "Été, œuf – 9 h", "Été, œuf – 9 h"),
        ("👩‍👩‍👧 Odile", "□ Odile", "□ Odile"),
        ("1\u20e3re place", "1□re place", "1□re place"),
        ("e\u0301t\u00e9", "été", "été"),
        ("a\ufeff\x07\u00ad\tb\u2028c", "a b\nc", "a b\nc"),
        ("\ue000\ud800", "□□", "□□"),
    ],
)
def test_mark_takes_the_place_of_what_no_font_has(font_folders, text, with_noto, without):
    assert fonts.printable({"a": [text, 3, None]}) == {"a": [with_noto if font_folders else without, 3, None]}


def test_signs_that_are_shown_apart_but_not_together_do_not_lose_the_document(documents, monkeypatch):
    monkeypatch.setattr(fonts, "printable", lambda content: content)
    template, data = next(each for each in documents if each[0] == "poster")
    text = text_of(printed(template, everywhere(data, "😀 \ufeff Fin")))
    assert "Inscrivez-vous □ Fin" in text


@pytest.mark.parametrize("path", ["presences/feuille.pdf", "affiche.pdf"])
def test_name_and_title_with_emoji_are_printed(staff_client, path):
    forum = ForumFactory(title="🌱 Semer")
    RegistrationFactory(forum=forum, name="李雷 🌿")
    response = staff_client.get(f"/gestion/forums/{forum.slug}/{path}")
    reader = read(response.content)
    assert (response.status_code, claims_ua(reader)) == (200, True)
    assert "□ Semer" in text_of(reader)


def test_every_table_has_header_cells(documents):
    """As a screen reader finds them: a row of TH in each table."""
    tables = 0
    for template, data in documents:
        for element in structure(printed(template, data).trailer["/Root"]["/StructTreeRoot"]):
            if element.get("/S") == "/Table":
                tables += 1
                assert [each for each in structure(element) if each.get("/S") == "/TH"], template
    assert tables >= 6


# Of a table of two columns, over which Typst panics when it breaks their lines; without Noto, it has no sign for one.
CRASH = (
    "$\u202b\u26aa\u200b$\u05b2\u20e3\u8a74",
    "\u0681\u05c3\u0651\u068c\u0680\u05fa\u0637\u05de\u0654\u06fe\u060e\u068d\u068e\u06b8\u0633\u05d1\u05d0\u06af\u06ea\u05d8"
    "\u0610\u06ec\u061f\u068d\u0647\u06d1\u05a8\u0687\u06e4\u0672\u063e\u05f1\u0599\u06b5\u06c3\u05cc\u0634\u06c6\u05d7\u06e6"
    "\u06bd\u05b2\u05a2\u05ca\u06f5\u061f\u063c\u05af\u0678\u0635\u06cc\u05dd\u0634\u065d\u060b\u0645\u05eb\u060b\u06cb\u066c",
)


def test_crash_of_typst_loses_no_document_nor_what_others_are_called(documents):
    template, data = next(each for each in documents if each[0] == "record")
    data = json.loads(json.dumps(data))
    rows = data["questions"][0]["rows"]
    rows[2][1], rows[3][1], rows[4][2] = "Nguyễn", *CRASH
    given = printing._arguments(template, fonts.printable(printing._content(data, "fr")))
    has_noto = any(folder.is_dir() for folder in FOLDERS)
    with pytest.raises(BaseException, match="out of bounds" if has_noto else "could not be displayed"):
        typst.compile(**given, pdf_standards=["ua-1"])
    assert "Nguyễn" in text_of(printed(template, data))


@pytest.mark.parametrize("text", ["\u00ad", "\ufeff", "\x07"])
def test_text_of_nothing_but_signs_without_a_shape_is_marked(documents, text):
    assert fonts.printable(text) == fonts.plain(text) == "□"
    template, data = next(each for each in documents if each[0] == "results")
    printed(template, everywhere(data, "") | {"words": {**data["words"], "priorities": text}})
