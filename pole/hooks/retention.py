"""What is kept, for how long, and what erases it: each package offers its rules (`settings.RETENTION`).

The worker's tasks run these rules and no others; the pages that say them read them here. So what is said is what is done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

from pole.hooks.diagnostics import Sentence
from pole.models import RetentionRun
from pole.server.clock import check_clock_has_not_jumped

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """`erase` and `task` of what the worker erases, and when; without, it goes with what it belongs to, or by itself."""

    key: str
    what: Sentence
    how_long: Sentence
    # Of the periodic task that runs it.
    task: str = ""
    erase: Callable[[datetime], int] | None = None
    # Whether it is about people: visitors read these.
    is_personal: bool = True


def rules() -> list[Rule]:
    return [rule for path in settings.RETENTION for rule in import_string(path)]


def run_rules(task: str, now: datetime) -> int:
    """Every rule of a task, whatever becomes of the others; how many rows or files went. Raises what they raised."""
    check_clock_has_not_jumped()
    erased, failed = 0, []
    for rule in rules():
        if rule.task != task or rule.erase is None:
            continue
        try:
            count = rule.erase(now)
        except Exception as error:
            log.exception("rule of retention %s", rule.key)
            failed.append(error)
            continue
        RetentionRun.objects.update_or_create(rule=rule.key, defaults={"ran_at": now, "erased": count})
        erased += count
    if failed:
        raise ExceptionGroup(f"some rules of {task} failed", failed)
    return erased
