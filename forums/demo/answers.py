"""Answers of the demonstration: a dossier that was sent, acknowledged, and answered in part."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from forums.dossier import sending
from forums.models import Answer, Dossier, Results

SLUG = "forum-regional-automne-2025"
ANSWERS = [
    (
        Answer.State.IN_PROGRESS,
        "Un guide d’achat pour les municipalités est en rédaction; six d’entre elles le relisent.",
        "Comité des achats collectifs",
        120,
    ),
    (
        Answer.State.ACCEPTED,
        "Le Ralliement inscrit la reprise collective à son plan de l’année et cherche un partenaire financier.",
        "Service de la relève",
        300,
    ),
    (
        Answer.State.REFUSED,
        "Le transport des préposées relève du réseau de la santé : nous appuierons votre demande, sans la porter.",
        "",
        None,
    ),
]
# The last one awaits the hub's confirmation.
CONFIRMED = 2


@transaction.atomic
def seed() -> None:
    results = Results.objects.filter(forum__slug=SLUG).first()
    team = User.objects.filter(email="direction@pole.example").first()
    if results is None or team is None or Dossier.objects.filter(results=results).exists():
        return
    dossier = sending.send_dossier(
        results_id=results.pk,
        organisation="Ralliement québécois des entreprises collectives",
        person="Renaud Gratton-Lévis",
        email="dossiers@ralliement.example",
        language="fr",
        message="Voici ce que la région a retenu. Vos réponses paraîtront sur la page de suivi.",
        by=team,
    )
    sending.acknowledge(dossier_id=dossier.pk, name="Renaud Gratton-Lévis")
    priorities = list(results.priorities.order_by("position"))
    for number, ((state, text, body, days), priority) in enumerate(zip(ANSWERS, priorities, strict=False)):
        answer = sending.answer_priority(
            dossier_id=dossier.pk,
            priority=priority,
            state=state,
            text=text,
            body=body,
            due_on=timezone.localdate() + timedelta(days=days) if days else None,
        )
        if number < CONFIRMED:
            sending.confirm_answer(answer_id=answer.pk, seen_at=answer.answered_at, by=team)
