"""`manage.py service_failed UNIT`: systemd starts it when a service of the portal fails (deploy/pole-failed@.service)."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from pole.hooks.team_alerts import tell_team
from pole.mail import delivery
from pole.models import OutgoingMail
from pole.server import work_queue

log = logging.getLogger(__name__)

WORKER = "pole-worker"


class Command(BaseCommand):
    help = "Écrit à la direction qu’un service a échoué; si la base ne répond pas, à POLE_ALERTS_TO."
    # What failed may be what they would look at.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("unit", help="par exemple pole-worker")

    def handle(self, *, unit: str, **options: Any) -> None:
        self.stderr.write(f"{unit} a échoué: « systemctl status {unit} », « journalctl -u {unit} ».")
        try:
            tell_team("service_failed", key=unit, values={"name": unit})
            _deliver_without_worker(unit)
        except DatabaseError as error:
            log.error("the team could not be told: %s", error)  # noqa: TRY400 - the database is away, nothing else
            _write_to_operator(unit)


def _deliver_without_worker(unit: str) -> None:
    """What failed may be the worker, which delivers mail. One that takes a mail meanwhile finds it held, or gone."""
    # A worker that just died is counted as living for a minute.
    if unit != WORKER and work_queue.living_workers().exists():
        return
    waiting = OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING, is_to_team=True, attempts=0)
    for pk in waiting.order_by("pk").values_list("pk", flat=True)[:20]:
        try:
            delivery.deliver(pk)
        except delivery.TryAgain:
            # The relay is away: the worker tries again, once it runs.
            return


def _write_to_operator(unit: str) -> None:
    if not settings.ALERTS_TO:
        return
    body = (
        f"{unit} a échoué sur {settings.BASE_URL}, et la base de données ne répond pas.\n\n"
        f"À faire sur le serveur: « systemctl status postgresql {unit} », puis « journalctl -u {unit} »."
    )
    message = EmailMessage(f"Le portail: {unit} a échoué", body, to=[settings.ALERTS_TO])
    mailers["delivery"].send_messages([message])
