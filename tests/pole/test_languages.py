"""The language of what people write, whichever page they write it on."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import comments.demo
from pole.text.languages import written_language

DEMO = tomllib.loads((Path(comments.demo.__file__).parent / "comments.toml").read_text(encoding="utf-8"))
ENGLISH = ["My mother lives", "Even in my bad", "Registered. Is the", "I appreciated being"]


@pytest.mark.parametrize("otherwise", ["fr", "en"])
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("C’est une bonne idée.", "fr"),
        ("J’ai lu le rapport; « the best of both » n’est pas un plan.", "fr"),
        ("LES JEUNES NE SONT PAS LÀ", "fr"),
        ("Is it only for members?", "en"),
        ("I read the report: « le bien commun » is the heart of it.", "en"),
        ("THANK YOU", "en"),
        ('Pain & fromage. He said "hello": 50% off', "en"),
        ("L’alliance qu’on attend", "fr"),
    ],
)
def test_small_words_tell_the_language(text, language, otherwise):
    assert written_language(text, otherwise) == language


@pytest.mark.parametrize("text", ["Bravo!", "Well said.", "👏", "", "514 555-0123", "Привет"])
@pytest.mark.parametrize("otherwise", ["fr", "en"])
def test_text_that_says_nothing_is_in_the_language_of_its_page(text, otherwise):
    assert written_language(text, otherwise) == otherwise


def test_comments_of_the_demonstration_are_told_apart():
    texts = [comment["text"].strip() for comment in DEMO["comment"]]
    assert len(texts) > 50
    found = [text for text in texts if written_language(text, "fr") == "en"]
    assert [next(start for start in ENGLISH if text.startswith(start)) for text in found] == ENGLISH
