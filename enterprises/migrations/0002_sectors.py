"""The sectors that every installation starts with; staff may change them afterwards."""

import tomllib
from pathlib import Path

from django.db import migrations

SECTORS = Path(__file__).resolve().parent.parent / "data" / "sectors.toml"


def load(apps, schema_editor):
    Sector = apps.get_model("enterprises", "Sector")
    with SECTORS.open("rb") as file:
        rows = tomllib.load(file)["sector"]
    Sector.objects.bulk_create(
        [
            Sector(slug=row["code"], name=row["name"], name_en=row["name_en"], synonyms=row["synonyms"])
            for row in rows
        ],
        ignore_conflicts=True,  # migrated again after a step back, which keeps them
    )


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0001_initial")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
