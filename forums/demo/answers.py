"""Answers of the demonstration: a dossier that was sent, acknowledged, and answered in part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forums.dossier import sending
from forums.models import Dossier, Results


@transaction.atomic
def seed(*, slug: str, recipient: Mapping[str, str], answers: Iterable[Mapping[str, Any]]) -> None:
    """Sends the results of a forum once, and answers its first priorities; some answers await the hub's confirmation."""
    results = Results.objects.filter(forum__slug=slug).first()
    team = User.objects.filter(email="direction@pole.example").first()
    if results is None or team is None or Dossier.objects.filter(results=results).exists():
        return
    dossier = sending.send_dossier(results_id=results.pk, by=team, **recipient)
    sending.acknowledge(dossier_id=dossier.pk, name=dossier.person)
    for given, priority in zip(answers, results.priorities.order_by("position"), strict=False):
        answer = sending.answer_priority(
            dossier_id=dossier.pk,
            priority=priority,
            **{name: given[name] for name in ("state", "text", "body")},
            due_on=timezone.localdate() + timedelta(days=given["days"]) if "days" in given else None,
        )
        if given["is_confirmed"]:
            sending.confirm_answer(answer_id=answer.pk, seen=answer.shown_version, by=team)
