"""A sentence that ends with a time or an abbreviation ends with one full stop, wherever it is made."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from forums.models import Question
from forums.results.sentences import chart_title, empty_chart_title
from pole.message_catalogues import catalogue_path, messages_of, read_catalogue
from pole.refusals import Refusal
from pole.templatetags.typography import SentenceNode
from pole.text.typography import one_stop

ENDINGS = (
    "8 p.m.", "11:59 a.m.", "Les Services du Lac inc.", "Coopérative de l’Érable ltée.",
    "Comment préparer la relève?", "Agissons!", "Et la suite…",
)  # fmt: skip
TWO = re.compile(r"(?:\w\.|[?!…])\.(?!\.)")


def sentences():
    """Every translation with named values, in both languages."""
    for language in ("fr", "en"):
        for message in messages_of(read_catalogue(catalogue_path(settings.BASE_DIR, language))):
            strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
            yield from (text for text in strings if re.search(r"%\(\w+\)s\.", text))


SENTENCES = sorted(set(sentences()))


@given(text=st.sampled_from(SENTENCES), ending=st.sampled_from(ENDINGS))
def test_no_message_ends_with_two_full_stops(text, ending):
    said = re.sub(r"%\(\w+\)[sd]", ending, text)
    once = one_stop(said)
    assert not TWO.search(once)
    assert once == one_stop(once)
    assert len(said) - len(once) == len(TWO.findall(said))


@given(st.text(alphabet="ab. …\n»”/<"))
def test_nothing_but_a_second_full_stop_goes(text):
    assert one_stop(text).replace(".", "") == text.replace(".", "")
    assert one_stop(one_stop(text)) == one_stop(text)


@given(title=st.text("ab?!…. ", min_size=1), first=st.text("ab?!…. "))
def test_no_chart_is_described_with_two(title, first):
    question = Question(title=title)
    with translation.override("fr"):
        for said in (chart_title(question, first), empty_chart_title(question, "Personne.")):
            assert not re.search(r"[?!…]\.(?=\s|\Z)", said), said


@pytest.mark.parametrize("kept", ["../shared/cases", "Attendez...", "1..2", "a..b", "Fin.", "… .", ".."])
def test_what_is_no_sentence_stays(kept):
    assert one_stop(kept) == kept


@pytest.mark.parametrize("after", ["", " Then", "\nThen", "”", " »", "</time>", ")", "&quot;"])
def test_sentence_ends_before_anything_that_ends_it(after):
    assert one_stop(f"It closes at 8 p.m..{after}") == f"It closes at 8 p.m.{after}"


def test_template_and_refusal_end_with_one():
    class Late(Refusal):
        messages = {"late": "It closed at %(time)s."}

    source = "{% blocktranslate asvar said %}At {{ time }}.{% endblocktranslate %}{{ said }}|{% blocktranslate %}At {{ time }}.{% endblocktranslate %}"
    with translation.override("en"):
        assert Template(source).render(Context({"time": "8 p.m."})) == "At 8 p.m.|At 8 p.m."
        assert Late("late", time="8 p.m.").message == "It closed at 8 p.m."


def test_template_still_escapes_what_it_is_given():
    source = "{% blocktranslate asvar said %}{{ name }}.{% endblocktranslate %}{{ said }} {% blocktranslate %}{{ name }}.{% endblocktranslate %}"
    assert Template(source).render(Context({"name": "<b> inc."})) == "&lt;b&gt; inc. &lt;b&gt; inc."


def test_every_template_has_this_tag():
    """One that loads Django’s own by name would have its sentences end twice."""
    loads = re.compile(r"{% load [^%]*\bi18n\b")
    sources = {path: path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.*")}
    assert [path for path, text in sources.items() if loads.search(text)] == []
    assert isinstance(Template("{% blocktranslate %}x{% endblocktranslate %}").nodelist[0], SentenceNode)
