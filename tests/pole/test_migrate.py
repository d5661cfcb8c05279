"""What `manage.py migrate` spares: a model that gains a constraint or an index is not rendered again."""

from __future__ import annotations

import pytest
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from pole.management.commands.migrate import note_option

pytestmark = pytest.mark.any_hour("no database, nor clock")


@pytest.fixture
def state(monkeypatch):
    monkeypatch.setattr(ProjectState, "_append_option", note_option)
    made = ProjectState()
    made.add_model(ModelState("pole", "Thing", [("id", models.AutoField(primary_key=True))]))
    return made


def options_of(state):
    """As a migration reads them; an index of a state has its name, a constraint too."""
    meta = state.apps.get_model("pole", "thing")._meta
    return [one.name for one in meta.constraints], [one.name for one in meta.indexes]


def test_constraint_and_index_are_told_to_the_model_that_is_rendered(state):
    before = state.apps.get_model("pole", "thing")
    state.add_constraint(
        "pole", "thing", models.CheckConstraint(name="positive", condition=models.Q(id__gt=0))
    )
    state.add_index("pole", "thing", models.Index(name="by_id", fields=["id"]))
    assert state.apps.get_model("pole", "thing") is before
    assert options_of(state) == (["positive"], ["by_id"])
    del state.apps
    assert options_of(state) == (["positive"], ["by_id"])


def test_state_that_is_not_rendered_is_told_too(state):
    state.add_constraint(
        "pole", "thing", models.CheckConstraint(name="positive", condition=models.Q(id__gt=0))
    )
    state.remove_constraint("pole", "thing", "positive")
    state.add_index("pole", "thing", models.Index(name="by_id", fields=["id"]))
    assert options_of(state) == ([], ["by_id"])
