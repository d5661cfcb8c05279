"""Footnotes: numbered in the order of their calls, none lost, and no number glued to a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.comparing import lines_of
from desk.models import Part
from pole.search.documents import text_of
from pole.text.richtext import clean_html, plain_text


def call(key: str, text: str = "?") -> str:
    return f'<sup><a href="#note-{key}">{text}</a></sup>'


def notes(**texts: str) -> str:
    return f'<ol class="notes">{"".join(f"""<li id="note-{key}"><p>{text}</p></li>""" for key, text in texts.items())}</ol>'


def back(number: int) -> str:
    return f' <a href="#appel-{number}" title="Retour au texte">↩</a>'


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (
            f"<p>Un{call('zz')} et{call('b')}</p>{notes(b='B', zz='Z')}",
            '<p>Un<sup><a href="#note-1" id="appel-1">1</a></sup> et<sup><a href="#note-2" id="appel-2">2</a></sup></p>'
            f'<ol class="notes"><li id="note-1"><p>Z{back(1)}</p></li><li id="note-2"><p>B{back(2)}</p></li></ol>',
        ),
        # Called twice, it has one way back.
        (
            f"<p>Un{call('a')} et{call('a')}</p>{notes(a='A')}",
            '<p>Un<sup><a href="#note-1" id="appel-1">1</a></sup> et<sup><a href="#note-1">1</a></sup></p>'
            f'<ol class="notes"><li id="note-1"><p>A{back(1)}</p></li></ol>',
        ),
        # Without a note, without a call: the words stay.
        (f"<p>Un{call('a', '3')}</p>", "<p>Un<sup>3</sup></p>"),
        (notes(a="A"), '<ol class="notes"><li id="note-1"><p>A</p></li></ol>'),
        # Two lists, as two pastes leave them, and a key that comes again.
        (
            f"<p>Un{call('a')}</p>{notes(a='A')}<p>Deux{call('b')}</p>{notes(b='B', a='C')}",
            '<p>Un<sup><a href="#note-1" id="appel-1">1</a></sup></p><p>Deux<sup><a href="#note-2" id="appel-2">2</a></sup></p>'
            f'<ol class="notes"><li id="note-1"><p>A{back(1)}</p></li><li id="note-2"><p>B{back(2)}</p></li>'
            '<li id="note-3"><p>C</p></li></ol>',
        ),
        # A note that another calls comes after it; one that nothing calls is last, and its own calls lead nowhere.
        (
            f"<p>Un{call('a')}</p>{notes(c='C' + call('c'), b='B', a='A' + call('b'))}",
            '<p>Un<sup><a href="#note-1" id="appel-1">1</a></sup></p><ol class="notes">'
            f'<li id="note-1"><p>A<sup><a href="#note-2" id="appel-2">2</a></sup>{back(1)}</p></li>'
            f'<li id="note-2"><p>B{back(2)}</p></li><li id="note-3"><p>C<sup>?</sup></p></li></ol>',
        ),
        # A list within a note is no note.
        (
            f'<p>Un{call('a')}</p><ol class="notes"><li id="note-a"><p>A</p><ol><li>x</li></ol></li></ol>',
            '<p>Un<sup><a href="#note-1" id="appel-1">1</a></sup></p>'
            f'<ol class="notes"><li id="note-1"><p>A</p><ol><li>x</li></ol>{back(1)}</li></ol>',
        ),
    ],
)  # fmt: skip
def test_notes_follow_their_calls(written: str, stored: str) -> None:
    assert clean_html(written, language="fr") == stored
    assert clean_html(stored, language="fr") == stored


keys = st.sampled_from(["a", "b", "c", "1", "2", "n9z"])
parts = st.lists(
    st.builds(lambda key: f"<p>mot{call(key)}</p>", keys)
    | st.builds(lambda key, other: notes(**{key: "note", other: f"autre{call(key)}"}), keys, keys)
    | st.just("<ul><li>item</li></ul>"),
    max_size=6,
).map("".join)


@given(parts)
def test_numbering_twice_changes_nothing_more_and_loses_no_word(markup: str) -> None:
    once = clean_html(markup, language="fr")
    assert clean_html(once, language="fr") == once
    # A call that has no note left keeps its sign.
    assert sorted(plain_text(once).replace("?", "").split()) == sorted(plain_text(markup).split())


def test_number_of_a_note_is_glued_to_no_word() -> None:
    stored = clean_html(f"<p>Une nuance{call('a')}.</p>{notes(a='Dite ainsi.')}", language="fr")
    assert plain_text(stored) == "Une nuance. Dite ainsi."
    assert text_of(stored).split() == ["Une", "nuance.", "Dite", "ainsi."]


def test_versions_compare_notes_by_their_numbers() -> None:
    stored = clean_html(f"<p>Une nuance{call('a')}.</p>{notes(a='Dite ainsi.')}", language="fr")
    part = Part(label="Texte", text=stored, is_html=True)
    assert lines_of(part) == ["Une nuance[1].", "• Dite ainsi."]
