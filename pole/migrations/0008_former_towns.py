"""Merged towns and former names, from data/former_towns.csv."""

import csv
from pathlib import Path

from django.db import migrations

from pole.caching.content_versions import raise_version_on_change
from pole.geo.gazetteer import place_key

TOWNS = Path(__file__).resolve().parent.parent / "data" / "former_towns.csv"


def load(apps, schema_editor):
    Municipality = apps.get_model("pole", "Municipality")
    former_model = apps.get_model("pole", "FormerMunicipality")
    known = set(Municipality.objects.values_list("code", flat=True))
    with TOWNS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["code"] in known]
    towns = {
        place_key(row["name"]): former_model(
            key=place_key(row["name"]), name=row["name"], municipality_id=row["code"]
        )
        for row in rows
    }
    former_model.objects.bulk_create(towns.values(), ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("pole", "0007_places")]
    operations = [
        migrations.RunPython(load, migrations.RunPython.noop),
        raise_version_on_change("hub", "pole_formermunicipality"),
    ]
