"""Plain text: what is cleaned when it comes in, and how it is shown."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pole.text.plaintext import (
    clean_line,
    clean_paragraphs,
    linkify,
    render_plain,
    safe_url,
    strip_invisible,
)

hostile_texts = st.text(
    alphabet=st.sampled_from("aé \n\r\t\u00a0\u200b\u200d\u200c\u202e\ufeff\x00\u0301😀👩🌾<>&\"'`:/.()@\\")
    | st.characters(),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e\u0301", "é"),
        ("a\u200bb\u2060c\ufeffd\u00ade", "abcde"),
        ("a\u202eb\u2066c\u200ed\u061ce", "abcde"),
        ("a\x00b\x1bc\x7fd\x9fe", "abcde"),
        ("a\tb\nc\r\nd\re\u2028f", "a\tb\nc\nd\ne\nf"),
        ("a\ud800b", "ab"),
        ("a\U000e0041b", "ab"),
        ("a\u3164b", "ab"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("a\u200db", "ab"),
        ("a\u200d🌾", "a🌾"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ufffd", "\ufffd"),
    ],
)
def test_strip_invisible_removes_what_nobody_sees(text: str, expected: str) -> None:
    assert strip_invisible(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a   b\tc\nd ", "a b c d"),
        ("12\u00a0000", "12\u00a0000"),
        ("a \u00a0 b", "a b"),
        ("a\u2003b", "a b"),
        ("\u200b \u00a0", ""),
    ],
)
def test_clean_line_is_one_line(text: str, expected: str) -> None:
    assert clean_line(text) == expected


def test_clean_paragraphs_keeps_lines_and_one_empty_line() -> None:
    assert clean_paragraphs(" \n a  b \r\nc\n\n \n\nd \n") == "a b\nc\n\nd"


@given(hostile_texts)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    for clean in (strip_invisible, clean_line, clean_paragraphs):
        once = clean(text)
        assert clean(once) == once


@pytest.mark.parametrize(
    "url",
    [
        *("/x", "/x:y", "x/y", "#haut", "#a:b", "?page=2", "?a=b:c", "../x", "/a//b"),
        *("https://a.ca", "HTTP://a.ca/x?y#z", "https://a.ca:8443/", "mailto:a@b.ca", "tel:+14505550123"),
    ],
)
def test_safe_url_lets_pass(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        *("", " ", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example"),
        *("javascript:x", "JavaScript:x", " javascript:x", "java\nscript:x", "\x01javascript:x", "data:x"),
        *("vbscript:x", "blob:x", "file:///x", "x:y", "intent://x"),
        *("https:evil", "https:///evil", "https://", "https://u@a.ca", "https://u:p@a.ca", "http://["),
        *("https://a.ca:99999", "https://a.ca:0", "https://a\u202e.ca", "https://a.ca/\u200b"),
    ],
)
def test_safe_url_refuses(url: str) -> None:
    assert safe_url(url) is None


def test_safe_url_escapes_spaces() -> None:
    assert safe_url(" /un fichier.pdf ") == "/un%20fichier.pdf"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("voir https://a.ca.", ["https://a.ca"]),
        ("(https://a.ca/b_(c)), «https://b.ca»!", ["https://a.ca/b_(c)", "https://b.ca"]),
        ("(voir https://a.ca)", ["https://a.ca"]),
        ("HTTP://A.CA/?x=1&y=2;", ["HTTP://A.CA/?x=1&y=2"]),
        ("https://u@evil.example ftp://a.ca www.a.ca xhttps://a.ca https://", []),
        ("javascript:https://a.ca", ["https://a.ca"]),
        (
            "écrivez à l'info@x.example, ou à d’autres@x.example.",
            ["mailto:info@x.example", "mailto:autres@x.example"],
        ),
        ("(jean-guy.roy+pole@poste.québec)", ["mailto:jean-guy.roy+pole@poste.québec"]),
        ("https://a.ca/?a=b@c.ca", ["https://a.ca/?a=b@c.ca"]),
        ("a@b, @roy, roy@, a@b.c, a@@b.ca, a@b.ca@c.ca mailto:a@b.ca", []),
    ],
)
def test_linkify_leaves_punctuation_out(text: str, links: list[str]) -> None:
    assert [html.unescape(link) for link in re.findall(r'href="([^"]*)"', linkify(text))] == links


def test_linkify_escapes_everything_else() -> None:
    assert linkify("<b> https://a.ca/?x=1&y='2' & \"c\"") == (
        "&lt;b&gt; "
        '<a href="https://a.ca/?x=1&amp;y=&#x27;2" rel="nofollow ugc noopener">'
        "https://a.ca/?x=1&amp;y=&#x27;2</a>&#x27; &amp; &quot;c&quot;"
    )


def test_render_plain_makes_paragraphs_and_line_breaks() -> None:
    assert render_plain("Un <\nhttps://a.ca\n \n\nDeux\n") == (
        '<p>Un &lt;<br><a href="https://a.ca" rel="nofollow ugc noopener">https://a.ca</a></p>\n<p>Deux</p>'
    )
    assert render_plain("  \n ") == ""


@given(hostile_texts | st.builds("https://{}".format, hostile_texts))
def test_rendered_text_holds_only_paragraphs_breaks_and_links(text: str) -> None:
    rendered = render_plain(text)
    tags = re.findall(r"<[^>]*>", rendered)
    link = r'<a href="(?:https?://|mailto:)[^"<>]+" rel="nofollow ugc noopener">'
    assert [tag for tag in tags if not re.fullmatch(rf"</?p>|<br>|</a>|{link}", tag, re.IGNORECASE)] == []
    words = html.unescape(re.sub("<[^>]*>", "", rendered))
    assert re.sub(r"\s", "", words) == re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    "part",
    [
        "https://",
        "https://a.ca)",
        "a\n\n",
        "(",
        "https://a.ca.",
        " ",
        "\u200d",
        "a ",
        "a@",
        "a@a.",
        "a.",
        "é@",
    ],
)
def test_long_repetitions_take_linear_time(part: str) -> None:
    # A quadratic pattern would need minutes for these 100,000 characters.
    text = part * (100_000 // len(part))
    render_plain(text)
    clean_paragraphs(text)
