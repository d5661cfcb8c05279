"""A clock that jumps while the worker runs erases nothing."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django import app

from pole.hooks import retention
from pole.server import clock

pytestmark = pytest.mark.django_db

ERASURES = sorted({rule.task for rule in retention.rules() if rule.task})
DAY = 86400


@pytest.mark.parametrize("task", ERASURES)
@pytest.mark.parametrize("jump", [-20_000 * DAY, -7200, 2 * DAY, 4_000 * DAY])
def test_nothing_is_erased_by_a_clock_that_jumped(monkeypatch, task, jump):
    monkeypatch.setattr(clock, "_at_start", clock._at_start - jump)
    with pytest.raises(clock.ClockJumped, match=str(jump)[:4]):
        app.tasks[task](timestamp=0)
    # It is set right again.
    monkeypatch.undo()
    app.tasks[task](timestamp=0)


@pytest.mark.parametrize("jump", [-1800, 0, 3, 1800])
def test_clock_that_is_put_right_by_little_stops_nothing(monkeypatch, jump):
    monkeypatch.setattr(clock, "_at_start", clock._at_start - jump)
    clock.check_clock_has_not_jumped()
