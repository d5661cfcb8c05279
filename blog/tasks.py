"""Background work of the blog. Arguments are row ids only: they are stored and logged."""

from __future__ import annotations

from procrastinate.contrib.django import app

from blog.wordpress import running
from pole.server.work_queue import WHEN_DATABASE_IS_BACK


@app.task(name="import_site", retry=WHEN_DATABASE_IS_BACK)
def import_site(*, site_import_id: int) -> None:
    """Tries, runs or undoes an import that staff asked for; if its worker dies, it goes on."""
    running.run(site_import_id=site_import_id)
