"""What is written without a template is what a template writes: the same pages, whatever people call things."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import engines
from django.utils import translation
from django.utils.safestring import SafeString
from hypothesis import given as drawn_from
from hypothesis import settings
from hypothesis import strategies as st

from enterprises.search import pieces
from enterprises.search.filters import Facet, Option
from enterprises.search.portrait_words import Row
from enterprises.search.region_map import Cluster
from enterprises.search.result_rows import Entry
from pole.text.bilingual import LocalizedText


def given(*strategies: Any) -> Any:
    """Without a deadline: the first example reads the addresses of the whole portal."""
    return lambda test: settings(deadline=None)(drawn_from(*strategies)(test))


LANGUAGES = st.sampled_from(["fr", "en"])
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ x }}{% x %}",
    "%(names)s %s %",
    "& &amp; </ul>",
    "\u2028\x00\x7f",
]
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))
COUNTS = st.one_of(st.integers(0, 3), st.integers(0, 10**7))
LABELS = st.one_of(TEXTS, st.builds(LocalizedText, TEXTS, LANGUAGES))
OPTIONS = st.lists(st.builds(Option, TEXTS, LABELS, COUNTS, st.booleans()), min_size=1, max_size=4)
ENTRIES = st.lists(
    st.builds(Entry, st.integers(1, 9), TEXTS, TEXTS, TEXTS, TEXTS, LANGUAGES, st.just(['<a href="?">Vélo</a>']), st.just(SafeString('<img alt="">'))), max_size=3
)  # fmt: skip


def drawn(template: str, **context: Any) -> str:
    return engines["django"].from_string(template).render(context)


HEAD = (
    '<h3 class="entry__title"><a href="{{ entry.url }}">{{ entry.name }}</a></h3>'
    '<p class="entry__meta">{{ entry.facts }}</p>'
    "{% if entry.mission %}<p{{ entry.said.lang_attr }}>{{ entry.mission }}</p>{% endif %}"
)


def said(entry: Entry) -> dict[str, Any]:
    names = ("key", "name", "url", "facts", "mission", "sectors", "picture")
    values = {name: getattr(entry, name) for name in names}
    return values | {"said": LocalizedText(entry.mission, entry.language)}


@given(OPTIONS, LANGUAGES)
def test_boxes_are_those_of_a_template(options, language):
    facet = Facet("mrc", "MRC", options)
    with translation.override(language):
        expected = drawn(
            '<details class="facet" id="facette-mrc" open><summary class="facet__title">MRC</summary>'
            '<ul class="facet__options">{% for each in options %}<li><label class="facet__option">'
            '<input type="checkbox" id="mrc-{{ each.value }}" name="mrc" value="{{ each.value }}" form="recherche"'
            "{% if each.is_chosen %} checked{% endif %}> <span{{ each.label.lang_attr }}>{{ each.label }}</span>"
            ' <span class="facet__count">{{ each.count|number }}</span></label></li>{% endfor %}</ul></details>',
            options=options,
        )
        assert pieces.facet_groups([facet, Facet("forme", "Forme", [])]) == expected


@given(OPTIONS, LANGUAGES)
def test_options_are_those_of_a_template(options, language):
    with translation.override(language):
        expected = drawn(
            '{% for each in options %}<option value="{{ each.value }}"{% if each.is_chosen %} selected{% endif %}>'
            "{{ each.label }} ({{ each.count|number }})</option>{% endfor %}",
            options=options,
        )
        assert pieces.options_of(Facet("municipalite", "Municipalité", options)) == expected


@given(ENTRIES, LANGUAGES)
def test_cards_are_those_of_a_template(entries, language):
    with translation.override(language):
        expected = drawn(
            '{% translate "Sectors" as label %}{% for entry in entries %}<li class="entry entry--pictured">'
            '{{ entry.picture }}<div class="entry__words">'
            + HEAD
            + '{% if entry.sectors %}<ul class="entry__sectors" aria-label="{{ label }}">{% for link in entry.sectors %}'
            "<li>{{ link|safe }}</li>{% endfor %}</ul>{% endif %}</div></li>{% endfor %}",
            entries=[said(each) for each in entries],
        )
        assert pieces.cards(entries) == expected


@given(ENTRIES, LANGUAGES, TEXTS, st.booleans(), st.booleans())
def test_choices_of_buyers_are_those_of_a_template(entries, language, address, is_chosen, is_full):
    with translation.override(language):
        expected = drawn(
            '{% for entry in entries %}<li class="entry entry--pictured entry--choice{% if is_chosen %} entry--kept{% endif %}" id="e{{ entry.key }}">'
            '{{ entry.picture }}<div class="entry__words">'
            + HEAD
            + '</div><p class="entry__act">{% if is_chosen %}<a class="entry__take" href="{{ address }}#e{{ entry.key }}">'
            '{% translate "Take away" %}<span class="visually-hidden"> – {{ entry.name }}</span></a>{% elif not is_full %}'
            '<a class="button button--quiet button--small" href="{{ address }}#e{{ entry.key }}">{% translate "Keep" %}'
            '<span class="visually-hidden"> – {{ entry.name }}</span></a>{% endif %}</p></li>{% endfor %}',
            entries=[said(each) for each in entries], address=address, is_chosen=is_chosen, is_full=is_full,
        )  # fmt: skip
        lines = [(entry, address, is_chosen) for entry in entries]
        assert pieces.choices_of_buyers(lines, is_full=is_full) == expected


@given(TEXTS, TEXTS, COUNTS, st.sampled_from(["", "B"]), LANGUAGES)
def test_clusters_and_places_are_those_of_a_template(names, address, count, letter, language):
    cluster = Cluster("1%", "2%", 10, count, names, ("67045",), letter)
    with translation.override(language):
        expected = drawn(
            '<a class="region__cluster{% if cluster.letter %} sector-key--b{% endif %}" href="{{ address }}" aria-label="'
            "{% blocktranslate count total=cluster.count with"
            " names=cluster.names trimmed %}{{ names }}: {{ total }} enterprise{% plural %}{{ names }}: {{ total }} enterprises"
            '{% endblocktranslate %}"><title>{{ cluster.names }}</title><circle cx="1%" cy="2%" r="10"/>'
            '{% if cluster.letter %}<g class="region__letter"><circle cx="1%" cy="2%" r="8" transform="translate(7 7)"/>'
            '<text x="1%" y="2%" dx="7" dy="7">B</text></g>{% endif %}<text x="1%" y="2%">{{ cluster.count|number }}</text></a>',
            cluster=cluster, address=address,
        )  # fmt: skip
        assert pieces.map_clusters([(cluster, address)]) == expected
        listed = drawn(
            '<li><a href="{{ address }}">{{ town }}</a> <span class="facet__count">{{ count|number }}</span></li>',
            address=address, town=names, count=count,
        )  # fmt: skip
        assert pieces.map_places([(names, count, address)]) == listed


@given(TEXTS, COUNTS, st.sampled_from(["", '?secteur="><b>&x']), LANGUAGES)
def test_rows_of_charts_are_those_of_a_template(label, count, address, language):
    with translation.override(language):
        expected = drawn(
            '<tr><th scope="row">{% if row.address %}<a href="{% url \'enterprises:list\' %}{{ row.address }}">{{ row.label }}</a>'
            "{% else %}{{ row.label }}{% endif %}</th><td>{{ row.count|number }}</td></tr>",
            row=Row(label, count, address),
        )
        assert pieces.chart_rows([Row(label, count, address)]) == expected


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_label_is_remembered_with_its_language(language):
    """The same word in two languages is not said in the same voice."""
    options = [Option("a", LocalizedText("Service", each), 1, False) for each in ("fr", "en")]
    with translation.override(language):
        drawn_boxes = pieces.facet_groups([Facet("secteur", "Secteur", options)])
    other = "en" if language == "fr" else "fr"
    assert drawn_boxes.count(f'<span lang="{other}">') == 1
    assert drawn_boxes.count("<span>Service") == 1
