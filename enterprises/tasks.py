"""Background work of the directory. Arguments are row ids only: they are stored and logged."""

from __future__ import annotations

from procrastinate.contrib.django import app

from enterprises.importing import running


@app.task(name="run_import")
def run_import(*, import_id: int) -> None:
    """Runs an import that staff asked for. Not retried: staff see that it failed, and nothing is left."""
    running.run(key=import_id)
