"""Background work of the blog. Arguments are row ids only: they are stored and logged."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from blog.wordpress import running
from pole.hooks.retention import run_rules

# The database that went away, or another import that is running.
_AGAIN = RetryStrategy(
    max_attempts=20,
    wait=60,
    retry_exceptions=[OperationalError, InterfaceError, running.SiteImportRefused],
)


@app.task(name="import_site", retry=_AGAIN)
def import_site(*, site_import_id: int) -> None:
    """Tries, runs or undoes an import that staff asked for; if its worker dies, it goes on."""
    running.run(site_import_id=site_import_id)


@app.periodic(cron="20 7 * * *")
@app.task(name="forget_former_sites")
def forget_former_sites(timestamp: int) -> None:
    """Every night: the files of imports that are a month old."""
    run_rules("forget_former_sites", timezone.now())
