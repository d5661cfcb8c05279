"""Entries and cards that functions write: what the template that they replaced wrote, whatever is in the rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils.translation import override
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from blog.models import Post
from blog.reading import pieces
from blog.reading.rows import ListedPost
from tests.pole.test_markup import HOSTILE

pytestmark = pytest.mark.any_hour("draws each moment")

ENTRIES = Template(
    """{% for post in posts %}<li class="entry"{{ post.shown_title.lang_attr }}>
    <h2 class="entry__title"><a href="{% url 'blog:post' post.slug %}">{{ post.title|ordinals }}</a></h2>
    <p class="entry__meta"{% if post.language != language %} lang="{{ language }}"{% endif %}>{{ post.kind_label }} · {{ post.published_at|time_element }}</p>
    {% if post.summary %}<p>{{ post.summary }}</p>{% endif %}</li>{% endfor %}"""
)
CARDS = Template(
    """{% for post in posts %}<li class="card"{{ post.shown_title.lang_attr }}>
    <p class="small quiet"{% if post.language != language %} lang="{{ language }}"{% endif %}>{{ post.kind_label }} · {{ post.published_at|time_element }}</p>
    <h3 class="card__title"><a href="{% url 'blog:post' post.slug %}">{{ post.title|ordinals }}</a></h3>
    <p>{{ post.summary|truncatechars:160 }}</p></li>{% endfor %}"""
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=220))
posts = st.builds(
    ListedPost,
    slug=st.from_regex(r"\A[a-z0-9-]{1,20}\Z"),
    kind=st.sampled_from(Post.Kind.values),
    language=st.sampled_from(["fr", "en"]),
    title=texts,
    summary=texts,
    published_at=st.datetimes(min_value=datetime(1950, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
)


def without_spaces(markup: str) -> str:
    return "".join(markup.split())


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(posts, min_size=1, max_size=3), language=st.sampled_from(["fr", "en"]))
@example(
    rows=[ListedPost("a", "billet", "en", "La 2e fois & <b>", "é" * 170, datetime(2026, 5, 1, tzinfo=UTC))],
    language="fr",
)
@example(
    rows=[ListedPost("a", "billet", "fr", "1er", "e\u0301" * 170, datetime(2026, 5, 1, tzinfo=UTC))],
    language="fr",
)
def test_posts_are_written_as_their_template_wrote_them(rows, language):
    with override(language):
        for template, write in ((ENTRIES, pieces.entries), (CARDS, pieces.cards)):
            expected = template.render(Context({"posts": rows, "language": language}))
            assert without_spaces(write(rows, language)) == without_spaces(expected)
