"""Background work of the directory. Arguments are row ids only: they are stored and logged."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import User
from enterprises.duplicates import merging
from enterprises.exporting import made
from enterprises.importing import running, trial, undoing
from enterprises.listing import bulk
from enterprises.ownership import yearly_checkups
from pole.caching.public_pages import read_public_state
from pole.hooks.retention import run_rules
from pole.server.work_queue import WHEN_DATABASE_IS_BACK


@app.task(name="try_import", retry=WHEN_DATABASE_IS_BACK)
def try_import(*, import_id: int) -> None:
    """Compares a spreadsheet with the directory; staff follow it, and nothing is written there."""
    trial.try_import(import_id=import_id)


@app.task(name="undo_import", retry=WHEN_DATABASE_IS_BACK)
def undo_import(*, import_id: int, by: int) -> None:
    """Takes back what an import wrote, at once or not at all."""
    undoing.undo(import_id=import_id, by=User.objects.filter(pk=by).first())


@app.task(name="run_import", retry=WHEN_DATABASE_IS_BACK)
def run_import(*, import_id: int) -> None:
    """Runs an import that staff asked for. If it fails, staff see it, and nothing is left; if its worker dies, it begins again."""
    running.run(import_id=import_id)
    merging.find_pairs()


@app.task(name="change_listings", retry=WHEN_DATABASE_IS_BACK)
def change_listings(*, change_id: int) -> None:
    """Changes many listings as staff prepared it; if its worker dies, it begins again, from nothing."""
    bulk.apply_queued(change_id=change_id, now=timezone.now())


@app.periodic(cron="0 13 * * *")
@app.task(name="ask_whether_listings_are_exact")
def send_checkups(timestamp: int) -> None:
    """Every morning in Québec: yearly checkups, reminders, listings to call."""
    yearly_checkups.send_checkups(now=timezone.now())


@app.periodic(cron="30 7 * * *")
@app.task(name="find_duplicates")
def find_duplicates(timestamp: int) -> None:
    """Every night, over the whole directory."""
    merging.find_pairs()


@app.periodic(cron="5 5 * * *")
@app.task(name="forget_imports", queueing_lock="forget_imports")
def forget_imports(timestamp: int) -> None:
    """Every night."""
    run_rules("forget_imports", timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="renew_exports", queueing_lock="renew_exports", lock="renew_exports")
def renew_exports(timestamp: int) -> None:
    """Every five minutes: the files of the whole directory, when it changed."""
    made.renew(read_public_state(timezone.now()))
