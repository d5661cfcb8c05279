"""A post and someone who follows it."""

from __future__ import annotations

import pytest

from tests.factories import PostFactory, UserFactory


@pytest.fixture
def post(db):
    return PostFactory(title="Un billet suivi")


@pytest.fixture
def reader(db):
    return UserFactory(name="Lou Gagné")
