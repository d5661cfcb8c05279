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
    """{% for post in posts %}<li class="entry story"{{ post.shown_title.lang_attr }}>
    {% firstof "genre-"|add:post.kind as kind %}{% drawing kind "thumb story__picture thumb--drawn" %} <div class="story__words"><h2 class="entry__title"><a href="{% url 'blog:post' post.slug %}">{{ post.title|ordinals }}</a></h2>
    <p class="entry__meta"{% if post.language != language %} lang="{{ language }}"{% endif %}>{{ post.kind_label }} · {{ post.published_at|time_element }}</p>
    {% if post.summary %}<p>{{ post.summary }}</p>{% endif %}</div></li>{% endfor %}"""
)
CARDS = Template(
    """{% for post in posts %}<li class="card card--pictured"{{ post.shown_title.lang_attr }}>
    {% firstof "genre-"|add:post.kind as kind %}{% drawing kind "thumb thumb--drawn" %}
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
    picture_file=st.none(),
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


PICTURED = ListedPost(
    "a", "billet", "fr", "Un verger", "", datetime(2026, 5, 1, tzinfo=UTC), "pictures/a.webp", 1600, 900, [400, 800], 12, 50
)  # fmt: skip


def test_the_first_of_a_first_page_shows_its_picture_at_once_and_cut_around_its_focus():
    plain = PICTURED._replace(slug="b", picture_file=None)
    with override("fr"):
        first, second, third = pieces.entries([PICTURED, PICTURED, plain], "fr", is_first_page=True).split(
            "</li>"
        )[:3]
        later = pieces.entries([PICTURED], "fr")
    assert 'class="thumb story__picture focus-x-1 focus-y-5" src="/media/pictures/a-400.webp"' in first
    assert "/media/pictures/a-800.webp 800w, /media/pictures/a.webp 1600w" in first
    assert 'width="1600" height="900" alt=""' in first
    assert "lazy" not in first
    assert 'loading="lazy"' in second
    assert 'loading="lazy"' in later
    assert "/drawings/genre-billet" in third
    assert "thumb--drawn" in third


def test_cards_show_pictures():
    with override("fr"):
        assert "/media/pictures/a-400.webp" in pieces.cards([PICTURED], "fr")
