"""Comments that functions write: what the template that they replaced wrote, whatever is in them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.pieces import comments_html
from comments.reading import ShownComment
from pole.text.plaintext import render_plain
from tests.pole.test_markup import HOSTILE

pytestmark = pytest.mark.any_hour("draws each moment")

FORMER = Template(
    """{% partialdef comment %}<li class="comment" id="{{ shown.anchor }}">
  <article class="stack stack--tight">
    {% if shown.text is None %}
      <p class="quiet">{% if shown.is_pending %}{% translate "The team is reading this comment." %}{% elif shown.is_hidden %}{% translate "This comment was hidden by the team." %}{% else %}{% translate "This comment was deleted by its author." %}{% endif %}{% if shown.can_moderate %} <a class="small" href="{% url 'staff:moderation' %}?commentaire={{ shown.key }}">{% translate "Moderate" %}</a>{% endif %}</p>
    {% else %}
      <p class="comment__head"><span class="comment__author">{{ shown.author }}</span> <a class="comment__date" href="#{{ shown.anchor }}">{{ shown.written_at|time_element }}</a>{% if shown.has_notes %}{% if shown.is_edited %} <span class="comment__date">{% translate "edited" %}</span>{% endif %}{% if shown.is_pending %} <span class="badge badge--warm">{% translate "Held for review" %}</span>{% endif %}{% endif %}</p>
      <div class="comment__text">{{ shown.text }}</div>
      {% if shown.has_actions %}<p class="cluster small">{% if shown.can_reply %}<a href="{% url 'comments:reply' shown.key %}">{% translate "Reply" %}</a>{% endif %}{% if shown.can_edit %}<a href="{% url 'comments:edit' shown.key %}">{% translate "Edit" context "a comment" %}</a>{% endif %}{% if shown.can_delete %}<a href="{% url 'comments:delete' shown.key %}">{% translate "Delete" %}</a>{% endif %}{% if shown.can_moderate %}<a class="quiet" href="{% url 'staff:moderation' %}?commentaire={{ shown.key }}">{% translate "Moderate" %}</a>{% endif %}{% if shown.can_flag %}<a class="quiet" href="{% url 'comments:flag' shown.key %}">{% translate "Flag" %}</a>{% endif %}</p>{% endif %}
    {% endif %}
  </article>
  {% if shown.replies %}<ol class="comments">{% for shown in shown.replies %}{% partial comment %}{% endfor %}</ol>{% endif %}
</li>{% endpartialdef %}<ol class="comments">{% for shown in comments %}{% partial comment %}{% endfor %}</ol>"""
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=80))


def shown_comments(replies: st.SearchStrategy[list[ShownComment]]) -> st.SearchStrategy[list[ShownComment]]:
    flags = ("is_hidden", "is_pending", "is_edited", "can_reply", "can_edit", "can_delete", "can_flag", "can_moderate")  # fmt: skip
    shown = st.builds(
        ShownComment,
        key=st.integers(1, 10**9),
        anchor=st.integers(1, 10**9).map(lambda key: f"commentaire-{key}"),
        author=texts,
        written_at=st.datetimes(min_value=datetime(1950, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
        text=st.one_of(st.none(), texts.map(render_plain)),
        replies=replies,
        **dict.fromkeys(flags, st.booleans()),
    )
    return st.lists(shown, max_size=2)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(comments=shown_comments(shown_comments(st.just([]))), language=st.sampled_from(["fr", "en"]))
def test_comments_are_written_as_their_template_wrote_them(comments, language):
    with override(language):
        expected = FORMER.render(Context({"comments": comments}))
        assert "".join(comments_html(comments).split()) == "".join(expected.split())
