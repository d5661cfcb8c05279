"""Background work of the directory. Arguments are row ids only: they are stored and logged."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from enterprises.duplicates import merging
from enterprises.importing import running
from enterprises.ownership import yearly_checkups


@app.task(name="run_import")
def run_import(*, import_id: int) -> None:
    """Runs an import that staff asked for. Not retried: staff see that it failed, and nothing is left."""
    running.run(import_id=import_id)
    merging.find_pairs()


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
