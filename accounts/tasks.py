"""What the worker does for accounts."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.mailing import team_alerts, team_digest
from accounts.privacy import kept_file
from pole.hooks.retention import run_rules
from pole.server.work_queue import WHEN_DATABASE_IS_BACK


@app.periodic(cron="15 * * * *")
@app.task(name="erase_accounts", queueing_lock="erase_accounts")
def erase_accounts(timestamp: int) -> None:
    """Each hour: the accounts whose owners asked to go, and have not changed their minds."""
    run_rules("erase_accounts", timezone.now())


@app.task(name="export_erasures", retry=WHEN_DATABASE_IS_BACK)
def export_erasures() -> None:
    """What was just erased or withdrawn, beside the backups: a restore must know it."""
    kept_file.export()


@app.periodic(cron="*/10 * * * *")
@app.task(name="tell_team", queueing_lock="tell_team")
def tell_team(timestamp: int) -> None:
    """Every ten minutes: what waits, to whom it is time to tell it; and at once what is wrong."""
    team_alerts.watch(now=timezone.now())
    team_digest.send_due(now=timezone.now())


@app.periodic(cron="15 4 * * *")
@app.task(name="forget_sessions", queueing_lock="forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Each night: the sessions that have expired."""
    run_rules("forget_sessions", timezone.now())


@app.periodic(cron="25 4 * * *")
@app.task(name="delete_expired_invitations", queueing_lock="delete_expired_invitations")
def delete_expired_invitations(timestamp: int) -> None:
    """Each night: the invitations to the team that expired a month ago."""
    run_rules("delete_expired_invitations", timezone.now())
