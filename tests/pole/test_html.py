"""The reader of HTML: what browsers see, whatever was written."""

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pole.text.html import start_tag, walk


def written(markup: str) -> str:
    return "".join(event.markup for event in walk(markup))


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("", ""),
        ("a&amp;b&nbsp;&eacute < c", "a&amp;b\u00a0é &lt; c"),
        ("<P>un<p>deux", "<p>un</p><p>deux</p>"),
        ("<li>a<li>b<br/><hr>", "<li>a</li><li>b<br><hr></li>"),
        ("<b><i>x</b>y</i>", "<b><i>x</i></b><i>y</i>"),
        ("<!-- a -->b<![CDATA[c]]><?php d ?>", "b"),
        ("<img alt='a > b' src=c data-d>", '<img alt="a &gt; b" src="c" data-d="">'),
        ("</nope>a</p>", "a<p></p>"),
    ],
)
def test_fragment_is_read_as_browsers_do(markup: str, read: str) -> None:
    assert written(markup) == read


def test_events_give_names_texts_and_attributes() -> None:
    events = list(walk('<a href="/?a=1&amp;b">é&lt;<!-- c --><br></a>'))
    assert [(event.name, event.is_end, event.text, event.attributes) for event in events] == [
        ("a", False, "", {"href": "/?a=1&b"}),
        ("", False, "é<", {}),
        ("br", False, "", {}),
        ("a", True, "", {}),
    ]


def test_depth_has_no_limit() -> None:
    assert sum(1 for _event in walk("<div>" * 20_000)) == 40_000


# Control characters have rules of their own in HTML, and so have two of the C1 that encodings once used.
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]))


@given(texts, texts)
@settings(max_examples=250)
def test_every_character_is_read_as_it_was_written(text: str, value: str) -> None:
    markup = f"{start_tag('b', {'title': value})}{html.escape(text, quote=False)}</b>"
    assert written(markup) == markup
    assert next(walk(markup)).attributes == {"title": value}
