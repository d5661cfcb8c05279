"""What a template says in each language alone is looked up once, and stays what Django's own tags make."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils.translation import override

from pole.templatetags import constants

pytestmark = pytest.mark.any_hour("reads no clock")

TAGS = [
    '{% translate "News" %}',
    "{% translate 'News' %}",
    '{% translate "News" as word %}<{{ word }}>',
    '{% translate "Vote" context "verb" %}',
    '{% translate "News" noop %}',
    "{% translate name %}",
    '{% translate "News"|upper %}',
    '{% translate "Don’t <b> & \' stop" %}',
    '{% autoescape off %}{% translate "Don’t <b> & \' stop" %}{% endautoescape %}',
    "{% url 'home' %}",
    "{% url 'blog:list' as address %}<{{ address }}>",
    "{% url 'nowhere' as address %}<{{ address }}>",
    "{% url 'blog:post' 'x' %}",
    "{% url name %}",
    "{% static 'css/base.css' %}",
    "{% static 'css/a&b.css' as path %}<{{ path }}>",
    "{% static name %}",
]
OWN = "{% load i18n static %}"


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_says_what_django_makes_of_it(tag):
    own, plain = Template(tag), Template(tag)
    _by_django(plain)
    for language in ("fr", "en", "fr"):
        with override(language):
            values = {"name": "home"}
            assert own.render(Context(values)) == plain.render(Context(values))


def _by_django(written: Template) -> None:
    """With what each constant stands for in its place."""
    for kept in written.nodelist.get_nodes_by_type(constants.ConstantNode):
        for nodelist in [
            written.nodelist,
            *(node.nodelist for node in written.nodelist if hasattr(node, "nodelist")),
        ]:
            nodelist[:] = [kept._node if node is kept else node for node in nodelist]


def test_a_constant_is_looked_up_once():
    kept = Template("{% url 'home' %}{% translate 'News' %}{% static 'css/base.css' %}")
    kept.render(Context())
    for node in kept.nodelist:
        node._node = None
    assert kept.render(Context()) == kept.render(Context())
