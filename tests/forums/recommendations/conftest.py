from __future__ import annotations

import pytest

from forums.recommendations.editing import RecommendationContent
from forums.recommendations.rules import Actor
from tests.factories import ForumFactory


@pytest.fixture
def forum(db):
    return ForumFactory(title="Forum du fleuve")


@pytest.fixture
def team(staff):
    return Actor(staff)


def content(title="Un marché public à Huntingdon", **changes):
    return RecommendationContent(**{"kind": "opportunity", "title": title, **changes})
