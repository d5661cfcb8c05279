"""Priorities and past forums as functions write them: what their templates wrote, whatever people typed."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.template import Context, Template
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from forums.models import Answer, Dossier, Forum, Priority, PriorityUpdate, Results, Track
from forums.results.pieces import past_forum_html, progress_html
from pole.models import Municipality
from pole.server.database.instances import attach

pytestmark = pytest.mark.any_hour("gives each date")

PROGRESS = """
<li class="priority" id="priorite-{{ priority.pk }}">
  <h{{ level }} class="priority__title"{{ priority.shown_title.lang_attr }}>{{ priority.shown_title|ordinals }}</h{{ level }}>
  <p class="cluster">{% include "forums/state.html" with priority=priority only %}{% if priority.track %} <span class="priority__track"{{ priority.track.shown_title.lang_attr }}>{{ priority.track.shown_title|ordinals }}</span>{% endif %}</p>
  {% if priority.shown_description %}<p class="priority__text"{{ priority.shown_description.lang_attr }}>{{ priority.shown_description|linebreaksbr }}</p>{% endif %}
  {% if priority.answers.all %}
  <ul class="answers" aria-label="{% translate 'Answers' %}">
    {% for answer in priority.answers.all %}
    <li class="answer">
      <p class="answer__who"><strong>{{ answer.dossier.organisation }}</strong> <span class="badge{% if answer.state == 'refused' %} badge--warm{% else %} badge--strong{% endif %}">{{ answer.state_label }}</span></p>
      {% if answer.text %}<p{{ answer.shown_text.lang_attr }}>{{ answer.shown_text|linebreaksbr }}</p>{% endif %}
      <p class="small quiet">{% if answer.body %}{% translate "Body responsible:" %} <span{{ answer.shown_body.lang_attr }}>{{ answer.shown_body }}</span> · {% endif %}{% if answer.due_on %}{% translate "Due:" %} {{ answer.due_on|full_date }} · {% endif %}{% blocktranslate with day=answer.answered_at|full_date trimmed %}Answered on {{ day }}{% endblocktranslate %}</p>
    </li>
    {% endfor %}
  </ul>
  {% endif %}
  {% if priority.updates.all %}
  <ol class="updates" aria-label="{% translate 'Updates' %}">
    {% for update in priority.updates.all %}<li class="update"><time class="update__date" datetime="{{ update.dated_on|date:'c' }}">{{ update.dated_on|full_date }}</time> <span{{ update.shown_text.lang_attr }}>{{ update.shown_text }}</span></li>{% endfor %}
  </ol>
  {% endif %}
</li>
"""
PAST = """{% load forums %}<li class="past-forum">{% drawing forum|past_drawing "thumb past-forum__drawing" %}
  <div class="stack stack--tight">
  <h3 class="entry__title"><a href="{{ forum.get_absolute_url }}"{{ forum.shown_title.lang_attr }}>{{ forum.shown_title|ordinals }}</a></h3>
  <p class="entry__meta"><time datetime="{{ forum.starts_for_machines }}">{{ forum.starts_at|long_date|capfirst }}</time>{% if forum.venue or forum.municipality %} · {% include "forums/place.html" with forum=forum only %}{% endif %}{% if stage == "cancelled" %} · <span class="badge badge--warm">{{ stage.label }}</span>{% endif %}</p>
  {% if forum.shown_summary %}<p{{ forum.shown_summary.lang_attr }}>{{ forum.shown_summary }}</p>{% endif %}
  {% if stage == "results" %}
  <p><a href="{% url 'forums:results' forum.slug %}">{% translate "Read the results" %}<span class="visually-hidden"{{ forum.shown_title.lang_attr }}> – {{ forum.shown_title }}</span></a></p>
  {% endif %}
  </div>
  {% if stage == "results" and forum.results.priorities.all %}
  <ul class="retained">
    {% for priority in forum.results.priorities.all %}<li{{ priority.shown_title.lang_attr }}>{{ priority.shown_title|ordinals }}</li>{% endfor %}
  </ul>
  {% endif %}
</li>
"""
FORMER_PROGRESS, FORMER_PAST = Template(PROGRESS), Template(PAST)

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x>',
    "' onclick='",
    "{title} %(title)s %s 100 %",
    "1er mai & « 2e »",
    "",
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
days = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))
moments = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 12, 31), timezones=st.just(dt.UTC))  # noqa: DTZ001
tracks = st.builds(Track, title=texts, title_en=texts)
updates = st.builds(PriorityUpdate, dated_on=days, text=texts, text_en=texts)
answers = st.builds(
    Answer,
    dossier=st.builds(Dossier, organisation=texts),
    state=st.sampled_from([*Answer.State]).map(str),
    text=texts,
    body=texts,
    due_on=st.none() | days,
    language=st.sampled_from(["fr", "en"]),
    answered_at=moments,
)
priorities = st.builds(
    Priority,
    id=st.integers(1, 2**40),
    title=texts,
    title_en=texts,
    description=texts,
    description_en=texts,
    state=st.sampled_from([*Priority.State]).map(str),
    track=st.none() | tracks,
)
forums = st.builds(
    Forum,
    slug=st.from_regex("[a-z0-9-]{1,20}", fullmatch=True),
    title=texts,
    title_en=texts,
    summary=texts,
    summary_en=texts,
    venue=texts,
    municipality=st.none()
    | st.builds(Municipality, code=st.just("1"), name=texts, designation=texts, is_homonym=st.booleans()),
    starts_at=moments,
)


def same(written: str, former: str) -> bool:
    return re.sub(r"\s+", " ", written) == re.sub(r"\s+", " ", former)


@given(
    priority=priorities,
    told=st.lists(updates, max_size=2),
    answered=st.lists(answers, max_size=2),
    language=st.sampled_from(["fr", "en"]),
    level=st.sampled_from([2, 3]),
)
def test_a_priority(priority, told, answered, language, level):
    attach(priority, "updates", told)
    attach(priority, "answers", answered)
    with override(language):
        former = FORMER_PROGRESS.render(Context({"priority": priority, "level": level}))
        assert same(progress_html([priority], level), former)


@given(
    forum=forums,
    stage=st.sampled_from([*Forum.Stage]),
    retained=st.lists(priorities, max_size=2),
    language=st.sampled_from(["fr", "en"]),
)
def test_a_past_forum(forum, stage, retained, language):
    results = Results(pk=1)
    attach(results, "priorities", retained)
    forum._state.fields_cache["results"] = results
    with override(language):
        former = FORMER_PAST.render(Context({"forum": forum, "stage": stage}))
        assert same(past_forum_html(forum, stage), former)
