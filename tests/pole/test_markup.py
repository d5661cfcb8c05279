"""HTML that functions write: the bytes of a template, whatever goes into it."""

from __future__ import annotations

import html

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import override
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pole.server.routes import Route
from pole.text.bilingual import LocalizedHtml, LocalizedText
from pole.text.markup import Markup, escaped, joined

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ title }}{% now 'Y' %}",
    "{title} %(title)s %s 100 %",
    "&amp;&#x27;&lt;",
    "\x00\u202e\ud800",
)
texts = st.text(st.characters())
entry = Markup('<a href="{address}" title="100 %">{title}</a>{ {}')
template = Template('<a href="{{ address }}" title="100 %">{{ title }}</a>{ {}')


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_are_as_a_template_writes_them(hostile):
    for kind in (str, lambda text: LocalizedText(text, "fr")):
        values = {"address": kind(hostile), "title": kind(hostile)}
        assert entry(**values) == template.render(Context(values))


@settings(deadline=None)
@given(address=texts, title=st.one_of(texts, st.integers(), texts.map(SafeString)))
@example(address="<", title="'")
def test_whatever_is_written_is_as_a_template_writes_it(address, title):
    values = {"address": address, "title": title}
    written = entry(**values)
    assert written == template.render(Context(values))
    assert isinstance(written, SafeString)
    assert html.unescape(escaped(address)) == html.unescape(html.escape(address))


@settings(deadline=None)
@given(first=texts, second=texts)
def test_pieces_are_escaped_once(first, second):
    piece = Markup("<b>{text}</b>")
    both = joined([piece(text=first), piece(text=second)])
    assert Markup("<p>{both}</p>")(both=both) == f"<p><b>{escaped(first)}</b><b>{escaped(second)}</b></p>"


def test_sanitised_html_stays_html():
    assert Markup("{body}")(body=LocalizedHtml("<p>é</p>", "fr")) == "<p>é</p>"


def test_a_place_without_its_value_is_an_error():
    with pytest.raises(KeyError):
        entry(title="x")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("blog:post", "un-billet"),
        ("forums:recommendations", "forum"),
        ("enterprises:listing", "une-entreprise"),
        ("page", "a-propos"),
        ("card", "abc.d~e"),
        ("card", 'é %?#&"<'),
        ("card", "a b"),
        ("home", None),
        ("blog:list", None),
    ],
)
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("while_in", ["fr", "en"])
def test_routes_make_the_addresses_of_reverse(name, value, language, while_in):
    with override(language):
        expected = reverse(name, args=None if value is None else [value])
    with override(while_in):
        route = Route(name)
        assert [route(language, value) for _time in range(2)] == [expected] * 2
